package sfnapi

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// Whatever is sent, the answer is a success or a refusal in the form of the API, and never
// a fault of the server.
func FuzzHandler(f *testing.F) {
	arns := strings.NewReplacer(`"m:`, `"arn:aws:states:us-east-1:000000000000:stateMachine:`, `"x:`, `"arn:aws:states:us-east-1:000000000000:execution:`, `"ex:`, `"arn:aws:states:us-east-1:000000000000:express:`,
		`"act:`, `"arn:aws:states:us-east-1:000000000000:activity:`)
	for _, c := range golden.Read(f, "testdata/*.txt") {
		for _, input := range c.Inputs() {
			operation, body, _ := strings.Cut(input, " ")
			f.Add("POST", "/", operation, "us-east-1", "", arns.Replace(body))
		}
	}
	f.Add("GET", healthPath, "", "", "", "")
	f.Add("OPTIONS", "*", "ListStateMachines", "a/b", "https://x", "{}")
	h, err := Open(f.Context(), nil, Config{Origins: []string{"https://x"}, MaxBody: 64 << 10, Poll: time.Millisecond})
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, h.Close(context.Background())) })
	for _, name := range []string{"e", "t", "w", "u", "p"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Replace(waits, `"a"`, `"`+name+`"`, 1)))
		r.Header.Set("X-Amz-Target", targetPrefix+"CreateStateMachine")
		h.ServeHTTP(w, r)
		require.Equal(f, http.StatusOK, w.Code)
	}
	f.Fuzz(func(t *testing.T, method, path, operation, region, origin, body string) {
		r := &http.Request{Method: method, Header: make(http.Header), Body: http.NoBody}
		r.URL = httptest.NewRequest(http.MethodPost, "/", nil).URL
		r.URL.Path = path
		if body != "" {
			r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
			r.Method, r.URL.Path = method, path
		}
		r.Header.Set("X-Amz-Target", targetPrefix+operation)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/1/"+region+"/states/aws4_request")
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		w := httptest.NewRecorder()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // who starts an Express execution may wait for it
		defer cancel()
		h.ServeHTTP(w, r.WithContext(context.WithValue(ctx, http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})))
		if ctx.Err() != nil {
			return
		}
		require.True(t, slices.Contains([]int{200, 204, 400, 403, 404, 413}, w.Code), "%d %s", w.Code, w.Body)
		if method == http.MethodHead || w.Code == http.StatusNoContent {
			return
		}
		answer, err := jsonvalue.Parse(w.Body.Bytes())
		require.NoError(t, err)
		kind, refused := answer.Get("__type")
		require.Equal(t, w.Code != http.StatusOK, refused)
		if refused {
			name, _ := kind.AsString()
			require.Contains(t, name, "#")
		}
	})
}
