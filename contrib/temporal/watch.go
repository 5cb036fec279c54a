package asltemporal

import (
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/runtime/history"
)

// watch sees what a run does when it is replayed: the events of the execution, and all that
// its commands hold. The methods of a nil watch do nothing.
type watch struct {
	events func(history.Event) // nil: nobody wants them
	run    *run                // nil: it has not begun

	activities []watchedActivity
	children   []watchedChild
	jobs       []watchedJob
	timers     []time.Duration
	ends       []watchedEnd // at most one
}

// watchedActivity is an activity that a run starts.
type watchedActivity struct {
	options workflow.ActivityOptions
	kind    string
	input   []byte
	about   about
}

// watchedChild is a child that a run starts.
type watchedChild struct {
	id    string
	in    start
	input []byte
}

// watchedJob is an activity that a run starts for a Map Run.
type watchedJob struct {
	kind string
	arg  any
}

// watchedEnd is how a run ends.
type watchedEnd struct {
	output      []byte // of one that succeeds
	name, cause string
	end         *ending
	next        *start
}

func (w *watch) begun(r *run) {
	if w != nil {
		w.run = r
	}
}

func (w *watch) observe(events []history.Event) {
	if w == nil || w.events == nil {
		return
	}
	for i := range events {
		w.events(events[i])
	}
}

func (w *watch) activity(o *workflow.ActivityOptions, kind string, input converter.RawValue, what *about) {
	if w != nil {
		w.activities = append(w.activities, watchedActivity{*o, kind, input.Payload().GetData(), *what})
	}
}

func (w *watch) timer(d time.Duration) {
	if w != nil {
		w.timers = append(w.timers, d)
	}
}

func (w *watch) result(out converter.RawValue) {
	if w != nil {
		w.ends = append(w.ends, watchedEnd{output: out.Payload().GetData()})
	}
}

func (w *watch) failure(name, cause string, end *ending) {
	if w != nil {
		w.ends = append(w.ends, watchedEnd{name: name, cause: cause, end: end})
	}
}

func (w *watch) carried(next *start) {
	if w != nil {
		w.ends = append(w.ends, watchedEnd{next: next})
	}
}

func (w *watch) child(id string, in *start, input converter.RawValue) {
	if w != nil {
		w.children = append(w.children, watchedChild{id, *in, input.Payload().GetData()})
	}
}

func (w *watch) job(kind string, arg any) {
	if w != nil {
		w.jobs = append(w.jobs, watchedJob{kind, arg})
	}
}
