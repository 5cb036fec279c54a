package interp

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// failure is why a state did not succeed.
type failure struct {
	history.ErrorInfo
	kind     failureKind
	location string // of an evaluation: the field
	state    string // the state that failed, the innermost one
	path     string // the way to it through Map and Parallel states, "M[1]/I"; "": it is state alone
	task     TaskID // the task whose failure it was; zero: none
}

type failureKind uint8

const (
	failedPlainly    failureKind = iota
	failedEvaluation             // a JSONata expression
	failedTimeout                // TimeoutSeconds ran out
	failedHeartbeat              // HeartbeatSeconds ran out
)

// The longest name, cause and location that AWS stores, in characters.
const (
	maxErrorName = 256
	maxCause     = 32768
	maxLocation  = 256
)

func newFailure(name, cause string) *failure {
	return &failure{ErrorInfo: history.ErrorInfo{
		Error: clip(name, maxErrorName), Cause: clip(cause, maxCause), HasError: true, HasCause: true,
	}}
}

// within notes that the failure happened in a strand of a Map or Parallel state.
func (fl *failure) within(f *frame) {
	if fl.state == "" {
		return
	}
	fl.path = f.parent.node.name + "[" + strconv.Itoa(int(f.index)) + "]/" + cmp.Or(fl.path, fl.state)
}

// timeout returns the failure States.Timeout, which has no cause (recorded).
func timeout(kind failureKind, task TaskID) *failure {
	return &failure{ErrorInfo: history.ErrorInfo{Error: asl.StatesTimeout, HasError: true}, kind: kind, task: task}
}

// given returns the failure with an error name and a cause that came from
// outside, where an empty text is absent.
func given(name, cause string) *failure {
	fl := newFailure(name, cause)
	fl.HasError, fl.HasCause = name != "", cause != ""
	return fl
}

// clip cuts a text after limit characters.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}

// errorOutput returns the Error Output, the data that a Catcher gets. A timeout has
// no cause in the history, and an empty one here (recorded).
func (fl *failure) errorOutput() datum {
	var name, cause jsonvalue.Value
	if fl.HasError {
		name = jsonvalue.String(fl.Error)
	}
	if fl.HasCause || fl.timedOut() {
		cause = jsonvalue.String(fl.Cause)
	}
	v := jsonvalue.Object(jsonvalue.Member{Name: "Error", Value: name}, jsonvalue.Member{Name: "Cause", Value: cause})
	return datum{value: v, size: v.Size()}
}

func (fl *failure) timedOut() bool {
	return fl.kind == failedTimeout || fl.kind == failedHeartbeat
}

// uncatchable reports whether no Retrier and no Catcher sees the failure.
func (fl *failure) uncatchable() bool { return fl.HasError && fl.Error == asl.StatesRuntime }

// matches reports whether ErrorEquals covers the failure. States.ALL covers
// States.DataLimitExceeded as well, States.TaskFailed everything but timeouts
// (both recorded on AWS), and States.Timeout a missed heartbeat, too.
func (fl *failure) matches(errorEquals []string) bool {
	if fl.uncatchable() {
		return false
	}
	for _, entry := range errorEquals {
		if fl.matchesEntry(entry) {
			return true
		}
	}
	return false
}

func (fl *failure) matchesEntry(entry string) bool {
	switch entry {
	case asl.StatesALL:
		return true
	case asl.StatesTaskFailed:
		return !fl.timedOut() && fl.Error != asl.StatesTimeout && fl.Error != asl.StatesHeartbeatTimeout
	case asl.StatesTimeout:
		return fl.Error == entry || fl.Error == asl.StatesHeartbeatTimeout
	case asl.StatesHeartbeatTimeout:
		return fl.kind == failedHeartbeat || fl.Error == entry
	}
	return fl.HasError && fl.Error == entry
}

// raise returns a failure that the interpreter itself finds in the present
// state. AWS says in its cause which state that was, and when it was entered.
func (t *turn) raise(name, format string, args ...any) *failure {
	cause := ""
	if !t.env.inspects {
		cause = fmt.Sprintf("An error occurred while executing the state '%s' (entered at the event id #%d). ", t.at.node.name, t.enteredID())
	}
	fl := newFailure(name, cause+fmt.Sprintf(format, args...))
	fl.state = t.at.node.name
	return fl
}

// enteredID returns the id of the event with which the state was entered. While
// the state is still to be entered it is a guess, and transition looks whether it
// was right.
func (t *turn) enteredID() int64 {
	if t.at.phase != phaseEntering {
		return t.at.entered
	}
	t.quoted = true
	return t.entered
}

// enteredAt returns when the state was entered, in milliseconds.
func (t *turn) enteredAt() int64 {
	if t.at.phase != phaseEntering {
		return t.at.enteredAt
	}
	return t.env.now
}

func (t *turn) runtimeError(format string, args ...any) *failure {
	return t.raise(asl.StatesRuntime, format, args...)
}

// evaluationError returns the failure of a JSONata expression.
func (t *turn) evaluationError(field, format string, args ...any) *failure {
	fl := t.raise(asl.StatesQueryEvaluationError, format, args...)
	fl.kind, fl.location = failedEvaluation, clip(field, maxLocation)
	return fl
}

// tooLarge returns the failure of data over the payload limit. AWS names the
// service of an integration, the ARN of a function, else the state.
func (t *turn) tooLarge() *failure { return tooLargeFor(t.at.node) }

func tooLargeFor(n *node) *failure {
	fl := newFailure(asl.StatesDataLimitExceeded, fmt.Sprintf(
		"The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", n.producer()))
	fl.state = n.name
	return fl
}
