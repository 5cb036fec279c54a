package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/sigv4"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// keys are those with which calls are signed. The zero keys sign nothing.
type keys struct{ access, secret, session string }

// environmentKeys are the keys that SDKs find in the environment.
func environmentKeys() keys {
	return keys{os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")}
}

// sign signs a call. Recordings are of us-east-1.
func (k keys) sign(r *http.Request, body []byte) {
	if k.access == "" || k.secret == "" {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=conform/20260102/us-east-1/states/aws4_request, SignedHeaders=host, Signature=none")
		return
	}
	if k.session != "" {
		r.Header.Set("X-Amz-Security-Token", k.session)
	}
	sigv4.Sign(r, body, k.access, k.secret, "us-east-1", "states", time.Now())
}

// newEndpoint returns a caller of a server.
func newEndpoint(url string) *recorded.HTTPCaller {
	return &recorded.HTTPCaller{Client: &http.Client{Timeout: 30 * time.Second}, Endpoint: url, Sign: environmentKeys().sign}
}

// openHandler returns a caller of a Handler of its own, whose tasks are those of the case.
func openHandler(c *recorded.Case, written *logs) (*recorded.HTTPCaller, *sfnapi.Handler, error) {
	tasks := runtime.Mux{"*": asSaid(c)}
	if len(c.Lambdas) > 0 || len(c.Tasks) == 0 {
		tasks["*:function:*"] = liveFunctions(recorded.NewFunctions(c.Lambdas))
		tasks["arn:aws:states:::lambda:invoke*"] = runtime.Lambda(tasks)
	}
	h, err := sfnapi.Open(context.Background(), nil, sfnapi.Config{
		Account: "111111111111", Engine: runtime.EngineConfig{Tasks: caseTasks{tasks}}, Log: written.add,
	})
	if err != nil {
		return nil, nil, err
	}
	return &recorded.HTTPCaller{Client: &http.Client{Transport: h}, Endpoint: "http://here/", Sign: keys{}.sign}, h, nil
}

// caseTasks leave executions that start others, and calls of the API, to the API.
type caseTasks struct{ runtime.Mux }

// Resolve implements runtime.Resolver.
func (c caseTasks) Resolve(resource string) (runtime.TaskInvoker, error) {
	if strings.Contains(resource, ":states:::states:startExecution") || strings.Contains(resource, ":states:::aws-sdk:sfn:") || strings.Contains(resource, ":activity:") {
		return nil, runtime.ErrNoTask
	}
	return c.Mux.Resolve(resource)
}

// liveFunctions performs functions that take their time, each after a delay of its own.
func liveFunctions(f *recorded.Functions) runtime.TaskInvoker {
	return runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		out, err := f.InvokeTask(ctx, task)
		after := delayOf(task)
		if errors.Is(err, recorded.ErrSleeps) {
			after, err = time.Minute, nil
		}
		if waitErr := pause(ctx, after); waitErr != nil {
			return out, waitErr
		}
		var failed *runtime.TaskError
		if err != nil && !errors.As(err, &failed) {
			err = &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: err.Error()}
		}
		return out, err
	})
}

// asSaid performs the tasks that a case says itself, and fails all others.
func asSaid(c *recorded.Case) runtime.TaskInvoker {
	return runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		if err := pause(ctx, delayOf(task)); err != nil {
			return jsonvalue.Value{}, err
		}
		answer := c.AnswerTo(task.Resource)
		if answer.Err != nil {
			return jsonvalue.Value{}, answer.Err
		}
		return answer.Output, nil
	})
}

func delayOf(task *runtime.Task) time.Duration {
	_, id, err := interp.ParseToken(task.Token())
	if err != nil {
		return time.Millisecond
	}
	return recorded.Delay(id)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
