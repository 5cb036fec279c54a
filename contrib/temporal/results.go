package asltemporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/internal/mapresults"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// writeActivity is the type of the activity that writes the results of a Map Run to objects. What children
// have come to, their workflows tell: nothing of it goes through the parent.
const writeActivity = "statemill.write"

// kin tells who the children of a Map Run are.
type kin struct {
	Run      string `json:"run"`
	Children int64  `json:"children"` // how many have begun: those with the indices below
	Prefix   string `json:"prefix"`
	Express  bool   `json:"express,omitempty"`
	Seed     []byte `json:"seed"`
}

func (r *run) kin(id interp.MapRunID) kin {
	names, _ := r.x.ChildNames(id)
	k := kin{Run: names.Run, Prefix: names.Prefix, Express: names.Express, Seed: names.Seed[:]}
	for _, m := range r.x.MapRuns() {
		if m.ID == id {
			k.Children = m.Children.Total() - m.Children.Pending
		}
	}
	return k
}

func (k *kin) names() interp.ChildNames {
	names := interp.ChildNames{Prefix: k.Prefix, Express: k.Express, Run: k.Run}
	copy(names.Seed[:], k.Seed)
	return names
}

// each calls f with the id of each child, from an index on.
func (k *kin) each(from int64, f func(index int64, id string) error) error {
	names := k.names()
	for i := from; i < k.Children; i++ {
		if err := f(i, names.Execution(i)); err != nil {
			return err
		}
	}
	return nil
}

// asked is how many children are asked at a time what they have come to.
const asked = 16

// eachEnded calls f with the records of the children, in the order of their indices, when they are over.
func (k *kin) eachEnded(ctx context.Context, children siblings, f func(index int64, r *store.Record) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	names := k.names()
	for from := int64(0); from < k.Children; from += asked {
		records := make([]store.Record, min(asked, k.Children-from))
		var all sync.WaitGroup
		for i := range records {
			all.Go(func() {
				id := names.Execution(from + int64(i))
				var err error
				if records[i], err = children.ended(ctx, id); err != nil {
					cancel(fmt.Errorf("child %d of the Map Run, %s: %w", from+int64(i), id, err)) // the first one counts
				}
			})
		}
		all.Wait()
		for i := range records {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if err := f(from+int64(i), &records[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeResults is the argument of the activity.
type writeResults struct {
	Kin            kin    `json:"kin"`
	Probe          bool   `json:"probe,omitempty"`
	ARN            string `json:"arn"`
	Bucket         string `json:"bucket"`
	Folder         string `json:"folder"`
	Transformation string `json:"transformation"`
	OutputType     string `json:"outputType"`
	Redrives       int    `json:"redrives,omitempty"`
	Last           int    `json:"last,omitempty"`
	LastFolder     string `json:"lastFolder,omitempty"`

	// Pending is the execution as it stands, At a time in milliseconds: the inputs of children that do
	// not begin are made of it. nil: there are none.
	Pending *start `json:"pending,omitempty"`
	At      int64  `json:"at,omitempty"`
}

// written is its result: what is pending.
type written struct {
	Children int64 `json:"children,omitempty"`
	Items    int64 `json:"items,omitempty"`
}

// job is an activity that works for a Map Run.
type job struct {
	run    interp.MapRunID
	kind   string
	future workflow.Future
	cancel workflow.CancelFunc
	take   func(j *job)
}

func (j *job) ready() bool { return j.future.IsReady() }

// work starts an activity for a Map Run. It is performed until it has a result: take gets that, or
// the error that says why there is none.
func (r *run) work(run interp.MapRunID, kind string, arg any, take func(j *job)) {
	ctx, cancel := workflow.WithCancel(r.ctx)
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: never, HeartbeatTimeout: r.worker.liveness(), WaitForCancellation: true,
		RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second},
	})
	r.jobs = append(r.jobs, &job{run, kind, workflow.ExecuteActivity(ctx, kind, arg), cancel, take})
	r.watch.job(kind, arg)
}

// failure returns why an activity of a Map Run has no result.
func (j *job) failure(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}

// write has the results of a Map Run written, or the place for them tested.
func (r *run) write(w interp.WriteResults) {
	q := writeResults{
		Kin: r.kin(w.Run), Probe: w.Probe, ARN: w.ARN, Bucket: w.Bucket, Folder: w.Folder, Transformation: w.Transformation, OutputType: w.OutputType,
		Redrives: w.Redrives, Last: w.Last, LastFolder: w.LastFolder,
	}
	if w.Pending {
		state, err := packed(r.x, nil)
		if err != nil {
			panic(err)
		}
		in := *r.in
		in.Header, in.Redrive, in.Before, in.State = nil, false, "", state
		q.Pending, q.At = &in, workflow.Now(r.ctx).UnixMilli()
		if encoded(&q) > maxPayload {
			r.noted = r.x.WriteFailed(w.Run, "The state of the execution is larger than Temporal takes.") || r.noted
			return
		}
	}
	r.work(w.Run, writeActivity, q, r.haveWritten)
}

// haveWritten tells the machine that the results are written.
func (r *run) haveWritten(j *job) {
	var pending written
	if err := j.future.Get(r.ctx, &pending); err != nil {
		r.noted = r.x.WriteFailed(j.run, j.failure(err)) || r.noted
		return
	}
	if pending.Children > 0 {
		r.x.PendingChildren(j.run, pending.Children, pending.Items)
	}
	r.noted = r.x.ResultsWritten(j.run) || r.noted
}

// write performs the activity. It begins anew if the worker dies, and writes the same.
func (w *Worker) write(ctx context.Context, q writeResults) (pending written, err error) {
	defer alive(ctx)()
	if w.Objects == nil {
		return pending, outcome(ctx, errNoObjects)
	}
	where := interp.WriteResults{
		ARN: q.ARN, Bucket: q.Bucket, Folder: q.Folder, Transformation: q.Transformation, OutputType: q.OutputType,
		Express: q.Kin.Express, Redrives: q.Redrives, Last: q.Last, LastFolder: q.LastFolder,
	}
	to := mapresults.New(w.Objects, where)
	if q.Probe {
		return pending, outcome(ctx, to.Probe(ctx))
	}
	err = w.writeAll(ctx, to, &q, &pending)
	if err != nil {
		err = errors.Join(err, to.Abort())
	}
	return pending, outcome(ctx, err)
}

// writeAll writes what the children of a Map Run have come to, and what is pending.
func (w *Worker) writeAll(ctx context.Context, to *mapresults.Writer, q *writeResults, pending *written) error {
	err := q.Kin.eachEnded(ctx, w.siblingsOf(ctx), func(index int64, r *store.Record) error {
		if r.Status == interp.Succeeded && q.LastFolder != "" && r.ParentRedrives <= q.Last {
			return nil // the files before these have it
		}
		return to.Append(ctx, childOf(r, index, q.Kin.Express))
	})
	if err == nil && q.Pending != nil {
		err = w.pending(ctx, q, func(c *interp.StartChild) error {
			pending.Children, pending.Items = pending.Children+1, pending.Items+c.Items
			return to.Append(ctx, &mapresults.Child{Index: c.Index, Pending: true, Input: c.Input})
		})
	}
	if err != nil {
		return err
	}
	return to.Close(ctx)
}

// childOf returns what a child contributes to the results of its Map Run.
func childOf(r *store.Record, index int64, express bool) *mapresults.Child {
	return &mapresults.Child{
		Index: index, Input: r.Input, Identity: r.Identity, Express: express, Status: r.Status, Output: r.Output,
		Failure: r.ErrorInfo, Began: r.Start, Ended: r.Stop, Redrives: r.Redrives, RedriveAt: r.Redriven,
	}
}

// pending makes the inputs of the children that do not begin.
func (w *Worker) pending(ctx context.Context, q *writeResults, add func(c *interp.StartChild) error) error {
	run, err := interp.ParseMapRunID(q.Kin.Run)
	if err != nil {
		return err
	}
	p, err := w.programs.of(q.Pending, w.Definitions)
	if err != nil {
		return err
	}
	config := interp.Config{Limits: q.Pending.limits(), Forget: true, Unwatched: true, Children: true}
	x, err := restored(p, q.Pending.State, config, newFamily())
	if err != nil {
		return err
	}
	at := time.UnixMilli(q.At)
	for ready := x.Pending(); ; ready = x.Step(at) {
		goesOn, err := w.drain(ctx, x, run, ready.Mapping, add)
		if err != nil || !goesOn {
			return err
		}
		if ready.Outcome != nil || ctx.Err() != nil {
			return errors.Join(errors.New("the execution has ended"), ctx.Err())
		}
	}
}

// drain does what a Map Run wants whose items are all to become inputs, and reports whether it
// goes on.
func (w *Worker) drain(ctx context.Context, x *interp.Execution, run interp.MapRunID, m *interp.Mapping, add func(c *interp.StartChild) error) (goesOn bool, err error) {
	if m == nil {
		return true, nil
	}
	for i := range m.Children {
		if c := &m.Children[i]; c.Run == run && c.Pending {
			if err := add(c); err != nil {
				return false, err
			}
		}
	}
	for i := range m.Read {
		if q := &m.Read[i]; q.Run == run {
			chunk, err := w.readOnce(ctx, q)
			if err != nil {
				return false, err
			}
			x.ItemsRead(run, chunk)
		}
	}
	for _, q := range m.Write {
		if q.Run == run && !q.Probe {
			return false, nil
		}
	}
	if slices.Contains(m.Ended, run) {
		return false, errors.New("the inputs of children that do not begin cannot be made")
	}
	return true, nil
}
