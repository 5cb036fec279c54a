package httptask_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/internal/leaks"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/httptask"
)

func TestMain(m *testing.M) { leaks.Main(m) }

// server is one that notes requests and answers by their paths.
type server struct {
	*httptest.Server
	received bytes.Buffer
	hold     chan struct{} // what answers to /slow waits for
}

func serve(t *testing.T) *server {
	s := &server{hold: make(chan struct{})}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(func() {
		close(s.hold)
		s.Client().CloseIdleConnections()
		s.Close()
	})
	return s
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(&s.received, "%s %s\n", r.Method, r.RequestURI)
	var names []string
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&s.received, "%s: %s\n", name, strings.Join(r.Header[name], " | "))
	}
	if len(body) > 0 {
		fmt.Fprintf(&s.received, "%s\n", body)
	}
	w.Header()["Date"] = nil
	answer := func(kind string, status int, text string) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
	switch path := r.URL.Path; path {
	case "/json":
		w.Header()["x-amzn-RequestId"] = []string{"r1"}
		w.Header()["X-Two"] = []string{"a", "b"}
		answer("application/problem+json; charset=utf-8", 200, `{"n": [1.50, 12345678901234567890]}`)
	case "/text":
		answer("text/plain", 201, `{"n": 1}`)
	case "/nojson":
		answer("application/json", 200, "no JSON")
	case "/empty":
		w.WriteHeader(http.StatusNoContent)
	case "/image":
		answer("image/png", 200, "PNG")
	case "/bytes":
		answer("text/plain", 200, "\xff\xfe")
	case "/redirect":
		http.Redirect(w, r, "https://elsewhere.example/"+r.URL.RawQuery, http.StatusFound)
	case "/echo":
		answer("text/plain", http.StatusForbidden, r.Header.Get("Authorization")+" "+r.URL.RawQuery)
	case "/limit":
		answer("text/plain", 200, strings.Repeat("x", 262_145))
	case "/large":
		answer("text/plain", 200, strings.Repeat("x", 262_146))
	case "/largeError":
		answer("text/plain", 500, strings.Repeat("x", 1<<20))
	case "/teapot":
		answer("application/json", http.StatusTeapot, "{ \"message\": \"no\" }")
	case "/hangup":
		panic(http.ErrAbortHandler)
	case "/cut":
		w.Header().Set("Content-Length", "100")
		answer("text/plain", 200, "the first part")
	case "/slow":
		select {
		case <-s.hold:
		case <-r.Context().Done():
		}
	default:
		answer("application/json", 200, "{}")
	}
}

// TestRequests runs the cases of testdata/requests.txt. A setup has the resource and perhaps a connection; an input is what
// the task gets, where HOST is the server. It prints the request as the server has got it, and what comes of the task.
func TestRequests(t *testing.T) {
	golden.Run(t, "testdata/requests.txt", func(t *testing.T, c *golden.Case) func(string) string {
		var setup struct {
			Resource   string
			Connection httptask.Connection
			Signs      bool
		}
		require.NoError(t, json.Unmarshal([]byte(c.Setup), &setup))
		return func(input string) string {
			s := serve(t)
			host := strings.TrimPrefix(s.URL, "https://")
			i := httptask.Invoker{Client: s.Client(), Connection: func(_ context.Context, arn string) (httptask.Connection, error) {
				if arn != "arn:c" {
					return httptask.Connection{}, &runtime.TaskError{Name: "Events.ConnectionResource.ResourceNotFound", Cause: arn}
				}
				return setup.Connection, nil
			}}
			if setup.Signs {
				i.Sign = func(task *runtime.Task, r *http.Request) error {
					body, err := r.GetBody()
					if err != nil {
						return err
					}
					text, err := io.ReadAll(body)
					r.Header.Set("Authorization", fmt.Sprintf("signed %s for %s", text, task.RoleARN))
					return err
				}
			}
			task := taskOf(setup.Resource, strings.ReplaceAll(input, "HOST", host))
			task.RoleARN = "arn:role"
			out, err := i.InvokeTask(t.Context(), task)
			s.Close()
			var told *runtime.TaskError
			switch {
			case errors.As(err, &told):
				fmt.Fprintf(&s.received, "-> %s: %s\n", told.Name, shortened(told.Cause))
			case err != nil:
				fmt.Fprintf(&s.received, "-> %v\n", err)
			default:
				fmt.Fprintf(&s.received, "-> %s\n", shortened(out.String()))
			}
			return strings.ReplaceAll(s.received.String(), host, "HOST")
		}
	})
}

func shortened(text string) string {
	if len(text) > 400 {
		return fmt.Sprintf("%s... (%d)", text[:100], len(text))
	}
	return text
}

func taskOf(resource, input string) *runtime.Task {
	task := &runtime.Task{Resource: resource, Input: jsonvalue.MustParse(input), Execution: "arn:aws:states:eu-west-1:123456789012:execution:m:e", State: "Call"}
	_, rest, _ := strings.Cut(resource, ":::")
	task.Service, task.Action, _ = strings.Cut(strings.TrimSuffix(rest, ".waitForTaskToken"), ":")
	return task
}

const httpInvoke, apiInvoke = "arn:aws:states:::http:invoke", "arn:aws:states:::apigateway:invoke"

// Without a client, nothing is called: a program with such a task is refused.
func TestRefused(t *testing.T) {
	machine, err := asl.Parse([]byte(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "` + httpInvoke + `", "End": true}}}`))
	require.NoError(t, err)
	program, err := runtime.Compile(machine)
	require.NoError(t, err)
	_, err = runtime.Runner{Tasks: runtime.Mux{"*": httptask.Invoker{}}}.Run(t.Context(), program, jsonvalue.Object())
	require.ErrorIs(t, err, runtime.ErrRefused)
	require.ErrorIs(t, err, runtime.ErrNoTask)
	require.ErrorContains(t, err, "httptask.Invoker has no Client")
	_, err = httptask.Invoker{}.InvokeTask(t.Context(), taskOf(httpInvoke, "{}"))
	require.ErrorIs(t, err, runtime.ErrNoTask)
	i := httptask.Invoker{Client: http.DefaultClient}
	for _, resource := range []string{httpInvoke, apiInvoke, apiInvoke + ".waitForTaskToken", "arn:aws-cn:states:::http:invoke"} {
		_, err := i.Resolve(resource)
		require.NoError(t, err)
	}
	for _, resource := range []string{"http:invoke", "arn:aws:states:::http:invoke.sync", httpInvoke + ".waitForTaskToken", "arn:aws:states:::sqs:sendMessage"} {
		_, err := i.Resolve(resource)
		require.ErrorIs(t, err, runtime.ErrNoTask, resource)
	}
}

// A form repeats the names of what a value is in; that has an end.
func TestLargeForm(t *testing.T) {
	body := `{"x": [` + strings.Repeat("1,", 5000) + `1]}`
	for range 100 {
		body = `{"` + strings.Repeat("n", 1000) + `": ` + body + `}`
	}
	i := httptask.Invoker{Client: http.DefaultClient, Connection: func(context.Context, string) (httptask.Connection, error) { return httptask.Connection{}, nil }}
	_, err := i.InvokeTask(t.Context(), taskOf(httpInvoke, `{"ApiEndpoint": "https://127.0.0.1:1/", "Method": "POST", "Authentication": {"ConnectionArn": "arn:c"},
		"RequestBody": `+body+`, "Transform": {"RequestBodyEncoding": "URL_ENCODED"}}`))
	require.EqualError(t, err, "States.Runtime: The field 'RequestBody' has more than 1048576 bytes when it is encoded")
}

// Who waits no more is not answered; a server that takes too long is a fault of the socket.
func TestTime(t *testing.T) {
	s := serve(t)
	i := httptask.Invoker{Client: s.Client(), Connection: func(context.Context, string) (httptask.Connection, error) { return httptask.Connection{}, nil }}
	task := taskOf(httpInvoke, `{"ApiEndpoint": "`+s.URL+`/slow", "Method": "GET", "Authentication": {"ConnectionArn": "arn:c"}}`)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(runtime.ErrUnwanted)
	_, err := i.InvokeTask(ctx, task)
	require.Equal(t, runtime.ErrUnwanted, err)
	i.Timeout = 1
	_, err = i.InvokeTask(t.Context(), task)
	require.Equal(t, &runtime.TaskError{Name: "States.Http.Socket", Cause: "There was no answer within 1ns"}, err)
}

// What is to be called is for Allow to say, also where the URL is not https.
func TestAllow(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer plain.Close()
	var asked []string
	i := httptask.Invoker{
		Client: plain.Client(),
		Connection: func(context.Context, string) (httptask.Connection, error) {
			return httptask.Connection{Query: []httptask.Parameter{{Name: "key", Value: "secret"}}}, nil
		},
		Allow: func(u *url.URL) error {
			asked = append(asked, u.Path+"?"+u.RawQuery)
			if u.Path != "/yes" {
				return errors.New("not that")
			}
			return nil
		},
	}
	input := func(path string) *runtime.Task {
		return taskOf(httpInvoke, `{"ApiEndpoint": "`+plain.URL+path+`", "Method": "GET", "Authentication": {"ConnectionArn": "arn:c"}}`)
	}
	_, err := i.InvokeTask(t.Context(), input("/yes?a=1"))
	require.NoError(t, err)
	_, err = i.InvokeTask(t.Context(), input("/no"))
	require.EqualError(t, err, "States.Runtime: "+plain.URL+" must not be called: not that")
	entered := input("/no")
	entered.Entered = 2
	_, err = i.InvokeTask(t.Context(), entered)
	require.EqualError(t, err, "States.Runtime: An error occurred while executing the state 'Call' (entered at the event id #2). "+plain.URL+" must not be called: not that")
	require.Equal(t, []string{"/yes?a=1", "/no?", "/no?"}, asked)
}

// A connection that fails says so with its name, or with that of an internal error; and a task that names one where there
// are none fails.
func TestConnections(t *testing.T) {
	task := taskOf(httpInvoke, `{"ApiEndpoint": "https://localhost/", "Method": "GET", "Authentication": {"ConnectionArn": "arn:c"}}`)
	i := httptask.Invoker{Client: http.DefaultClient}
	_, err := i.InvokeTask(t.Context(), task)
	require.EqualError(t, err, "Events.ConnectionResource.ResourceNotFound: Connection 'arn:c' does not exist.")
	i.Connection = func(context.Context, string) (httptask.Connection, error) {
		return httptask.Connection{}, errors.New("the vault is closed")
	}
	_, err = i.InvokeTask(t.Context(), task)
	require.EqualError(t, err, "Events.ConnectionResource.InternalError: the vault is closed")
}
