package awstasks

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// runJob starts a job and waits for its end. One that was started before the process ended is not started again.
func (c *call) runJob(ctx context.Context, params jsonvalue.Value) (out jsonvalue.Value, err error) {
	j := jobs[c.task.Service+":"+c.task.Action]
	started := c.task.Submission
	if started.IsNull() {
		if started, err = c.start(ctx, j, params); err != nil {
			return out, err
		}
	}
	known := with(started, params)
	out, err = c.awaitJob(ctx, j, known)
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), runtime.ErrUnwanted) {
		c.stopJob(ctx, j, known)
	}
	return out, err
}

// start starts a job.
func (c *call) start(ctx context.Context, j *job, params jsonvalue.Value) (jsonvalue.Value, error) {
	if own, _ := params.Get(j.token); j.token != "" && own.IsNull() && params.Kind() == jsonvalue.KindObject {
		params = params.With(j.token, jsonvalue.String(c.token()))
	}
	answer, err := c.sendStart(ctx, params)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	if _, err := namedBy(j.id, with(answer.value, params)); err != nil {
		return jsonvalue.Value{}, c.unstarted(answer.value)
	}
	started := c.withMetadata(answer)
	c.task.Submitted(started)
	return started, nil
}

// lateAnswer is how long the answer to a start is waited for when nobody wants the job any more, and the one to a question about a job: a
// connection that is lost may not tell.
const lateAnswer = time.Minute

// sendStart sends the request that starts a job. It goes on when nobody wants the job any more: the service may have got it, and
// what it answers names the job that is to be stopped.
func (c *call) sendStart(ctx context.Context, params jsonvalue.Value) (*reply, error) {
	sending, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	forget := context.AfterFunc(ctx, func() {
		if errors.Is(context.Cause(ctx), runtime.ErrUnwanted) {
			select {
			case <-time.After(lateAnswer):
			case <-sending.Done():
			}
		}
		cancel()
	})
	defer forget()
	return c.send(sending, params)
}

// with returns a response with the parameters that it does not repeat: a job of Glue is named by one.
func with(response, params jsonvalue.Value) jsonvalue.Value {
	for name, value := range params.Members() {
		if _, ok := response.Get(name); !ok {
			response = response.With(name, value)
		}
	}
	return response
}

// awaitJob asks how the job is until it has ended.
func (c *call) awaitJob(ctx context.Context, j *job, known jsonvalue.Value) (jsonvalue.Value, error) {
	describe, _ := c.service.operation(j.describe)
	params, err := namedBy(j.id, known)
	if err != nil {
		return jsonvalue.Value{}, c.unstarted(known)
	}
	first := c.tasks.Poll
	if first <= 0 {
		first = time.Second
	}
	failures := 0 // one after the other
	for pause := first; ; pause = min(2*pause, 20*first) {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return jsonvalue.Value{}, ctx.Err()
		}
		told, patience, err := c.ask(ctx, describe, params, j.result)
		if err != nil {
			if failures++; failures >= patience || ctx.Err() != nil {
				return jsonvalue.Value{}, err
			}
			continue
		}
		failures = 0
		if out, over, err := c.ended(j, told, known); over {
			return out, err
		}
	}
}

// How many questions in a row may have no answer. The job goes on meanwhile, and a task that failed would be retried with another
// one. A service that is busy or cannot be reached comes back; it may not know a new job for a moment.
const (
	patient   = 50
	impatient = 5
)

// ask asks once how a job is. After an error it tells how many such errors in a row there may be.
func (c *call) ask(ctx context.Context, describe reflect.Value, params jsonvalue.Value, path string) (told jsonvalue.Value, patience int, err error) {
	asking, cancel := context.WithTimeout(ctx, lateAnswer)
	defer cancel()
	answer, err := c.request(describe, params).send(asking)
	if err != nil {
		return told, patienceWith(err), c.failure(ctx, answer, err)
	}
	told, ok := at(answer.value, path)
	if !ok {
		err = &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: "The service does not list the job: " + answer.value.String()} // (unsure)
	}
	return told, patient, err
}

func patienceWith(err error) int {
	var api smithy.APIError
	passes := retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary ||
		retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err) == aws.TrueTernary
	if passes || !errors.As(err, &api) {
		return patient
	}
	return impatient
}

// unstarted returns the error of a start whose response has no job, as when a cluster has no room (unsure).
func (c *call) unstarted(response jsonvalue.Value) error {
	name := asl.StatesTaskFailed
	if c.task.Service == "ecs" {
		name = "AmazonECS.Unknown"
	}
	return &runtime.TaskError{Name: name, Cause: response.String()}
}

// ended reports whether a job is over, and what comes of it.
func (c *call) ended(j *job, told, known jsonvalue.Value) (out jsonvalue.Value, over bool, err error) {
	v, _ := at(told, j.status)
	status, _ := v.AsString()
	well, failed := slices.Contains(j.good, status), slices.Contains(j.bad, status)
	if c.task.Service == "ecs" && well {
		failed = !exitedWell(told)
	}
	if j.shown != "" {
		told = jsonvalue.Object(jsonvalue.Member{Name: j.shown, Value: told})
	}
	if id, ok := at(known, "$."+j.beside); ok && j.beside != "" {
		told = told.With(j.beside, id)
	}
	switch {
	case failed:
		return out, true, &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: told.String()}
	case !well:
		return out, false, nil
	case c.task.Service == "states" && strings.HasSuffix(c.task.Resource, ":2"):
		for _, name := range []string{"Input", "Output"} {
			if text, ok := told.Get(name); ok {
				told = told.With(name, parsed(text))
			}
		}
	}
	return told, true, nil
}

// exitedWell reports whether all containers of a task have the exit code 0 (unsure).
func exitedWell(task jsonvalue.Value) bool {
	containers, _ := task.Get("Containers")
	for _, container := range containers.Elements() {
		if code, ok := container.Get("ExitCode"); !ok || !code.Equal(jsonvalue.Int(0)) {
			return false
		}
	}
	return containers.Len() > 0
}

// stopJob stops a job that nobody waits for any more. It has a while to do so; its error is nobody's.
func (c *call) stopJob(ctx context.Context, j *job, known jsonvalue.Value) {
	stop, ok := c.service.operation(j.stop)
	params, err := namedBy(j.stopped, known)
	if !ok || err != nil {
		return
	}
	if j.reason != "" {
		params = params.With(j.reason, jsonvalue.String("The task of "+c.task.Execution+" is not waited for any more"))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, _ = c.sendTo(ctx, stop, params)
}

// namedBy makes parameters that name a job.
func namedBy(names []named, known jsonvalue.Value) (jsonvalue.Value, error) {
	params := jsonvalue.Object()
	for _, n := range names {
		v, ok := at(known, n.path)
		if !ok {
			return params, fmt.Errorf("the response to the start has no %s", n.path)
		}
		params = params.With(n.member(), n.value(v))
	}
	return params, nil
}

// at returns what is at a path.
func at(v jsonvalue.Value, path string) (jsonvalue.Value, bool) {
	p, err := jsonpath.Parse(path)
	if err != nil {
		return jsonvalue.Value{}, false
	}
	found, err := p.Get(v)
	return found, err == nil
}
