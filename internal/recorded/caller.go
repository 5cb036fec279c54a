package recorded

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"github.com/statemill/statemill/jsonvalue"
)

// HTTPCaller sends calls to an endpoint, or to a Handler in this process.
type HTTPCaller struct {
	Client   *http.Client
	Endpoint string
	Sign     func(r *http.Request, body []byte) // Default: nil, nothing is signed
}

// Call implements Caller.
func (h *HTTPCaller) Call(operation string, args jsonvalue.Value) (int, jsonvalue.Value, error) {
	asked := args.AppendJSON(nil)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, h.Endpoint, bytes.NewReader(asked))
	if err != nil {
		return 0, jsonvalue.Value{}, err
	}
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	if h.Sign != nil {
		h.Sign(r, asked)
	}
	response, err := h.Client.Do(r)
	if err != nil {
		return 0, jsonvalue.Value{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, jsonvalue.Value{}, err
	}
	body, err := jsonvalue.Parse(text)
	return response.StatusCode, body, err
}
