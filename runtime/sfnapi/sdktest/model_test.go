package sdktest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/sfnapi"
)

// inputs are the requests that are served.
var inputs = []any{
	sfn.CreateStateMachineInput{}, sfn.DeleteStateMachineInput{}, sfn.DeleteStateMachineVersionInput{}, sfn.ListStateMachineVersionsInput{},
	sfn.PublishStateMachineVersionInput{}, sfn.TagResourceInput{}, sfn.UntagResourceInput{}, sfn.ListTagsForResourceInput{},
	sfn.CreateActivityInput{}, sfn.DeleteActivityInput{}, sfn.DescribeActivityInput{}, sfn.ListActivitiesInput{}, sfn.GetActivityTaskInput{},
	sfn.CreateStateMachineAliasInput{}, sfn.UpdateStateMachineAliasInput{}, sfn.DescribeStateMachineAliasInput{}, sfn.DeleteStateMachineAliasInput{}, sfn.ListStateMachineAliasesInput{}, sfn.DescribeExecutionInput{}, sfn.DescribeStateMachineForExecutionInput{},
	sfn.DescribeStateMachineInput{}, sfn.GetExecutionHistoryInput{}, sfn.ListExecutionsInput{}, sfn.ListStateMachinesInput{}, sfn.RedriveExecutionInput{},
	sfn.SendTaskFailureInput{}, sfn.SendTaskHeartbeatInput{}, sfn.SendTaskSuccessInput{}, sfn.StartExecutionInput{}, sfn.StartSyncExecutionInput{}, sfn.StopExecutionInput{},
	sfn.TestStateInput{}, sfn.UpdateStateMachineInput{}, sfn.ValidateStateMachineDefinitionInput{},
}

// Every member of every request, at any depth, is one that the server knows: it notices
// if the type is wrong. A member that it does not know it would ignore.
func TestEveryMemberIsKnown(t *testing.T) {
	h := open(t)
	members := 0
	for _, in := range inputs {
		request := reflect.TypeOf(in)
		operation := strings.TrimSuffix(request.Name(), "Input")
		for _, body := range wrong(request) {
			members++
			require.Contains(t, post(t, h, operation, body), "#SerializationException", "%s %v", operation, body)
		}
	}
	require.Greater(t, members, 70)
}

// wrong returns requests that each have one member of a wrong type.
func wrong(t reflect.Type) (bodies []any) {
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Name == "ResultMetadata" {
			continue
		}
		name := strings.ToLower(f.Name[:1]) + f.Name[1:]
		kind := f.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		var value any = 1.5
		if kind.Kind() != reflect.String && kind.Kind() != reflect.Bool {
			value = "text"
		}
		bodies = append(bodies, map[string]any{name: value})
		switch {
		case kind.Kind() == reflect.Struct:
			for _, inner := range wrong(kind) {
				bodies = append(bodies, map[string]any{name: inner})
			}
		case kind.Kind() == reflect.Slice && kind.Elem().Kind() == reflect.Struct:
			for _, inner := range wrong(kind.Elem()) {
				bodies = append(bodies, map[string]any{name: []any{inner}})
			}
		}
	}
	return bodies
}

func post(t *testing.T, h *sfnapi.Handler, operation string, body any) string {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://here/", strings.NewReader(string(text)))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	response, err := h.RoundTrip(r)
	require.NoError(t, err)
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(answer)
}
