package asltemporal

import (
	"cmp"
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// PollActivity waits until a task of an activity ARN is there for a worker, and returns it; SucceedTask,
// FailTask and HeartbeatTask answer it. It takes tasks of the same queue as Temporal workers do: that which is named after the
// activity. The history gets the name of the worker, and the clocks of the task (TimeoutSeconds, HeartbeatSeconds) begin.
// If the worker dies, or this process while it hands the task out, the clocks end the task; a task without clocks waits for
// ever, as on AWS. A worker of the workflow must run.
//
// If ctx ends first, PollActivity returns its cause.
func (c *Client) PollActivity(ctx context.Context, activity, worker string) (*runtime.ActivityTask, error) {
	resource := asl.ParseResource(activity)
	if resource.Pattern != asl.Activity {
		return nil, errors.New("asltemporal: not the ARN of an activity: " + activity)
	}
	for {
		offered, err := c.Temporal.WorkflowService().PollActivityTaskQueue(ctx, &workflowservice.PollActivityTaskQueueRequest{
			Namespace: c.namespace(), Identity: worker, TaskQueue: &taskqueuepb.TaskQueue{Name: resource.Action, Kind: enumspb.TASK_QUEUE_KIND_NORMAL},
		})
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case isBusy(err):
			if err := sleep(ctx, maxPause); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		case len(offered.GetTaskToken()) == 0:
			continue // nothing came for a minute
		}
		task, err := c.take(ctx, offered, worker)
		if task != nil || err != nil {
			return task, err
		}
	}
}

// take takes a task for a worker; nil: it is over.
func (c *Client) take(ctx context.Context, offered *workflowservice.PollActivityTaskQueueResponse, worker string) (*runtime.ActivityTask, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takingTime) // it is the worker's already
	defer cancel()
	var input converter.RawValue
	var what about
	err := c.converter().FromPayloads(offered.GetInput(), &input, &what)
	if err == nil && what.Token == "" {
		err = errors.New("it was started by something else than a state machine")
	}
	task := &runtime.ActivityTask{Token: what.Token}
	if err == nil {
		task.Input, err = value(input)
	}
	if err != nil {
		return nil, errors.Join(err, c.giveUp(ctx, offered, err))
	}
	err = c.answer(ctx, answer{Token: what.Token, Kind: startKind, Worker: worker})
	if errors.Is(err, runtime.ErrTaskOver) || errors.Is(err, runtime.ErrInvalidToken) {
		return nil, nil
	}
	return task, err
}

// takingTime is how long the execution has to hear that a worker has a task.
const takingTime = 10 * time.Second

// giveUp fails a task that cannot be read, as a worker does that performs it.
func (c *Client) giveUp(ctx context.Context, offered *workflowservice.PollActivityTaskQueueResponse, why error) error {
	_, err := c.Temporal.WorkflowService().RespondActivityTaskFailed(ctx, &workflowservice.RespondActivityTaskFailedRequest{
		Namespace: c.namespace(), TaskToken: offered.GetTaskToken(),
		Failure: temporal.GetDefaultFailureConverter().ErrorToFailure(unreadable(why)),
	})
	return err
}

// namespace is that of the connection.
func (c *Client) namespace() string { return cmp.Or(c.Namespace, client.DefaultNamespace) }

// isBusy reports whether the server is to be asked again later.
func isBusy(err error) bool {
	var busy *serviceerror.ResourceExhausted
	var away *serviceerror.Unavailable
	return errors.As(err, &busy) || errors.As(err, &away)
}

// beat tells the server of a heartbeat: it watches the tasks that it has handed out. Of others it knows nothing.
func (c *Client) beat(ctx context.Context, token string) error {
	id, task, err := interp.ParseToken(token)
	if err != nil {
		return runtime.ErrInvalidToken
	}
	err = c.Temporal.RecordActivityHeartbeatByID(ctx, "", id, "", task.String())
	var unknown *serviceerror.NotFound
	if errors.As(err, &unknown) {
		return nil
	}
	return err
}
