package console

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// site is a console on a server of its own, below a prefix.
type site struct {
	t      testing.TB
	api    *sfnapi.Handler
	server *httptest.Server
	client *http.Client
	gate   chan struct{} // each task of the function "gate" takes one
}

const prefix = "/flows"

func open(t testing.TB, c Config) *site {
	t.Helper()
	return openWith(t, c, runtime.EngineConfig{})
}

func openWith(t testing.TB, c Config, engine runtime.EngineConfig) *site {
	t.Helper()
	s := &site{t: t, gate: make(chan struct{})}
	engine.Tasks = runtime.Mux{
		"*:function:gate": runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
			select {
			case <-s.gate:
				return task.Input, nil
			case <-ctx.Done():
				return jsonvalue.Value{}, context.Cause(ctx)
			}
		}),
		"*:function:fail": runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) {
			return jsonvalue.Value{}, &runtime.TaskError{Name: "Bank.Declined", Cause: "card expired"}
		}),
		"*:function:*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil }),
	}
	var err error
	s.api, err = sfnapi.Open(t.Context(), nil, sfnapi.Config{Engine: engine, Account: "123456789012"})
	require.NoError(t, err)
	c.API = s.api
	mux := http.NewServeMux()
	page := http.StripPrefix(prefix, Handler(c))
	mux.Handle(prefix, page)
	mux.Handle(prefix+"/", page)
	s.server = httptest.NewServer(mux)
	s.client = s.server.Client()
	s.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.Cleanup(func() {
		s.server.CloseClientConnections()
		s.server.Close()
		require.NoError(t, s.api.Close(context.WithoutCancel(t.Context())))
	})
	return s
}

// ask makes a request. Each pair of headers is a name and a value; "Host" is the host.
func (s *site) ask(method, path, body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+prefix+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := s.client.Do(r)
	require.NoError(s.t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(s.t, err)
	return answer, string(text)
}

// get reads the answer of a GET request.
func (s *site) get(path string, to any) {
	s.t.Helper()
	answer, text := s.ask(http.MethodGet, path, "")
	require.Equal(s.t, http.StatusOK, answer.StatusCode, text)
	require.NoError(s.t, json.Unmarshal([]byte(text), to))
}

// call calls an operation through the console.
func (s *site) call(operation string, in map[string]any) map[string]any {
	s.t.Helper()
	body, err := json.Marshal(in)
	require.NoError(s.t, err)
	answer, text := s.ask(http.MethodPost, "/api/"+operation, string(body))
	require.Equal(s.t, http.StatusOK, answer.StatusCode, text)
	var out map[string]any
	require.NoError(s.t, json.Unmarshal([]byte(text), &out))
	return out
}

const function = `"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:`

func (s *site) create(name, definition string) (arn string) {
	s.t.Helper()
	return s.call("CreateStateMachine", map[string]any{"name": name, "roleArn": "arn:aws:iam::123456789012:role/any", "definition": definition})["stateMachineArn"].(string)
}

func (s *site) start(machine, name, input string) (arn string) {
	s.t.Helper()
	return s.call("StartExecution", map[string]any{"stateMachineArn": machine, "name": name, "input": input})["executionArn"].(string)
}

// run runs an execution to its end, whatever that is.
func (s *site) run(definition, input string) (arn string) {
	s.t.Helper()
	arn = s.start(s.create("m", definition), "x", input)
	_, _ = s.api.Engine().Wait(s.t.Context(), arn) // the error is the failure of the execution
	return arn
}

// frames are those of a stream.
type frames struct {
	t    testing.TB
	body *bufio.Reader
	stop context.CancelFunc
}

// frame is one.
type frame struct {
	id   string
	data string
}

func (s *site) follow(path, last string) *frames {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+prefix+path, nil)
	require.NoError(s.t, err)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := s.client.Do(r)
	require.NoError(s.t, err)
	if answer.StatusCode != http.StatusOK {
		_ = answer.Body.Close()
		cancel()
		s.t.Fatalf("status %d", answer.StatusCode)
	}
	require.Equal(s.t, "text/event-stream", answer.Header.Get("Content-Type"))
	return &frames{s.t, bufio.NewReader(answer.Body), func() { cancel(); _ = answer.Body.Close() }}
}

// next waits for a frame.
func (f *frames) next() frame {
	f.t.Helper()
	var got frame
	for {
		line, err := f.body.ReadString('\n')
		require.NoError(f.t, err)
		line = strings.TrimSuffix(line, "\n")
		if id, ok := strings.CutPrefix(line, "id: "); ok {
			got.id = id
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			got.data = data
		}
		if line == "" && got.data != "" {
			return got
		}
	}
}

// shown is a frame about an execution.
type shown struct {
	Execution executionRow `json:"execution"`
	Visits    []visitRow   `json:"visits"`
	Last      int64        `json:"last"`
}

func (f frame) change(t testing.TB) (c shown) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(f.data), &c), f.data)
	return c
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); { // what holds asks the server
		if holds() {
			return
		}
	}
	t.Fatal("never: " + what)
}
