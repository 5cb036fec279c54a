package runtime

import (
	"errors"

	"github.com/statemill/statemill/asl"
)

// WorkflowType is what Step Functions calls the type of a state machine.
type WorkflowType uint8

// The types. An Express execution has five minutes and any number of events, and nobody
// can answer its tasks but who performs them.
const (
	Standard     WorkflowType = iota
	AsyncExpress              // nobody waits for it: StartExecution
	SyncExpress               // StartSyncExecution: its Context Object has no RedriveCount
)

// expressSeconds is the time of an Express execution.
const expressSeconds = 300

// bounds returns the limits of executions of the type.
func (w WorkflowType) bounds(l Limits) Limits {
	if w == Standard {
		return l
	}
	if l.Seconds == 0 || l.Seconds > expressSeconds {
		l.Seconds = expressSeconds
	}
	if l.History == 0 {
		l.History = -1
	}
	return l
}

// admits refuses a program with tasks that executions of the type cannot have.
func (w WorkflowType) admits(p *Program) error {
	if w == Standard || p == nil {
		return nil
	}
	var problems []error
	for _, task := range p.Tasks() {
		if task.Resource.Pattern != asl.RequestResponse {
			problems = append(problems, stateError(p, &task.StateInfo, errors.New("an Express execution cannot wait for what "+task.Resource.Text+" stands for")))
		}
	}
	for _, m := range p.Distributed() {
		problems = append(problems, stateError(p, &m.StateInfo, errors.New("an Express execution cannot have a Map Run")))
	}
	if problems != nil {
		return &refusal{errors.Join(problems...)}
	}
	return nil
}
