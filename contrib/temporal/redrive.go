package asltemporal

import (
	"context"
	"errors"
	"fmt"

	"github.com/statemill/statemill/internal/mapresults"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// The types of the activities that work for a Map Run which is redriven.
const (
	redriveActivity = "statemill.redrive" // redrives children
	collectActivity = "statemill.collect" // brings the results of children together
)

// redriveChildren is the argument of an activity that redrives children of a Map Run.
type redriveChildren struct {
	Kin      kin    `json:"kin"`
	From     int64  `json:"from"` // the index of the first child that may be redriven
	N        int64  `json:"n,omitempty"`
	Redrives int    `json:"redrives"`       // of the parent
	Stop     string `json:"stop,omitempty"` // stop those that were redriven and run: the ARN of the Map Run
}

// redriven is its result.
type redriven struct {
	Next  int64     `json:"next"` // the index behind the last child that was looked at
	Begun []againOf `json:"begun,omitempty"`
	Over  []againOf `json:"over,omitempty"` // those that cannot be redriven
}

// againOf is a child that was to be redriven.
type againOf struct {
	Index  int64         `json:"index"`
	Items  int64         `json:"items"`
	Status interp.Status `json:"status,omitempty"` // of one that cannot be
}

// again has children redriven.
func (r *run) again(a interp.RedriveChildren) {
	of := r.mapRun(a.Run)
	of.redrives, of.results = a.Redrives, nil
	q := redriveChildren{Kin: r.kin(a.Run), From: a.From, N: a.N, Redrives: a.Redrives}
	r.work(a.Run, redriveActivity, q, func(j *job) { r.haveRedriven(j, &q) })
}

// haveRedriven tells the machine which children were redriven.
func (r *run) haveRedriven(j *job, q *redriveChildren) {
	var done redriven
	err := j.future.Get(r.ctx, &done)
	if arn := r.stopped[j.run]; arn != "" { // some may run that nobody has told of
		r.work(j.run, redriveActivity, redriveChildren{Kin: q.Kin, From: q.From, Redrives: q.Redrives, Stop: arn}, func(*job) {})
		return
	}
	if err != nil {
		r.noted = r.x.Condemn("The children of a Map Run cannot be redriven: "+j.failure(err)) || r.noted
		return
	}
	of := r.mapRun(j.run)
	names, _ := r.x.ChildNames(j.run)
	for _, c := range done.Begun {
		of.alive[c.Index] = childRef{names.Execution(c.Index), c.Items}
	}
	fewer := q.N - int64(len(done.Begun)+len(done.Over))
	r.noted = r.x.ChildrenRedriven(j.run, done.Next, fewer) || r.noted
	for _, c := range done.Over {
		r.x.ChildDone(interp.ChildEnd{Run: j.run, Status: c.Status, Items: c.Items, Redriven: true})
	}
	early := of.early
	of.early = nil
	for i := range early {
		r.childOver(&early[i])
	}
}

// redrives reports whether children of a Map Run are being redriven.
func (r *run) redrives(id interp.MapRunID) bool {
	for _, j := range r.jobs {
		if j.run == id && j.kind == redriveActivity {
			return true
		}
	}
	return false
}

// redrive performs the activity. It may begin anew: what was redriven for the same redrive of the parent stays so.
func (w *Worker) redrive(ctx context.Context, q redriveChildren) (done redriven, err error) {
	defer alive(ctx)()
	children := w.siblingsOf(ctx)
	if q.Stop != "" {
		err = q.Kin.each(q.From, func(_ int64, id string) error { return children.stopRedriven(ctx, id, q.Redrives, q.Stop) })
		return done, outcome(ctx, err)
	}
	full := errors.New("enough")
	done.Next = q.From
	err = q.Kin.each(q.From, func(index int64, id string) error {
		switch {
		case int64(len(done.Begun)+len(done.Over)) == q.N:
			return full
		case ctx.Err() != nil:
			return ctx.Err()
		}
		c, err := children.redriveChild(ctx, id, q.Redrives)
		if err != nil {
			return fmt.Errorf("child %d of the Map Run, %s: %w", index, id, err)
		}
		switch c.Index, done.Next = index, index+1; c.Status {
		case interp.Succeeded:
		case interp.Running:
			c.Status = ""
			done.Begun = append(done.Begun, c)
		default:
			done.Over = append(done.Over, c)
		}
		return nil
	})
	if err == full {
		err = nil
	}
	return done, outcome(ctx, err)
}

// redriveChild redrives a child of a Map Run for a redrive of its parent, and returns its Items. Its
// Status is Running if it was, now or before, Succeeded if there is nothing to do, and another if it cannot be.
func (c *Client) redriveChild(ctx context.Context, id string, redrives int) (again againOf, err error) {
	for {
		info, err := c.info(ctx, id)
		if err != nil {
			return again, unlessMissing(err)
		}
		m, err := c.memoOf(info)
		if err != nil {
			return again, &unreached{err}
		}
		if again.Items = m.Items; m.ParentRedrives == redrives {
			again.Status = interp.Running // it tells of its end itself
			return again, nil
		}
		r, err := c.ended(ctx, id)
		if err != nil || r.Status == interp.Succeeded {
			again.Status = r.Status
			return again, err
		}
		// Whether it begins must be known: so nobody interrupts.
		if _, err = c.redrive(context.WithoutCancel(ctx), id, nil, redrives); !errors.Is(err, runtime.ErrNotRedrivable) {
			again.Status = interp.Running
			return again, unlessMissing(err)
		}
		if after, err := c.info(ctx, id); err == nil && after.GetExecution().GetRunId() == info.GetExecution().GetRunId() {
			again.Status = r.Status
			return again, nil
		}
	}
}

// unlessMissing says of an error of the server that the activity is to be performed again.
func unlessMissing(err error) error {
	if err == nil || errors.Is(err, store.ErrNotFound) {
		return err
	}
	return &unreached{err}
}

// stopRedriven stops a child of a Map Run if it was redriven for a redrive of its parent.
func (c *Client) stopRedriven(ctx context.Context, id string, redrives int, mapRun string) error {
	info, err := c.info(ctx, id)
	if err != nil {
		return unlessMissing(err)
	}
	m, err := c.memoOf(info)
	if err != nil {
		return &unreached{err}
	}
	if m.ParentRedrives != redrives || info.GetCloseTime() != nil {
		return nil
	}
	err = naming(id, c.Temporal.SignalWorkflow(ctx, id, "", stopName, stop{Cause: stoppedBy(mapRun)}))
	if errors.Is(err, store.ErrNotFound) {
		return nil // it has ended
	}
	return unlessMissing(err)
}

// collectResults is the argument of an activity that brings the results of children together.
type collectResults struct {
	Kin            kin    `json:"kin"`
	Transformation string `json:"transformation,omitempty"`
}

// collectAgain has the results of a Map Run brought together that was redriven: what the children before that
// have come to, only their workflows know.
func (r *run) collectAgain(c interp.CollectResults) {
	r.work(c.Run, collectActivity, collectResults{r.kin(c.Run), c.Transformation}, func(j *job) {
		var results jsonvalue.Value
		if err := j.future.Get(r.ctx, &results); err != nil {
			r.noted = r.x.Condemn("The results of a Map Run cannot be collected: "+j.failure(err)) || r.noted
			return
		}
		r.noted = r.x.Collected(j.run, results) || r.noted
	})
}

// collect performs the activity.
func (w *Worker) collect(ctx context.Context, q collectResults) (results jsonvalue.Value, err error) {
	defer alive(ctx)()
	var elements []jsonvalue.Value
	size := 0
	err = q.Kin.eachEnded(ctx, w.siblingsOf(ctx), func(index int64, r *store.Record) error {
		if r.Status != interp.Succeeded {
			return nil
		}
		for v := range mapresults.Contributions(childOf(r, index, q.Kin.Express).Result(q.Transformation), q.Transformation) {
			elements = append(elements, v)
			if size += v.Size() + 1; size > maxPayload {
				return fmt.Errorf("they have more than %d bytes", maxPayload)
			}
		}
		return nil
	})
	return jsonvalue.Array(elements...), outcome(ctx, err)
}

// settle waits, before an execution ends, for what its Map Runs have under way that would begin children.
func (r *run) settle() {
	for len(r.jobs) > 0 {
		j := r.jobs[0]
		r.jobs = r.jobs[1:]
		if j.kind == redriveActivity {
			_ = j.future.Get(r.ctx, nil) // take looks at it
			j.take(j)
		}
	}
}
