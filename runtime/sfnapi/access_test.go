package sfnapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

func openTest(t *testing.T, c Config) *Handler {
	t.Helper()
	h, err := Open(t.Context(), nil, c)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close(context.Background())) })
	return h
}

// ask sends a request to a handler, as if it came to the address local, and returns the
// status and the type of the fault.
func ask(h http.Handler, local net.Addr, method, operation, body string, header ...string) (int, string, http.Header) {
	r := httptest.NewRequest(method, "http://anything/", strings.NewReader(body))
	if local != nil {
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
	}
	if operation != "" {
		r.Header.Set("X-Amz-Target", targetPrefix+operation)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	_, fault, _ := strings.Cut(w.Body.String(), `"__type":"`)
	_, fault, _ = strings.Cut(fault, "#")
	fault, _, _ = strings.Cut(fault, `"`)
	return w.Code, fault, w.Header()
}

// Only this machine may call, and only pages of origins that are listed.
func TestWhoMayCall(t *testing.T) {
	const list = "ListStateMachines"
	loopback, outside := &net.TCPAddr{IP: net.IPv6loopback}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}
	private := openTest(t, Config{Origins: []string{"https://a.example"}})
	public := openTest(t, Config{Public: true})
	for _, c := range []struct {
		name, method, want string
		h                  *Handler
		local              net.Addr
		header             []string
		status             int
	}{
		{"this machine", "POST", "", private, loopback, nil, 200},
		{"a socket of this machine", "POST", "", private, &net.UnixAddr{}, nil, 200},
		{"this process", "POST", "", private, nil, nil, 200},
		{"another machine", "POST", "AccessDeniedException", private, outside, nil, 403},
		{"another machine, of a public server", "POST", "", public, outside, nil, 200},
		{"a connection of another kind", "POST", "AccessDeniedException", private, &net.IPAddr{}, nil, 403},
		{"a page", "POST", "AccessDeniedException", private, loopback, []string{"Origin", "https://b.example"}, 403},
		{"a page, of a public server", "POST", "AccessDeniedException", public, loopback, []string{"Origin", "null"}, 403},
		{"a page that is listed", "POST", "", private, loopback, []string{"Origin", "https://a.example"}, 200},
		{"two origins", "POST", "AccessDeniedException", private, loopback, []string{"Origin", "https://a.example", "Origin", "https://a.example"}, 403},
		{"a browser asks first", "OPTIONS", "", private, loopback, []string{"Origin", "https://a.example", "Access-Control-Request-Headers", "x-amz-target"}, 204},
		{"a browser asks first, for another page", "OPTIONS", "AccessDeniedException", private, loopback, []string{"Origin", "https://b.example"}, 403},
		{"options without origin", "OPTIONS", "UnknownOperationException", private, loopback, nil, 404},
		{"get", "GET", "UnknownOperationException", private, loopback, nil, 404},
		{"head", "HEAD", "", private, loopback, nil, 404},
		{"put", "PUT", "UnknownOperationException", private, loopback, nil, 404},
	} {
		status, fault, header := ask(c.h, c.local, c.method, list, "{}", c.header...)
		require.Equal(t, c.status, status, c.name)
		require.Equal(t, c.want, fault, c.name)
		allowed := header.Get("Access-Control-Allow-Origin")
		require.Equal(t, len(c.header) > 0 && c.want == "", allowed == "https://a.example", c.name)
	}
	_, _, header := ask(private, loopback, "OPTIONS", "", "", "Origin", "https://a.example", "Access-Control-Request-Headers", "x-amz-target")
	require.Equal(t, "x-amz-target", header.Get("Access-Control-Allow-Headers"))
}

// Requests that are no requests of the API are refused in its form.
func TestProtocol(t *testing.T) {
	h := openTest(t, Config{MaxBody: 1000})
	for _, c := range []struct {
		operation, body, want string
		status                int
	}{
		{"", "{}", "UnknownOperationException", 400},
		{"RunEverything", "{}", "UnknownOperationException", 400},
		{"ListStateMachines", strings.Repeat(" ", 998) + "{}", "", 200},
		{"ListStateMachines", strings.Repeat(" ", 999) + "{}", "RequestEntityTooLargeException", 413},
		{"ListStateMachines", strings.Repeat("[", 999), "SerializationException", 400},
		{"ListStateMachines", `{"a":`, "SerializationException", 400},
		{"ListStateMachines", "\xff\xfe", "SerializationException", 400},
		{"ListStateMachines", "", "SerializationException", 400},
		{"ListStateMachines", `{"unknown": [{}]}`, "", 200},
	} {
		status, fault, header := ask(h, nil, "POST", c.operation, c.body)
		require.Equal(t, c.status, status, c.body)
		require.Equal(t, c.want, fault, c.body)
		require.NotEmpty(t, header.Get("x-amzn-RequestId"))
	}
	status, _, _ := ask(h, nil, "POST", "ListStateMachines", "{}", "Authorization", "AWS4-HMAC-SHA256 Credential=a/../../x/states/y, Signature=")
	require.Equal(t, 200, status, "a region that is none is as good as none")
}

// brokenBody fails, or does worse.
type brokenBody struct{ panics any }

func (b brokenBody) Read([]byte) (int, error) {
	if b.panics != nil {
		panic(b.panics)
	}
	return 0, io.ErrUnexpectedEOF
}

func (b brokenBody) Close() error { return nil }

// A panic costs its request and no other; a body that ends too early is one that cannot
// be read.
func TestBrokenRequests(t *testing.T) {
	h := openTest(t, Config{})
	send := func(body io.ReadCloser) int {
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://x/", body)
		require.NoError(t, err)
		r.Header.Set("X-Amz-Target", targetPrefix+"ListStateMachines")
		response, err := h.RoundTrip(r)
		require.NoError(t, err)
		return response.StatusCode
	}
	require.Equal(t, 400, send(brokenBody{}))
	require.Equal(t, 500, send(brokenBody{panics: "secret"}))
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { send(brokenBody{panics: http.ErrAbortHandler}) })
	require.Equal(t, 200, send(io.NopCloser(strings.NewReader("{}"))))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := http.NewRequestWithContext(ctx, "POST", "http://x/", nil)
	require.NoError(t, err)
	_, err = h.RoundTrip(r)
	require.ErrorIs(t, err, context.Canceled)
}

// secretive is documents that fail, or that others change all the time.
type secretive struct {
	store.Documents
	err error
}

func (s secretive) Write(context.Context, ...store.Document) error { return s.err }

// What goes wrong inside is not told.
func TestFaultsOfTheServer(t *testing.T) {
	const create = `{"name": "a", "roleArn": "arn:r", "definition": "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"}`
	h := openTest(t, Config{Documents: secretive{store.Memory(), errors.New("the secret of the disk")}})
	status, fault, _ := ask(h, nil, "POST", "CreateStateMachine", create)
	require.Equal(t, 500, status)
	require.Equal(t, "InternalFailure", fault)
	h = openTest(t, Config{Documents: secretive{store.Memory(), store.ErrConflict}})
	status, fault, _ = ask(h, nil, "POST", "CreateStateMachine", create)
	require.Equal(t, 400, status)
	require.Equal(t, "ConflictException", fault)
}

// Lists without end cost no more than reading them.
func TestManyTags(t *testing.T) {
	h := openTest(t, Config{})
	must200(t, h, "CreateStateMachine", waits)
	const many = 100_000
	broken := `{"resourceArn": "` + theMachine + `", "tags": [` + strings.Repeat("{},", many) + `{}]}`
	r := httptest.NewRequest("POST", "http://x/", strings.NewReader(broken))
	r.Header.Set("X-Amz-Target", targetPrefix+"TagResource")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Contains(t, w.Body.String(), "100001 validation errors detected: Value null at 'tags.1.member.key'")
	require.Less(t, w.Body.Len(), 10<<10)

	var tags strings.Builder
	for i := range many {
		fmt.Fprintf(&tags, `{"key":"%x"},`, i)
	}
	refused(t, h, "TooManyTags", "TagResource", `{"resourceArn": "`+theMachine+`", "tags": [`+tags.String()+`{"key": "last", "value": ""}]}`)
}

// Beyond so many requests at a time others are told to come back.
func TestThrottling(t *testing.T) {
	h := openTest(t, Config{})
	require.True(t, h.running.TryAcquire(maxRequests))
	status, fault, _ := ask(h, nil, "POST", "ListStateMachines", "{}")
	require.Equal(t, 400, status)
	require.Equal(t, "ThrottlingException", fault)
	h.running.Release(maxRequests)
	status, _, _ = ask(h, nil, "POST", "ListStateMachines", "{}")
	require.Equal(t, 200, status)
}

func TestHealth(t *testing.T) {
	h := openTest(t, Config{})
	get := func() int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "http://x"+healthPath, nil))
		return w.Code
	}
	require.Equal(t, 200, get())
	require.NoError(t, h.Close(t.Context()))
	require.Equal(t, 503, get())
	status, fault, _ := ask(h, nil, "POST", "ListStateMachines", "{}")
	require.Equal(t, 503, status)
	require.Equal(t, "ServiceUnavailable", fault)
}

// pipes is a listener whose connections are pipes, which end in virtual time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// localPipe is a pipe that is at a loopback address.
type localPipe struct{ net.Conn }

func (localPipe) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// Clients that are slow or silent do not hold a connection for ever.
func TestSlowClients(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n"
	for _, c := range []struct{ name, sends, want string }{
		{"silent", "", ""},
		{"a header without end", head, ""},
		{"a body without end", head + "Content-Length: 10\r\n\r\n{", "HTTP/1.1 400 Bad Request"},
		{"an answer that is not followed by a request", head + "Content-Length: 2\r\n\r\n{}", "HTTP/1.1 200 OK"},
		{"headers that are too long", head + "X-Long: " + strings.Repeat("x", 200<<10) + "\r\n\r\n", "HTTP/1.1 431"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, err := Open(t.Context(), nil, Config{})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			listener, served := make(pipes), make(chan error, 1)
			go func() { served <- h.Serve(ctx, listener) }()
			client, server := net.Pipe()
			listener <- localPipe{server}
			go func() { _, _ = io.WriteString(client, c.sends) }()
			answer, err := io.ReadAll(client)
			require.NoError(t, err, c.name)
			require.True(t, bytes.HasPrefix(answer, []byte(c.want)), "%s: %s", c.name, answer)
			cancel()
			require.NoError(t, <-served, c.name)
			require.NoError(t, client.Close())
			require.NoError(t, h.Close(t.Context()))
		})
	}
}
