package runtime

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/uuid"
	"github.com/statemill/statemill/jsonvalue"
)

// Lambda performs arn:aws:states:::lambda:invoke. It calls functions, in most cases
// a [Mux], with another task: its Resource is the ARN in FunctionName, followed by
// the Qualifier if there is one, and its Input is Payload. It returns the result in
// the envelope that AWS returns.
//
// A FunctionName that is no ARN names a function in the region and account of the
// execution. As on AWS, a Payload that is a string is read as JSON text. If Payload
// is absent or null, the input is an empty object. With the LogType Tail the
// envelope has an empty LogResult.
//
// If nobody performs the function, the error is [ErrNoTask]: the execution ends
// with States.Runtime, which no Catch takes. On AWS the task fails instead: for
// that, let a "*" in the Mux return a TaskError with the name
// Lambda.ResourceNotFoundException.
func Lambda(functions TaskInvoker) TaskInvoker {
	return InvokerFunc(func(ctx context.Context, task *Task) (jsonvalue.Value, error) {
		call, err := lambdaCall(task)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		out, err := functions.InvokeTask(ctx, call)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		return lambdaEnvelope(task, out), nil
	})
}

// lambdaCall returns the task that the function performs.
func lambdaCall(task *Task) (*Task, error) {
	name, _ := task.Input.Get("FunctionName")
	function, ok := name.AsString()
	if !ok {
		return nil, &TaskError{Name: asl.StatesRuntime, Cause: "The field 'FunctionName' is required but was missing"}
	}
	call := *task
	call.Resource = functionARN(function, task.Execution)
	if q, ok := task.Input.Get("Qualifier"); ok {
		if qualifier, _ := q.AsString(); qualifier != "" {
			call.Resource += ":" + qualifier
		}
	}
	call.Input = jsonvalue.Object()
	if payload, ok := task.Input.Get("Payload"); ok && !payload.IsNull() {
		call.Input = payload
		if text, isText := payload.AsString(); isText {
			v, err := jsonvalue.Parse([]byte(text))
			if err != nil {
				return nil, &TaskError{Name: "Lambda.InvalidRequestContentException", Cause: "Could not parse request body into json: " + err.Error()}
			}
			call.Input = v
		}
	}
	return &call, nil
}

// functionARN completes the name of a function by the region and account of the
// execution that calls it.
func functionARN(function, execution string) string {
	if strings.HasPrefix(function, "arn:") {
		return function
	}
	parts := strings.Split(execution, ":")
	if len(parts) < 5 {
		return function
	}
	return "arn:" + parts[1] + ":lambda:" + parts[3] + ":" + parts[4] + ":function:" + function
}

// requestID returns an id that is the same for the same attempt.
func requestID(task *Task) string {
	sum := sha256.Sum256([]byte(task.ID()))
	return uuid.Format([16]byte(sum[:16]), 4)
}

func lambdaEnvelope(task *Task, payload jsonvalue.Value) jsonvalue.Value {
	text, request := jsonvalue.String, requestID(task)
	headers := []jsonvalue.Member{
		{Name: "Connection", Value: text("keep-alive")},
		{Name: "Content-Length", Value: text(strconv.Itoa(payload.Size()))},
		{Name: "Content-Type", Value: text("application/json")},
		{Name: "X-Amz-Executed-Version", Value: text("$LATEST")},
		{Name: "x-amzn-Remapped-Content-Length", Value: text("0")},
		{Name: "x-amzn-RequestId", Value: text(request)},
	}
	members := []jsonvalue.Member{{Name: "ExecutedVersion", Value: text("$LATEST")}}
	if logType, _ := task.Input.Get("LogType"); logType.Equal(text("Tail")) {
		members = append(members, jsonvalue.Member{Name: "LogResult", Value: text("")})
	}
	members = append(members, jsonvalue.Member{Name: "Payload", Value: payload})
	members = append(members, sdkMetadata(request, headers...)...)
	return jsonvalue.Object(append(members, jsonvalue.Member{Name: "StatusCode", Value: jsonvalue.Int(200)})...)
}

// sdkMetadata returns what the responses of optimized integrations have besides the result.
func sdkMetadata(request string, headers ...jsonvalue.Member) []jsonvalue.Member {
	all := make([]jsonvalue.Member, len(headers))
	for i, h := range headers {
		all[i] = jsonvalue.Member{Name: h.Name, Value: jsonvalue.Array(h.Value)}
	}
	return []jsonvalue.Member{
		{Name: "SdkHttpMetadata", Value: jsonvalue.Object(
			jsonvalue.Member{Name: "AllHttpHeaders", Value: jsonvalue.Object(all...)},
			jsonvalue.Member{Name: "HttpHeaders", Value: jsonvalue.Object(headers...)},
			jsonvalue.Member{Name: "HttpStatusCode", Value: jsonvalue.Int(200)},
		)},
		{Name: "SdkResponseMetadata", Value: jsonvalue.Object(
			jsonvalue.Member{Name: "RequestId", Value: jsonvalue.String(request)},
		)},
	}
}
