package asltemporal

import (
	"encoding/json"
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// The names of the updates, the signal and the query of a workflow.
const (
	answerName   = "statemill.answer" // an update, and a signal for those who cannot wait
	stopName     = "statemill.stop"   // an update, and a signal to the children of a Map Run
	limitName    = "statemill.limit"  // an update
	describeName = "statemill.describe"
)

// answer is what somebody says of a task by its token.
type answer struct {
	Token  string          `json:"token"`
	Kind   string          `json:"kind"`
	Output json.RawMessage `json:"output,omitempty"` // of succeed
	Error  string          `json:"error,omitempty"`  // of fail
	Cause  string          `json:"cause,omitempty"`
	Worker string          `json:"worker,omitempty"` // of start: the name of the worker that has the task of an activity ARN
}

// The kinds of answers.
const (
	succeedKind   = "succeed"
	failKind      = "fail"
	heartbeatKind = "heartbeat"
	startKind     = "start"
)

// stop ends an execution.
type stop struct {
	Error string `json:"error,omitempty"`
	Cause string `json:"cause,omitempty"`
	Later bool   `json:"later,omitempty"` // with States.Runtime, at the next transition
}

var (
	errInvalidToken = temporal.NewNonRetryableApplicationError("invalid task token", invalidTokenError, nil)
	errTaskOver     = temporal.NewNonRetryableApplicationError("the task is over", taskOverError, nil)
)

// serve makes the workflow answer updates and queries. What an update brings is noted at once;
// its validator has made sure that it counts, so refusals leave no event.
func (r *run) serve(ctx workflow.Context) {
	r.answers = workflow.GetSignalChannel(ctx, answerName)
	r.ends, r.stops = workflow.GetSignalChannel(ctx, childName), workflow.GetSignalChannel(ctx, stopName)
	must(workflow.SetUpdateHandlerWithOptions(ctx, answerName, func(_ workflow.Context, a answer) error { return r.note(&a) },
		workflow.UpdateHandlerOptions{Validator: r.check}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, stopName, func(_ workflow.Context, s stop) error {
		return r.end(s)
	}, workflow.UpdateHandlerOptions{Validator: func(stop) error {
		if r.over {
			return errTaskOver
		}
		return nil
	}}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, limitName, func(_ workflow.Context, l limit) error { return r.limit(l) },
		workflow.UpdateHandlerOptions{Validator: r.checkLimit}))
	must(workflow.SetQueryHandler(ctx, describeName, r.describe))
}

// end notes that the execution is to end.
func (r *run) end(s stop) error {
	taken := false
	switch {
	case r.over:
	case s.Later:
		taken = r.x.Condemn(s.Cause)
	default:
		taken = r.x.Abort(s.Error, s.Cause)
	}
	if !taken {
		return errTaskOver
	}
	r.noted = true
	return nil
}

// must panics: the SDK refuses a handler that does not fit.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// check is the validator of answers.
func (r *run) check(a answer) error {
	_, id, err := interp.ParseToken(a.Token)
	if err != nil || r.x.Token(id) != a.Token {
		return errInvalidToken
	}
	if _, out := r.x.Task(id); !out || r.over {
		return errTaskOver
	}
	switch a.Kind {
	case failKind, heartbeatKind, startKind:
		return nil
	case succeedKind:
		_, err := jsonvalue.Parse(a.Output)
		return err
	}
	return fmt.Errorf("an answer has the kind %q: expected %s, %s, %s or %s", a.Kind, succeedKind, failKind, heartbeatKind, startKind)
}

// note tells the machine an answer that was checked.
func (r *run) note(a *answer) error {
	if err := r.check(*a); err != nil {
		return err // another answer was quicker
	}
	_, id, _ := interp.ParseToken(a.Token)
	taken := false
	switch a.Kind {
	case heartbeatKind:
		taken = r.x.Heartbeat(id)
	case startKind:
		taken = r.x.Started(id, a.Worker)
	case failKind:
		taken = r.x.Fail(id, a.Error, a.Cause)
	case succeedKind:
		output, err := jsonvalue.Parse(a.Output)
		if err != nil {
			return err
		}
		taken = r.x.Succeed(id, output)
	}
	if !taken {
		return errTaskOver
	}
	if a.Kind == succeedKind || a.Kind == failKind {
		r.cancel(id)
	}
	r.noted = true
	return nil
}

// receive notes the answers that came as signals. One that does not count goes nowhere.
func (r *run) receive() {
	r.receiveFamily()
	for r.answers != nil && r.answers.Len() > 0 {
		var a answer
		if !r.answers.ReceiveAsync(&a) {
			return
		}
		_ = r.note(&a)
	}
}

// Description is the answer to the query "statemill.describe" of a workflow.
type Description struct {
	Status   interp.Status   `json:"status"`
	Events   int64           `json:"events"` // of the execution, over all runs
	Redrives int             `json:"redrives"`
	Strands  []interp.Strand `json:"strands"`
	Tasks    int             `json:"tasks"` // that activities perform
	Held     int             `json:"held"`  // that wait for a new run, or for room in a message to the server
}

func (r *run) describe() (Description, error) {
	h := r.x.Snapshot().Header
	return Description{h.Status, r.x.Events(), h.Redrives, r.x.Strands(), len(r.flights), len(r.held)}, nil
}
