package command

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// lambda performs functions by the operation Invoke of a server that has the API of AWS
// Lambda, such as sam local start-lambda. Requests are not signed.
type lambda struct{ endpoint string }

// newLambda checks the URL of a server.
func newLambda(endpoint string) (lambda, error) {
	if endpoint == "" {
		return lambda{}, fmt.Errorf("lambda needs --lambda-endpoint URL")
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return lambda{}, fmt.Errorf("--lambda-endpoint %s: expected a URL such as http://127.0.0.1:3001", endpoint)
	}
	return lambda{strings.TrimRight(endpoint, "/")}, nil
}

// InvokeTask implements runtime.TaskInvoker.
func (l lambda) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	_, function, ok := strings.Cut(task.Resource, ":function:")
	if !ok {
		return jsonvalue.Value{}, fmt.Errorf("%s is no function", task.Resource)
	}
	name, qualifier, _ := strings.Cut(function, ":")
	where := l.endpoint + "/2015-03-31/functions/" + url.PathEscape(name) + "/invocations"
	if qualifier != "" {
		where += "?Qualifier=" + url.QueryEscape(qualifier)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, where, bytes.NewReader(task.Input.AppendJSON(nil)))
	if err != nil {
		return jsonvalue.Value{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return jsonvalue.Value{}, &runtime.TaskError{Name: "Lambda.SdkClientException", Cause: err.Error()}
	}
	body, err := bodyOf(response, where)
	switch {
	case err != nil:
		return jsonvalue.Value{}, err
	case response.StatusCode/100 != 2:
		return jsonvalue.Value{}, refusedBy(response, body)
	case response.Header.Get("X-Amz-Function-Error") != "":
		return jsonvalue.Value{}, functionError(body)
	}
	return resultOf(body, where)
}

// functionError is the failure of a function that threw: its type, and all that it said as the cause.
func functionError(body []byte) error {
	name := "Exception"
	if v, err := jsonvalue.Parse(body); err == nil {
		member, _ := v.Get("errorType")
		if text, ok := member.AsString(); ok && text != "" {
			name = text
		}
	}
	return &runtime.TaskError{Name: name, Cause: string(body)}
}

// refusedBy is the failure of a call that the service refuses.
func refusedBy(response *http.Response, body []byte) error {
	name, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
	if name == "" {
		name = map[int]string{
			http.StatusNotFound: "ResourceNotFoundException", http.StatusTooManyRequests: "TooManyRequestsException",
		}[response.StatusCode]
	}
	if name == "" {
		name = "ServiceException"
	}
	return &runtime.TaskError{Name: "Lambda." + name, Cause: string(body[:min(len(body), maxCause)])}
}
