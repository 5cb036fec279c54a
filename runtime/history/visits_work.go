package history

import (
	"strings"
	"time"
)

// container takes an event of a Parallel or Map state that is neither its entry nor its
// exit. Its success and its failure may follow an event inside of it.
func (v *Visits) container(e *Event, before position) position {
	kind := "Map"
	if strings.HasPrefix(e.Type, "Parallel") {
		kind = "Parallel"
	}
	event := strings.TrimPrefix(e.Type, kind+"State")
	if event == "Aborted" {
		return before
	}
	at := before.around("", func(at *Visit) bool {
		return at.Type == kind && (at.Status == Open || event == "Started") && !(before.over && at == before.visit)
	})
	if at == nil {
		return before
	}
	switch event {
	case "Started":
		v.reopen(at)
		at.Attempts = append(at.Attempts, Attempt{Event: e.ID, Status: Open, Scheduled: e.Time, Started: e.Time})
		at.Iterations, at.Length, at.begun = nil, e.Length, 0
		return position{visit: at, inside: true}
	case "Failed":
		v.failInside(at, before, e)
		return position{visit: at, failed: true, over: true}
	case "Succeeded":
		at.endAttempt(e, Exited)
	}
	return position{visit: at, failed: before.visit == at && before.failed}
}

// startedOutside corrects who began another attempt. When the fields after the work of a
// Parallel or Map state fail, its own attempt and one of the state around it follow the
// same event,
//
//	42<-41 ParallelStateSucceeded 43<-42 ParallelStateStarted
//
// and the first state that is entered tells which it was.
func (v *Visits) startedOutside(e *Event, state string, before position) position {
	wrong := before.visit
	at := position{visit: wrong.Parent}.around(state, func(*Visit) bool { return true })
	if at == nil || len(wrong.Attempts) == 0 {
		return before
	}
	begun := wrong.Attempts[len(wrong.Attempts)-1]
	wrong.Attempts = wrong.Attempts[:len(wrong.Attempts)-1]
	v.failInside(at, position{visit: wrong}, &Event{Time: begun.Started})
	at.Attempts, at.begun = append(at.Attempts, begun), before.visit.begun
	wrong.begun = 0
	right := position{visit: at, inside: true, child: before.child}
	v.at[e.PreviousID] = right
	return right
}

// failInside ends what is open inside of a Parallel or Map state that has failed.
func (v *Visits) failInside(at *Visit, failure position, e *Event) {
	for inner := failure.visit; inner != nil && inner != at; inner = inner.Parent {
		if inner.Status == Open {
			v.close(inner, Failed, e.Time)
		}
	}
	if failure.visit != nil {
		at.ErrorInfo = failure.visit.ErrorInfo
	}
	kept := v.open[:0]
	for _, open := range v.open {
		if open.within(at) {
			open.leave(Aborted, e.Time)
		} else {
			kept = append(kept, open)
		}
	}
	v.open = kept
	at.endAttempt(e, Failed)
}

// reopen takes a visit up again that the end of an execution stopped: the execution was
// redriven.
func (v *Visits) reopen(at *Visit) {
	for inner := -1; at != nil && at.Status != Open; inner, at = at.Child, at.Parent {
		at.Status, at.ErrorInfo, at.Left = Open, ErrorInfo{}, time.Time{}
		v.open = append(v.open, at)
		if n := len(at.Attempts); inner >= 0 && n > 0 {
			at.Attempts[n-1].Status, at.Attempts[n-1].Ended = Open, time.Time{}
		}
		if inner >= 0 && inner < len(at.Iterations) {
			at.Iterations[inner].Status, at.Iterations[inner].Ended = Open, time.Time{}
		}
	}
}

// iteration takes an event of an iteration. The first one may follow an event inside of
// another iteration, whose slot it takes.
func (v *Visits) iteration(e *Event, before position) position {
	at := before.around(e.Name, func(at *Visit) bool { return at.Type == "Map" })
	if at == nil || e.Index < 0 || e.Index > len(at.Iterations) {
		return before // iterations start in the order of their items
	}
	if e.Index == len(at.Iterations) {
		at.Iterations = append(at.Iterations, Iteration{})
	}
	it := &at.Iterations[e.Index]
	switch strings.TrimPrefix(e.Type, "MapIteration") {
	case "Started":
		if before.inside && before.visit != at {
			v.startedOutside(e, at.State, before)
		}
		*it = Iteration{Event: e.ID, Status: Open, Started: e.Time}
		return position{visit: at, inside: true, child: e.Index}
	case "Succeeded":
		it.Status, it.Ended = Exited, e.Time
	case "Failed":
		it.Status, it.Ended = Failed, e.Time
		return before // what follows tells of the failure inside
	case "Aborted":
		it.Status, it.Ended = Aborted, e.Time
		return before
	}
	return position{visit: at}
}

// attempt takes an event of the task of a state.
func (p *Visit) attempt(v *Visits, e *Event) {
	if strings.HasSuffix(e.Type, "Scheduled") {
		v.reopen(p)
		input := e.Input
		if e.Type == "TaskScheduled" {
			input = e.Parameters
		}
		p.Attempts = append(p.Attempts, Attempt{
			Event: e.ID, Status: Open, Scheduled: e.Time, Input: input, Resource: e.Resource, ResourceType: e.ResourceType,
		})
		return
	}
	if len(p.Attempts) == 0 {
		p.Attempts = append(p.Attempts, Attempt{Event: e.ID, Status: Open, Scheduled: e.Time})
	}
	last := &p.Attempts[len(p.Attempts)-1]
	switch {
	case strings.HasSuffix(e.Type, "Started"):
		last.Started = e.Time
	case strings.HasSuffix(e.Type, "Submitted"):
		last.Output = e.Output
	case strings.HasSuffix(e.Type, "Succeeded"):
		last.Output = e.Output
		p.endAttempt(e, Exited)
	case e.Failure():
		last.ErrorInfo, p.ErrorInfo = e.ErrorInfo, e.ErrorInfo
		p.endAttempt(e, Failed)
	}
}

func (p *Visit) endAttempt(e *Event, status VisitStatus) {
	if len(p.Attempts) > 0 {
		last := &p.Attempts[len(p.Attempts)-1]
		last.Status, last.Ended = status, e.Time
	}
}
