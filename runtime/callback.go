package runtime

import (
	"errors"
	"fmt"
	"sync"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// Callbacks takes the answers to tasks that are answered by token, for the executions of all
// Runners whose field Callbacks points to it. The zero Callbacks is ready to use; it is safe
// for concurrent use. Its methods do not block. Each returns [ErrInvalidToken] if the text is
// no token, and [ErrTaskOver] if no execution waits for the task.
type Callbacks struct {
	mu    sync.Mutex
	boxes map[string]*mailbox // by Identity.Execution
}

var (
	// ErrInvalidToken reports a text that is no task token.
	ErrInvalidToken = errors.New("runtime: invalid task token")

	// ErrTaskOver reports a token whose task has been answered, has timed out,
	// or belongs to an execution that is over.
	ErrTaskOver = errors.New("runtime: the task is over")
)

// Succeed answers a task with its result.
func (c *Callbacks) Succeed(token string, output jsonvalue.Value) error {
	return c.post(token, message{kind: answered, output: output})
}

// Fail answers a task with an error. Its name and cause are those that it would have
// if a TaskInvoker returned it.
func (c *Callbacks) Fail(token string, err error) error {
	if err == nil {
		err = &TaskError{}
	}
	return c.post(token, message{kind: answered, err: err})
}

// Heartbeat tells that the task is alive.
func (c *Callbacks) Heartbeat(token string) error {
	return c.post(token, message{kind: heartbeat})
}

// Start tells that a worker has fetched the task of an activity. Its timeout
// begins.
func (c *Callbacks) Start(token, worker string) error {
	return c.post(token, message{kind: begun, worker: worker})
}

func (c *Callbacks) post(token string, m message) error {
	execution, id, err := interp.ParseToken(token)
	if err != nil {
		return ErrInvalidToken
	}
	c.mu.Lock()
	box := c.boxes[execution]
	c.mu.Unlock()
	if box == nil {
		return ErrTaskOver
	}
	if box.token(id) != token {
		return ErrInvalidToken
	}
	m.task = id
	return box.postOpen(m)
}

// register lets answers for an execution arrive in its mailbox.
func (c *Callbacks) register(execution string, box *mailbox) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.boxes[execution] != nil {
		return fmt.Errorf("runtime: an execution %s runs with these Callbacks already", execution)
	}
	if c.boxes == nil {
		c.boxes = make(map[string]*mailbox)
	}
	c.boxes[execution] = box
	return nil
}

func (c *Callbacks) unregister(execution string) {
	c.mu.Lock()
	delete(c.boxes, execution)
	c.mu.Unlock()
}
