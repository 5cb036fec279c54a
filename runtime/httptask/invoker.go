// Package httptask performs the tasks of Step Functions that call servers: arn:aws:states:::http:invoke and
// arn:aws:states:::apigateway:invoke.
//
//	calls := httptask.Invoker{Client: http.DefaultClient, Connection: connection}
//	tasks := runtime.Mux{
//		"arn:aws:states:::http:invoke":        calls,
//		"arn:aws:states:::apigateway:invoke*": calls,
//	}
//
// A workflow then decides what this process calls. Invoker.Allow bounds that, and redirects are never followed: a
// response that asks for one is an error with its status.
//
// Results, names of errors and causes are those of AWS where they are known; (unsure) marks the others. A task fails
// with
//
//	States.Http.StatusCode.404, ApiGateway.404     the server answered with a status that is not 2xx; the cause is the body of the response
//	States.Http.Socket, ApiGateway.SdkClientException    there was no answer, or none within 60 seconds
//	Events.ConnectionResource.ResourceNotFound     the connection that the task names is not there
//	States.Runtime                                 the parameters or the response are not as they must be
//	States.DataLimitExceeded                       the body of the response has more than 262,145 bytes
//
// What a connection adds to requests is in no cause.
package httptask

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Invoker calls servers. It may be used by several goroutines while nobody changes it.
type Invoker struct {
	// Client sends the requests. Its CheckRedirect is not asked. Default: nil, nothing is called, and programs
	// with such tasks are refused.
	Client *http.Client

	// Connection returns what a connection of EventBridge adds to the requests of http:invoke, which each name one. If its
	// error has a name, as a *runtime.TaskError has, that is the task's; else the name is
	// Events.ConnectionResource.InternalError. Default: nil, and no connection is there.
	Connection func(ctx context.Context, arn string) (Connection, error)

	// Sign signs a request to an API whose AuthType is IAM_ROLE or RESOURCE_POLICY; GetBody has the body. The error is
	// the task's. Default: nil, and such tasks fail.
	Sign func(task *runtime.Task, r *http.Request) error

	// Allow returns an error for a URL that must not be called, which fails the task with States.Runtime. It sees no
	// parameters of a connection. Default: every URL with https is called, and no other.
	Allow func(u *url.URL) error

	// Timeout is how long a server may take. Default: 60 seconds, as on AWS.
	Timeout time.Duration
}

// Connection is what a connection adds to a request: it replaces what the task has under the same name.
type Connection struct {
	Headers, Query []Parameter
	Body           []Parameter // members of the body, which is an object
}

// Parameter has a name and a value.
type Parameter struct{ Name, Value string }

const usualTimeout = 60 * time.Second

// Resolve implements runtime.Resolver.
func (i Invoker) Resolve(resource string) (runtime.TaskInvoker, error) {
	if i.Client == nil {
		return nil, fmt.Errorf("%w %q: httptask.Invoker has no Client", runtime.ErrNoTask, resource)
	}
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" && parts[2] == "states" {
		switch parts[5] {
		case "http:invoke", "apigateway:invoke", "apigateway:invoke.waitForTaskToken":
			return i, nil
		}
	}
	return nil, fmt.Errorf("%w %q: httptask.Invoker performs http:invoke and apigateway:invoke", runtime.ErrNoTask, resource)
}

// InvokeTask implements runtime.TaskInvoker.
func (i Invoker) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	if _, err := i.Resolve(task.Resource); err != nil {
		return jsonvalue.Value{}, err
	}
	within := i.Timeout
	if within == 0 {
		within = usualTimeout
	}
	inTime, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	c := &call{Invoker: i, task: task, ctx: inTime}
	result, err := c.perform()
	if err == nil {
		return result, nil
	}
	if ctx.Err() != nil {
		return jsonvalue.Value{}, context.Cause(ctx)
	}
	var broken unreachable
	if errors.As(err, &broken) || inTime.Err() != nil {
		err = c.unanswered(broken.error, within)
	}
	return jsonvalue.Value{}, err
}

// call is one request.
type call struct {
	Invoker
	task       *runtime.Task
	ctx        context.Context
	connection Connection
}

// perform sends the request, and returns the result of the task.
func (c *call) perform() (jsonvalue.Value, error) {
	prepare := c.prepareHTTP
	if c.task.Service == "apigateway" {
		prepare = c.prepareAPI
	}
	r, err := prepare()
	if err != nil {
		return jsonvalue.Value{}, err
	}
	response, err := c.send(r)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	defer response.Body.Close()
	return c.result(response)
}

// unreachable is the error of a request that has no whole response.
type unreachable struct{ error }

// send sends a request. Redirects are answers like others.
func (c *call) send(r *http.Request) (*http.Response, error) {
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := client.Do(r)
	if failed, ok := err.(*url.Error); ok {
		err = failed.Err // the URL may have what a connection adds
	}
	if err != nil {
		return nil, unreachable{err}
	}
	return response, nil
}

// unanswered returns the error of a task whose server did not answer (unsure of the causes, and of the name of an
// API's).
func (c *call) unanswered(err error, within time.Duration) error {
	failed := &runtime.TaskError{Name: "States.Http.Socket"}
	if c.task.Service == "apigateway" {
		failed.Name = "ApiGateway.SdkClientException"
	}
	if failed.Cause = fmt.Sprintf("There was no answer within %v", within); c.ctx.Err() == nil {
		failed.Cause = c.hidden("Unable to execute HTTP request: " + err.Error())
	}
	return failed
}

// allowed says no to a URL that must not be called.
func (c *call) allowed(u *url.URL) error {
	switch {
	case u.User != nil:
		return c.task.RuntimeError("The value of the field 'ApiEndpoint' has a user or a password")
	case u.Hostname() == "":
		return c.task.RuntimeError("The value of the field 'ApiEndpoint' is no URL with a host")
	case c.Allow != nil:
		if err := c.Allow(u); err != nil {
			return c.task.RuntimeError("%s://%s must not be called: %v", u.Scheme, u.Host, err)
		}
	case u.Scheme != "https":
		return c.task.RuntimeError("The value of the field 'ApiEndpoint' must begin with https://")
	}
	return nil
}

// unusable returns AWS's error of a parameter whose form is wrong.
func (c *call) unusable(field string) error {
	return c.task.RuntimeError("The Parameters '%s' could not be used to start the Task: [The value of the field '%s' has an invalid format]", c.task.Input, field)
}

// field returns a parameter of the task, or null.
func (c *call) field(name string) jsonvalue.Value {
	v, _ := c.task.Input.Get(name)
	return v
}

// text returns a parameter that is a text. It has to be there.
func (c *call) text(name string) (string, error) {
	v := c.field(name)
	text, ok := v.AsString()
	switch {
	case v.IsNull():
		return "", c.task.RuntimeError("The field '%s' is required but was missing", name)
	case !ok || text == "":
		return "", c.unusable(name)
	}
	return text, nil
}

// shortest is how many characters of a value are not hidden: it would be found everywhere.
const shortest = 6

// hidden replaces the values of the connection in a text.
func (c *call) hidden(text string) string {
	for _, all := range [][]Parameter{c.connection.Headers, c.connection.Query, c.connection.Body} {
		for _, p := range all {
			_, credentials, _ := strings.Cut(p.Value, " ") // of a header: Bearer TOKEN
			for _, secret := range []string{p.Value, credentials, url.QueryEscape(p.Value), escaped(p.Value)} {
				if len(secret) >= shortest {
					text = strings.ReplaceAll(text, secret, "****")
				}
			}
		}
	}
	return text
}
