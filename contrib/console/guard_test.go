package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every answer forbids the page to load or call anything else, be it a page, data or a refusal.
func TestHeaders(t *testing.T) {
	s := open(t, Config{})
	for path, status := range map[string]int{
		"/": 200, "/assets/console.js": 200, "/about": 200, "/assets/none": 404, "/none": 404, "/execution?arn=none": 404, "/visit?arn=none": 404,
		"/history?arn=x&after=-1": 400, "/history?arn=x&limit=2000": 400, "/events?arn=none": 404, "/graph?machine=none": 400, "/graph.svg?machine=none": 400, "/executions?since=x": 400,
	} {
		answer, text := s.ask(http.MethodGet, path, "")
		assert.Equal(t, status, answer.StatusCode, "%s: %s", path, text)
		h := answer.Header
		assert.Equal(t, policy, h.Get("Content-Security-Policy"), path)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"), path)
		if status == 200 && (path == "/" || strings.HasPrefix(path, "/assets/")) {
			assert.Equal(t, "no-cache", h.Get("Cache-Control"), path)
		} else {
			assert.Equal(t, "no-store", h.Get("Cache-Control"), path)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	s := open(t, Config{Hosts: []string{"flows.example.org"}})
	body := `{"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"}`
	for _, c := range []struct {
		method, path, body string
		headers            []string
		status             int
	}{
		{"POST", "/api/ListStateMachines", "{}", nil, 200},
		{"POST", "/api/ListStateMachines", "{}", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"POST", "/api/ListStateMachines", "{}", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"POST", "/api/ListStateMachines", "{}", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"POST", "/api/ListStateMachines", "{}", []string{"Origin", "http://evil.example"}, 403},
		{"POST", "/api/StartExecution", body, []string{"Content-Type", "text/plain"}, 415},
		{"POST", "/check", "{}", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"POST", "/api/ListStateMachines", "{}", []string{"Content-Type", "application/json; charset=utf-8"}, 200},
		{"GET", "/about", "", []string{"Host", "evil.example"}, 403},
		{"GET", "/events", "", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors"}, 403},
		{"GET", "/", "", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 200},
		{"GET", "", "", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"}, 301},
		{"GET", "/events", "", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}, 403},
		{"GET", "/graph.svg?machine=x", "", []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "navigate"}, 403},
		{"GET", "/events", "", []string{"Origin", "http://evil.example"}, 403},
		{"GET", "/about", "", []string{"Origin", "null"}, 403},
		{"GET", "/about", "", []string{"Origin", "http://localhost:8083", "Host", "localhost:8083"}, 200},
		{"GET", "/", "", []string{"Host", "localhost.evil.example:80"}, 403},
		{"GET", "/about", "", []string{"Host", "localhost:8083"}, 200},
		{"GET", "/about", "", []string{"Host", "LOCALHOST."}, 200},
		{"GET", "/about", "", []string{"Host", "[::1]:8083"}, 200},
		{"GET", "/about", "", []string{"Host", "192.168.1.7"}, 200},
		{"GET", "/about", "", []string{"Host", "Flows.Example.org:443"}, 200},
		{"GET", "/about", "", []string{"Host", "127.0.0.1.evil.example"}, 403},
		{"POST", "/api/TagResource", "{}", nil, 404},
		{"POST", "/api/GetActivityTask", "{}", nil, 404},
		{"POST", "/api/DeleteStateMachine", body, nil, 404},
		{"POST", "/api/SendTaskSuccess", "{}", nil, 404},
		{"GET", "/api/ListStateMachines", "", nil, 405},
		{"DELETE", "/about", "", []string{"Content-Type", "application/json"}, 405},
		{"POST", "/check", strings.Repeat("x", maxBody+1), nil, 413},
		{"POST", "/answer", `{"execution": "x", "id": "y", "other": 1}`, nil, 400},
		{"POST", "/answer", `{"execution": "x", "id": "y"}`, nil, 404},
		{"POST", "/token", `{"id": "y"}`, nil, 400},
		{"POST", "/token", `null`, nil, 400},
		{"GET", "/runs?run=x", "", nil, 404},
		{"GET", "/assets/..%2fconsole.go", "", nil, 404},
		{"GET", "/visit?event=-9223372036854775808&arn=x", "", nil, 404},
	} {
		answer, text := s.ask(c.method, c.path, c.body, c.headers...)
		assert.Equal(t, c.status, answer.StatusCode, "%s %s %v: %s", c.method, c.path, c.headers, text)
	}
}

// A connection from another machine is served only if somebody says who may call, or that all may.
func TestOtherMachines(t *testing.T) {
	s := open(t, Config{})
	refuses := func(*http.Request) (string, error) { return "", errors.New("not you: the reason is nobody's business") }
	ada := func(*http.Request) (string, error) { return "Ada", nil }
	for name, c := range map[string]struct {
		config Config
		host   string
		status int
	}{
		"default":                        {Config{}, "10.1.1.1", 403},
		"public":                         {Config{Public: true}, "10.1.1.1", 200},
		"public, by a name":              {Config{Public: true}, "flows.example.org", 403},
		"a user":                         {Config{User: ada}, "flows.example.org", 200},
		"a user, at another host":        {Config{User: ada, Hosts: []string{"flows.example.org"}}, "evil.example", 403},
		"somebody who may not":           {Config{User: refuses}, "flows.example.org", 403},
		"somebody who may not, publicly": {Config{User: refuses, Public: true}, "10.1.1.1", 403},
	} {
		c.config.API = s.api
		h := Handler(c.config)
		r := httptest.NewRequest(http.MethodPost, "http://"+c.host+"/api/ListStateMachines", strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv4(10, 1, 1, 1), Port: 80})))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, c.status, w.Code, "%s: %s", name, w.Body)
		assert.NotContains(t, w.Body.String(), "nobody's business")
	}
	w := httptest.NewRecorder()
	Handler(Config{API: s.api, User: ada}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://flows.example.org/about", nil))
	require.JSONEq(t, `{"readOnly": false, "user": "Ada", "regions": ["us-east-1"]}`, w.Body.String())
}

// A console that only shows changes nothing, and sends no token wherever it is.
func TestReadOnly(t *testing.T) {
	s := open(t, Config{})
	machine := s.create("asks", `{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
		"Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}, "End": true}}}`)
	execution := s.start(machine, "x", "{}")
	var open struct{ Tasks []openRow }
	eventually(t, "the task waits", func() bool {
		s.get("/waiting", &open)
		return len(open.Tasks) == 1
	})
	require.JSONEq(t, `{"FunctionName": "ask", "Payload": {"token": "(task token)"}}`, open.Tasks[0].Input)
	_, text := s.ask(http.MethodPost, "/token", `{"execution": "`+execution+`", "id": "`+open.Tasks[0].ID+`"}`)
	token := strings.Split(text, `"`)[3]
	require.Greater(t, len(token), 40)

	readOnly := Handler(Config{API: s.api, ReadOnly: true})
	ask := func(method, path, body string) (int, string) {
		r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		readOnly.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	for operation, changes := range operations {
		status, _ := ask(http.MethodPost, "/api/"+operation, "{}")
		assert.Equal(t, changes, status == http.StatusForbidden, operation)
	}
	for _, path := range []string{"/token", "/answer"} {
		status, _ := ask(http.MethodPost, path, `{"execution": "`+execution+`", "id": "`+open.Tasks[0].ID+`"}`)
		assert.Equal(t, http.StatusForbidden, status)
	}
	seen := 0
	for _, path := range []string{"/event?id=3&arn=", "/visit?event=2&arn=", "/waiting?arn=", "/history?arn=", "/execution?arn="} {
		status, text := ask(http.MethodGet, path+execution, "")
		require.Equal(t, http.StatusOK, status, text)
		assert.NotContains(t, text, token, path)
		seen += strings.Count(text, "(task token)")
	}
	_, text = ask(http.MethodPost, "/api/GetExecutionHistory", `{"executionArn": "`+execution+`"}`)
	assert.NotContains(t, text, token)
	require.Equal(t, 4, seen, "the event, the request and the response of the visit, and the task have it")

	_, text = s.ask(http.MethodPost, "/answer", `{"execution": "`+execution+`", "id": "`+open.Tasks[0].ID+`", "output": "{\"yes\": 1}"}`)
	require.Equal(t, "{}", text)
	output, err := s.api.Engine().Wait(t.Context(), execution)
	require.NoError(t, err)
	require.JSONEq(t, `{"yes": 1}`, output.String())
	answer, _ := s.ask(http.MethodPost, "/answer", `{"execution": "`+execution+`", "id": "`+open.Tasks[0].ID+`", "error": "Late"}`)
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
}

// The console works below any prefix: what the page loads is beside it.
func TestPrefix(t *testing.T) {
	s := open(t, Config{})
	answer, _ := s.ask(http.MethodGet, "", "")
	require.Equal(t, http.StatusMovedPermanently, answer.StatusCode)
	at, err := answer.Location()
	require.NoError(t, err)
	require.Equal(t, prefix+"/", at.Path)
	_, text := s.ask(http.MethodGet, "/", "")
	require.NotContains(t, text, `="/`)
	require.Contains(t, text, `src="assets/console.js"`)
}

func TestFiles(t *testing.T) {
	s := open(t, Config{})
	for name := range readFiles() {
		if name == "index.html" {
			continue
		}
		answer, text := s.ask(http.MethodGet, "/assets/"+name, "", "Accept-Encoding", "identity")
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.NotEmpty(t, text)
		again, text := s.ask(http.MethodGet, "/assets/"+name, "", "If-None-Match", answer.Header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.StatusCode)
		require.Empty(t, text)
	}
}

// deadlines notes the last deadline for reading a request.
type deadlines struct {
	*httptest.ResponseRecorder
	read time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.read = t
	return nil
}

// Only the body must come in time. A deadline that stayed would cancel operations that take longer.
func TestReadDeadline(t *testing.T) {
	s := open(t, Config{})
	w := &deadlines{ResponseRecorder: httptest.NewRecorder(), read: time.Now()}
	var during time.Time
	body := io.MultiReader(strings.NewReader("{"), readerFunc(func([]byte) (int, error) { during = w.read; return 0, io.EOF }), strings.NewReader("}"))
	r := httptest.NewRequest(http.MethodPost, "http://localhost/api/ListStateMachines", body)
	r.Header.Set("Content-Type", "application/json")
	Handler(Config{API: s.api}).ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.WithinDuration(t, time.Now().Add(bodyTime), during, time.Minute)
	require.Zero(t, w.read)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// The server logs a panic. The page is told, nothing stays that was counted, and others go on.
func TestPanic(t *testing.T) {
	s := open(t, Config{})
	c := &console{config: Config{API: s.api}, hub: newHub(nil)} // a fault: there is no Engine
	h := c.guarded(c.routes())
	w := httptest.NewRecorder()
	require.Panics(t, func() { h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/execution?arn=x", nil)) })
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.JSONEq(t, `{"error": "Internal", "message": "This is a fault of the server. Its log says more."}`, w.Body.String())
	require.Empty(t, c.hub.feeds)
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/about", nil))
	require.Equal(t, http.StatusOK, w.Code)
}

// A row shows the beginning of a cause, but never that of a task token.
func TestTokenInCause(t *testing.T) {
	s := open(t, Config{})
	machine := s.create("asks", `{"StartAt": "Ask", "States": {
		"Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
			"Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token"}}, "ResultPath": "$.got", "Next": "Tell"},
		"Tell": {"Type": "Fail", "Error": "Told", "CausePath": "$.got.cause"}}}`)
	arn := s.start(machine, "x", "{}")
	var open struct{ Tasks []openRow }
	eventually(t, "the task waits", func() bool {
		s.get("/waiting", &open)
		return len(open.Tasks) == 1
	})
	named := `{"execution": "` + arn + `", "id": "` + open.Tasks[0].ID + `"`
	_, text := s.ask(http.MethodPost, "/token", named+"}")
	token := strings.Split(text, `"`)[3]
	output := fmt.Sprintf(`{"cause": "%s%s"}`, strings.Repeat("x", shownCause-len(token)+1), token)
	_, text = s.ask(http.MethodPost, "/answer", named+`, "output": `+strconv.Quote(output)+"}")
	require.Equal(t, "{}", text)
	_, _ = s.api.Engine().Wait(t.Context(), arn) // it fails
	var all shown
	s.get("/execution?arn="+arn, &all)
	require.Len(t, all.Visits, 2)
	require.Contains(t, all.Visits[1].Cause, "x(task token)")
}
