package sfnapi_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/sfnapi"
)

// What is beside the API answers its own requests alone, and a request that waits ends with the server.
func TestBeside(t *testing.T) {
	h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{Region: "eu-west-1"})
	require.NoError(t, err)
	defer h.Close(t.Context())
	waits := make(chan bool)
	h.Handle("/page/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/page/wait" {
			waits <- true
			<-r.Context().Done()
		}
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path)
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.Serve(ctx, listener) }()
	ask := func(method, path string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+listener.Addr().String()+path, strings.NewReader("{}"))
		require.NoError(t, err)
		r.Header.Set("X-Amz-Target", "AWSStepFunctions.ListStateMachines")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(text)
	}
	for path, want := range map[string]string{"/page/x": "POST /page/x", "/": `{"stateMachines":[]}`, "/other": `{"stateMachines":[]}`} {
		status, text := ask(http.MethodPost, path)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, want, text)
	}
	status, text := ask(http.MethodGet, "/_statemill/health")
	require.Equal(t, http.StatusOK, status, text)

	answered := make(chan string)
	go func() {
		_, text := ask(http.MethodGet, "/page/wait")
		answered <- text
	}()
	<-waits
	stop()
	require.Equal(t, "GET /page/wait", <-answered)
	require.NoError(t, <-ended)
}

// The regions are those that have something, and that of requests which name none.
func TestRegions(t *testing.T) {
	h, err := sfnapi.Open(t.Context(), nil, sfnapi.Config{Region: "eu-west-1"})
	require.NoError(t, err)
	defer h.Close(t.Context())
	for _, region := range []string{"us-east-1", "us-east-1", "cn-north-1", "eu-west-1"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", strings.NewReader(`{"name": "a`+region+`"}`))
		require.NoError(t, err)
		r.Header.Set("X-Amz-Target", "AWSStepFunctions.CreateActivity")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/"+region+"/states/aws4_request")
		answer, err := h.RoundTrip(r)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	regions, err := h.Regions(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"cn-north-1", "eu-west-1", "us-east-1"}, regions)
}
