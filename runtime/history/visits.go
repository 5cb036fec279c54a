package history

import (
	"fmt"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// Visits folds the events of one execution into visits of states. The zero Visits is
// ready to use. It is not safe for concurrent use.
//
// Events do not tell which rule of a Choice state held, nor which Retrier or Catcher
// took a failure.
type Visits struct {
	all     []*Visit
	open    []*Visit           // those that have not ended
	parents map[string]string  // by the name of a state that was entered: the state around it
	at      map[int64]position // by event id
}

// Visit is one visit of a state: from its StateEntered event until it is left.
type Visit struct {
	State string
	Type  string // "Task"
	Event int64  // the ID of its StateEntered event

	Parent *Visit // of the Parallel or Map state around it; nil: none
	Child  int    // which branch or iteration of Parent it is in, from 0. Branches count in the order of their first events

	Status  VisitStatus
	Entered time.Time
	Left    time.Time // zero while the visit is Open

	Input     jsonvalue.Value
	Output    jsonvalue.Value // of a visit that Exited or was Caught
	Variables jsonvalue.Value // what it assigned, an object; null: nothing
	ErrorInfo                 // of the failure with which it ended, or of its last attempt

	Attempts   []Attempt   // of a Task state; of a Parallel or Map state, with their times alone
	Iterations []Iteration // of a Map state, by index
	Length     int         // of a Map state: how many items it has

	begun int // branches of the present attempt
}

// VisitStatus says how a visit stands.
type VisitStatus string

// The statuses of visits, iterations and attempts.
const (
	Open    VisitStatus = "open"
	Exited  VisitStatus = "exited"  // it succeeded
	Caught  VisitStatus = "caught"  // it failed, and a Catcher took the failure
	Failed  VisitStatus = "failed"  // nobody caught its failure
	Aborted VisitStatus = "aborted" // a failure elsewhere, or the end of the execution, stopped it
)

// Attempt is one attempt at the work of a state. Times are zero until they are known.
type Attempt struct {
	Event     int64 // the ID of its Scheduled or Started event
	Status    VisitStatus
	Scheduled time.Time
	Started   time.Time
	Ended     time.Time
	Input     jsonvalue.Value // what was asked for, with its parameters
	Output    jsonvalue.Value // the result, or while it runs the response to the request
	ErrorInfo

	Resource     string // as the events have them
	ResourceType string
}

// Iteration is one iteration of a Map state.
type Iteration struct {
	Event   int64 // the ID of its MapIterationStarted event; 0: it has not started
	Status  VisitStatus
	Started time.Time
	Ended   time.Time
}

// position is where an event happened.
type position struct {
	visit  *Visit // the state that the strand is in, or has left; nil: it is before its first state
	child  int    // of the next state that is entered, if visit is the state around it
	inside bool   // the next state that is entered is inside visit
	failed bool   // the event tells a failure
	over   bool   // the event is the failure of the Parallel or Map state: another attempt is not of this state
}

// All returns the visits in the order in which their states were entered. They are
// brought up to date by Add.
func (v *Visits) All() []*Visit { return v.all }

// Path returns the way to the visit through Parallel and Map states: "M[1]/I".
func (v *Visit) Path() string {
	if v.Parent == nil {
		return v.State
	}
	return fmt.Sprintf("%s[%d]/%s", v.Parent.Path(), v.Child, v.State)
}

// Add takes the next event of the execution, in the order of IDs. It returns the visit
// that the event belongs to; nil: it belongs to the execution as a whole.
func (v *Visits) Add(e Event) *Visit {
	here := v.fold(&e, v.at[e.PreviousID])
	if v.at == nil {
		v.at = make(map[int64]position)
	}
	v.at[e.ID] = here
	return here.visit
}

// fold takes an event whose strand was at a position before.
func (v *Visits) fold(e *Event, before position) position {
	if name, ok := e.StateEntered(); ok {
		return v.enter(e, name, before)
	}
	if name, ok := e.StateExited(); ok {
		return v.exit(e, name, before)
	}
	switch {
	case e.Type == "ExecutionRedriven" || e.Type == "ExecutionStarted":
		return position{}
	case strings.HasPrefix(e.Type, "Execution"):
		v.end(e, before)
		return position{}
	case strings.HasPrefix(e.Type, "MapIteration"):
		return v.iteration(e, before)
	case strings.HasPrefix(e.Type, "ParallelState"), strings.HasPrefix(e.Type, "MapState"):
		return v.container(e, before)
	case strings.HasSuffix(e.Type, "StateAborted"):
		return before // it points to the failure, and does not say which strand is meant
	case before.visit == nil:
		return before
	case e.Type == "EvaluationFailed":
		before.visit.ErrorInfo = e.ErrorInfo
	default:
		before.visit.attempt(v, e)
	}
	return position{visit: before.visit, failed: e.Failure()}
}

func (v *Visits) enter(e *Event, name string, before position) position {
	made := &Visit{
		State: name, Type: strings.TrimSuffix(e.Type, "StateEntered"), Event: e.ID,
		Status: Open, Entered: e.Time, Input: e.Input,
	}
	if around, seen := v.parents[name]; before.inside && seen && around != before.visit.State {
		before = v.startedOutside(e, around, before)
	}
	if before.inside {
		made.Parent, made.Child = before.visit, before.child
		if before.visit.Type == "Parallel" {
			made.Child = before.visit.begun
			before.visit.begun++
		}
	} else if before.visit != nil {
		made.Parent, made.Child = before.visit.Parent, before.visit.Child
	}
	v.reopen(made.Parent)
	v.knowParent(made)
	v.all, v.open = append(v.all, made), append(v.open, made)
	return position{visit: made}
}

func (v *Visits) knowParent(made *Visit) {
	if v.parents == nil {
		v.parents = make(map[string]string)
	}
	if v.parents[made.State] = ""; made.Parent != nil {
		v.parents[made.State] = made.Parent.State
	}
}

// around returns the visit of a state that a position is in, from the inside outwards.
func (p position) around(state string, ok func(*Visit) bool) *Visit {
	for at := p.visit; at != nil; at = at.Parent {
		if (state == "" || at.State == state) && ok(at) {
			return at
		}
	}
	return nil
}

// exit ends a visit. The event may follow one inside of the state.
func (v *Visits) exit(e *Event, name string, before position) position {
	at := before.around(name, func(at *Visit) bool { return at.Type+"StateExited" == e.Type })
	if at == nil {
		return before
	}
	status := Exited
	if before.visit == at && before.failed {
		status = Caught
	}
	at.Output, at.Variables = e.Output, e.Variables
	v.reopen(at)
	v.close(at, status, e.Time)
	return position{visit: at}
}

// close ends a visit, and what is open below it.
func (v *Visits) close(at *Visit, status VisitStatus, when time.Time) {
	kept := v.open[:0]
	for _, open := range v.open {
		switch {
		case open == at:
			open.leave(status, when)
		case open.within(at):
			open.leave(Aborted, when)
		default:
			kept = append(kept, open)
		}
	}
	v.open = kept
}

func (p *Visit) within(around *Visit) bool {
	for at := p.Parent; at != nil; at = at.Parent {
		if at == around {
			return true
		}
	}
	return false
}

func (p *Visit) leave(status VisitStatus, when time.Time) {
	p.Status, p.Left = status, when
	for i := range p.Attempts {
		if a := &p.Attempts[i]; a.Status == Open {
			a.Status, a.Ended = status, when
			if status == Exited {
				a.Output = p.Output
			}
		}
	}
	for i := range p.Iterations {
		if it := &p.Iterations[i]; it.Status == Open {
			it.Status, it.Ended = Aborted, when
		}
	}
}

// end ends what is open at the end of the execution. Where the event points to, the
// failure was; nothing of an execution that was aborted or timed out failed.
func (v *Visits) end(e *Event, before position) {
	for at := before.visit; at != nil && e.Type == "ExecutionFailed"; at = at.Parent {
		if at.Status == Open {
			if at == before.visit {
				at.ErrorInfo = e.ErrorInfo
			}
			at.Status = Failed
		}
	}
	for _, open := range v.open {
		status := Aborted
		if open.Status == Failed {
			status = Failed
		}
		if open.Type == "Succeed" && e.Type == "ExecutionSucceeded" {
			status = Exited
		}
		open.leave(status, e.Time)
	}
	v.open = v.open[:0]
}
