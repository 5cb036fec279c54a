package asltemporal

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// SucceedTask answers a task with its result. It returns nil when the execution has the answer.
// The errors are runtime.ErrInvalidToken and runtime.ErrTaskOver. If ctx ends first, it is not
// known whether the answer counts. A worker of the workflow must run.
func (c *Client) SucceedTask(ctx context.Context, token string, output jsonvalue.Value) error {
	if size := output.Size(); size > maxPayload {
		return fmt.Errorf("asltemporal: the output has %d bytes: Temporal takes %d", size, maxPayload)
	}
	return c.answer(ctx, answer{Token: token, Kind: succeedKind, Output: output.AppendJSON(nil)})
}

// FailTask answers a task with an error, as a task that returns it.
func (c *Client) FailTask(ctx context.Context, token string, taskErr error) error {
	a := answer{Token: token, Kind: failKind}
	if taskErr != nil {
		a.Error, a.Cause = runtime.Failure(taskErr)
	}
	return c.answer(ctx, a)
}

// HeartbeatTask tells that the task is alive.
func (c *Client) HeartbeatTask(ctx context.Context, token string) error {
	if err := c.answer(ctx, answer{Token: token, Kind: heartbeatKind}); err != nil {
		return err
	}
	return c.beat(ctx, token)
}

func (c *Client) answer(ctx context.Context, a answer) error {
	id, _, err := interp.ParseToken(a.Token)
	if err != nil {
		return runtime.ErrInvalidToken
	}
	err = c.update(ctx, id, answerName, a)
	var app *temporal.ApplicationError
	switch {
	case errors.Is(err, store.ErrNotFound):
		return runtime.ErrTaskOver
	case errors.As(err, &app) && app.Type() == invalidTokenError:
		return runtime.ErrInvalidToken
	case errors.As(err, &app) && app.Type() == taskOverError:
		return runtime.ErrTaskOver
	}
	return err
}

// Stop ends an execution with the status ABORTED, and returns the time at which it ended. An
// execution that is over stays as it is, and Stop returns the time of its end.
func (c *Client) Stop(ctx context.Context, id, name, cause string) (stopped time.Time, err error) {
	err = c.update(ctx, id, stopName, stop{Error: name, Cause: cause})
	var app *temporal.ApplicationError
	if err != nil && !errors.Is(err, store.ErrNotFound) && !(errors.As(err, &app) && app.Type() == taskOverError) {
		return time.Time{}, err
	}
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, maxPause) {
		info, err := c.info(ctx, id)
		if err != nil {
			return time.Time{}, err
		}
		if info.GetCloseTime() != nil {
			return info.GetCloseTime().AsTime().Truncate(time.Millisecond), nil
		}
		if err := sleep(ctx, pause); err != nil {
			return time.Time{}, err
		}
	}
}

// Condemn makes an execution fail at its next transition, with States.Runtime and a cause. One that is
// over stays as it is.
func (c *Client) Condemn(ctx context.Context, id, cause string) error {
	err := c.update(ctx, id, stopName, stop{Cause: cause, Later: true})
	var app *temporal.ApplicationError
	if errors.As(err, &app) && app.Type() == taskOverError {
		return nil
	}
	return err
}

// maxPause is the longest time between two attempts.
const maxPause = time.Second

// update sends an update, again and again while its run ends and the next begins, or while the
// server has too much to do. store.ErrNotFound says that the execution is not there, or over.
func (c *Client) update(ctx context.Context, id, name string, arg any) error {
	once := rand.Text() // asked again, the server knows that it is the same
	for pause := 5 * time.Millisecond; ; pause = min(2*pause, maxPause) {
		h, err := c.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateID: once, UpdateName: name, Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = h.Get(ctx, nil)
		}
		if again, err := c.again(ctx, id, err); !again {
			return err
		}
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// again reports whether an update is to be sent again.
func (c *Client) again(ctx context.Context, id string, err error) (bool, error) {
	var aborted *serviceerror.Aborted
	var early *serviceerror.WorkflowNotReady
	var gone *serviceerror.NotFound
	switch {
	case err == nil || ctx.Err() != nil:
		return false, err
	case isBusy(err), errors.As(err, &aborted), errors.As(err, &early):
		return true, nil
	case !errors.As(err, &gone):
		return false, err
	}
	info, unknown := c.info(ctx, id)
	if unknown != nil {
		return false, unknown
	}
	if info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return true, nil // a new run has begun
	}
	return false, naming(id, gone)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Redrive goes on with an execution that ended without success, at the states that did not
// succeed, in a new run of the workflow. meta, if it is not nil, replaces that of Start. The error may
// be runtime.ErrNotRedrivable: also for a workflow that was terminated, or has failed with a state that was
// too large to be kept.
func (c *Client) Redrive(ctx context.Context, id string, meta []byte) (store.Record, error) {
	return c.redrive(ctx, id, meta, 0)
}

// redrive goes on with an execution; parentRedrives says for which redrive of its parent, if it is the child of a
// Map Run.
func (c *Client) redrive(ctx context.Context, id string, meta []byte, parentRedrives int) (store.Record, error) {
	info, err := c.info(ctx, id)
	if err != nil {
		return store.Record{}, err
	}
	if info.GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return store.Record{}, runtime.ErrNotRedrivable
	}
	run := info.GetExecution().GetRunId()
	var end ending
	if err := c.Temporal.GetWorkflow(ctx, id, run).Get(ctx, nil); err != nil {
		var ended bool
		if end, ended = endOf(err); !ended {
			return store.Record{}, naming(id, err)
		}
	}
	if end.Frames == nil {
		return store.Record{}, runtime.ErrNotRedrivable
	}
	first, err := c.firstEvent(ctx, id, run)
	if err != nil {
		return store.Record{}, err
	}
	var in start
	var input converter.RawValue
	begun := first.GetWorkflowExecutionStartedEventAttributes()
	if err := c.converter().FromPayloads(begun.GetInput(), &in, &input); err != nil {
		return store.Record{}, fmt.Errorf("asltemporal: the input of %q: %w", id, err)
	}
	if !c.redrivable(&in, end.Frames) {
		return store.Record{}, runtime.ErrNotRedrivable
	}
	in.Header, in.State, in.Redrive, in.Before, in.Stopped, in.ParentRedrives = nil, end.Frames, true, run, "", parentRedrives
	m, err := c.memoOf(info)
	if err != nil {
		return store.Record{}, err
	}
	m.Redrives++
	m.Redriven, m.ParentRedrives = time.Now().UnixMilli(), parentRedrives
	if meta != nil {
		m.Meta = meta
		if in.Meta != nil {
			in.Meta = meta
		}
	}
	options := c.options(id, m)
	options.TaskQueue = cmp.Or(options.TaskQueue, info.GetTaskQueue())
	options.WorkflowIDReusePolicy = enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY
	_, err = c.Temporal.ExecuteWorkflow(ctx, options, begun.GetWorkflowType().GetName(), &in, payload(jsonvalue.Value{}))
	var there *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &there) {
		return store.Record{}, runtime.ErrNotRedrivable // somebody was quicker
	}
	if err != nil {
		return store.Record{}, err
	}
	return c.Describe(ctx, id)
}

// redrivable asks the execution itself. One whose definition this process does not have is tried.
func (c *Client) redrivable(in *start, state []byte) bool {
	var ps programs
	p, err := ps.of(in, c.Definitions)
	if err != nil {
		return errors.Is(err, errUnknown)
	}
	x, err := restored(p, state, interp.Config{Limits: in.limits(), Forget: true, Children: true, RemotePending: true}, newFamily())
	return err == nil && in.redrive(x)
}
