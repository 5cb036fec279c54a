package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// post performs a task by sending its input to a server.
type post struct{ url string }

// maxResult is how many bytes of a result are read. No state can have more than 256 KiB.
const maxResult = 1 << 20

// InvokeTask implements runtime.TaskInvoker.
func (p post) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(task.Input.AppendJSON(nil)))
	if err != nil {
		return jsonvalue.Value{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	for name, value := range about(task) {
		request.Header.Set("Statemill-"+name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	body, err := bodyOf(response, p.url)
	switch {
	case err != nil:
		return jsonvalue.Value{}, err
	case response.StatusCode/100 != 2:
		if failure, ok := failureOf(body); ok {
			return jsonvalue.Value{}, failure
		}
		return jsonvalue.Value{}, &runtime.TaskError{Name: "States.Http.StatusCode." + strconv.Itoa(response.StatusCode), Cause: string(body[:min(len(body), maxCause)])}
	}
	return resultOf(body, p.url)
}

// bodyOf reads an answer to its end.
func bodyOf(response *http.Response, from string) ([]byte, error) {
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResult+1))
	if err == nil && len(body) > maxResult {
		err = &runtime.TaskError{Name: asl.StatesDataLimitExceeded, Cause: "the answer of " + from + " has more than 1 MiB"}
	}
	return body, err
}

// resultOf reads a result; nothing is an empty object.
func resultOf(text []byte, from string) (jsonvalue.Value, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return jsonvalue.Object(), nil
	}
	v, err := jsonvalue.Parse(text)
	if err != nil {
		return v, fmt.Errorf("the result of %s is not JSON: %w", from, err)
	}
	return v, nil
}
