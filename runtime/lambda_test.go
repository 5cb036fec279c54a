package runtime_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

func calling(fields string) string {
	return `{"StartAt": "L", "States": {"L": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {` + fields + `},
		"OutputPath": "$.Payload", "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Hidden"}]}, "Hidden": {"Type": "Succeed"}}}`
}

// A function that nobody performs ends the execution, whatever it catches.
func TestLambdaWithoutFunction(t *testing.T) {
	_, err := runtime.Run(t.Context(), compile(t, calling(`"FunctionName": "price"`)), null, runtime.Mux{"*:lambda:invoke": runtime.Lambda(runtime.Mux{})})
	require.ErrorIs(t, err, runtime.ErrNoTask)
	var failed *runtime.ExecutionError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, asl.StatesRuntime, failed.Name)
	assert.Contains(t, failed.Cause, "arn:aws:lambda:us-east-1:000000000000:function:price")
}

// A pattern matches a function with and without its qualifier; one that names the
// qualifier goes first.
func TestQualifiers(t *testing.T) {
	named := func(name string) runtime.TaskInvoker {
		return invoke(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return jsonvalue.String(name), nil })
	}
	functions := runtime.Mux{"*:function:price": named("any"), "*:function:price:next": named("next")}
	for fields, want := range map[string]string{
		`"FunctionName": "price"`:                                                           "any",
		`"FunctionName": "price", "Qualifier": "live"`:                                      "any",
		`"FunctionName": "price", "Qualifier": "next"`:                                      "next",
		`"FunctionName": "arn:aws:lambda:eu-central-1:123456789012:function:price:live"`:    "any",
		`"FunctionName": "arn:aws:lambda:eu-central-1:123456789012:function:price:next"`:    "next",
		`"FunctionName": "arn:aws:lambda:eu-central-1:123456789012:function:price:$LATEST"`: "any",
	} {
		out, err := runtime.Run(t.Context(), compile(t, calling(fields)), null, runtime.Mux{"*:lambda:invoke": runtime.Lambda(functions)})
		require.NoError(t, err, fields)
		assert.Equal(t, `"`+want+`"`, out.String(), fields)
	}
	direct := `{"StartAt": "L", "States": {"L": {"Type": "Task", "Resource": "arn:aws:lambda:eu-central-1:123456789012:function:price:live", "End": true}}}`
	out, err := runtime.Run(t.Context(), compile(t, direct), null, functions)
	require.NoError(t, err)
	assert.Equal(t, `"any"`, out.String())
}
