package sfnapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/sfnapi"
	"github.com/statemill/statemill/runtime/store"
)

// executions hide what an Engine has beyond runtime.Executions.
type executions struct{ runtime.Executions }

// The executions need not be those of an Engine; what they do not offer is refused.
func TestExecutionsOfOthers(t *testing.T) {
	engine, err := runtime.Open(t.Context(), store.Memory(), runtime.EngineConfig{})
	require.NoError(t, err)
	defer func() { require.NoError(t, engine.Close(context.Background())) }()
	h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{Executions: executions{engine}})
	require.NoError(t, err)
	defer func() { require.NoError(t, h.Close(context.Background())) }()
	require.Nil(t, h.Engine())
	const machine, one = "arn:aws:states:us-east-1:000000000000:stateMachine:m", "arn:aws:states:us-east-1:000000000000:execution:m:one"
	const definition = `"name": "m", "roleArn": "arn:r", "definition": "{\"StartAt\": \"W\", \"States\": {\"W\": {\"Type\": \"Wait\", \"Seconds\": 3600, \"End\": true}}}"`
	for _, step := range []struct {
		operation, body string
		status          int
		says            string
	}{
		{"CreateStateMachine", `{` + definition + `, "loggingConfiguration": {"level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:x:*"}}]}}`, 400, "are not logged"},
		{"CreateStateMachine", `{` + definition + `}`, 200, machine},
		{"StartExecution", `{"stateMachineArn": "` + machine + `", "name": "one"}`, 200, one},
		{"DescribeExecution", `{"executionArn": "` + one + `"}`, 200, "RUNNING"},
		{"ListMapRuns", `{"executionArn": "` + one + `"}`, 400, "have no Map Runs"},
		{"CreateActivity", `{"name": "a"}`, 200, "activity:a"},
		{"GetActivityTask", `{"activityArn": "arn:aws:states:us-east-1:000000000000:activity:a"}`, 400, "have no tasks for GetActivityTask"},
		{"DeleteStateMachine", `{"stateMachineArn": "` + machine + `"}`, 200, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", strings.NewReader(step.body))
		r.Header.Set("X-Amz-Target", "AWSStepFunctions."+step.operation)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, step.status, w.Code, "%s: %s", step.operation, w.Body)
		assert.Contains(t, w.Body.String(), step.says)
	}
	_, err = engine.Wait(t.Context(), one)
	assert.ErrorContains(t, err, "has been deleted")
}
