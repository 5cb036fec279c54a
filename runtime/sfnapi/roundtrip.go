package sfnapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
)

// RoundTrip implements http.RoundTripper: it answers a request in this process, without
// a port. The host of the request is not looked at.
//
//	sfn.New(sfn.Options{HTTPClient: &http.Client{Transport: handler}, ...})
func (h *Handler) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, err
	}
	inside := r.Clone(r.Context())
	if inside.Body == nil {
		inside.Body = http.NoBody
	}
	defer inside.Body.Close()
	w := &recorder{header: make(http.Header)}
	h.ServeHTTP(w, inside)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// Trusted returns a RoundTripper that answers as RoundTrip does, and asks for no signature,
// although Config.Secret is set. It is for requests that this program makes itself; do not hand
// those of others to it. It is safe for concurrent use.
func (h *Handler) Trusted() http.RoundTripper { return trusted{h} }

type trusted struct{ handler *Handler }

// trustKey is in the context of requests that need no signature. No client can set it.
type trustKey struct{}

func (t trusted) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.handler.RoundTrip(r.WithContext(context.WithValue(r.Context(), trustKey{}, true)))
}

// recorder keeps an answer in memory.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
