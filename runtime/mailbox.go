package runtime

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/statemill/statemill/runtime/interp"
)

// mailbox takes what other goroutines report to the one that drives an
// execution, and knows which tasks are waited for. It is drained in batches.
type mailbox struct {
	driver listener

	mu       sync.Mutex
	messages []message
	open     map[interp.TaskID]bool // tasks that are out and not answered by token
	closed   bool
	stops    atomic.Int32 // messages that are to stop the execution
	filled   atomic.Bool  // there are messages

	tokens interface {
		Token(interp.TaskID) string
	}
}

// listener is told when something has come, on the goroutine that brought it.
type listener interface {
	notify() // it does not block
	ended()  // a task has ended: it may take its time
}

func (m *mailbox) token(id interp.TaskID) string { return m.tokens.Token(id) }

// fewMessages is the first room of a box: siblings often end together, and messages are large.
const fewMessages = 4

// post puts a message into the box. It never blocks.
func (m *mailbox) post(msg message) {
	m.put(msg)
	m.driver.notify()
}

// postEnd puts the last message of a task into the box, on the goroutine of the task.
func (m *mailbox) postEnd(msg message) {
	m.put(msg)
	m.driver.ended()
}

func (m *mailbox) put(msg message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return
	}
	if m.messages == nil {
		m.messages = make([]message, 0, fewMessages)
	}
	m.messages = append(m.messages, msg)
	m.filled.Store(true)
	if msg.kind == aborted {
		m.stops.Add(1)
	}
}

// postOpen puts a message about a task into the box if the task is waited for.
// The answer to it closes it, so that a second one is told so.
func (m *mailbox) postOpen(msg message) error {
	m.mu.Lock()
	open := m.open[msg.task] && !m.closed
	if open {
		m.messages = append(m.messages, msg)
		m.filled.Store(true)
		if msg.kind == answered {
			delete(m.open, msg.task)
		}
	}
	m.mu.Unlock()
	if !open {
		return ErrTaskOver
	}
	m.driver.notify()
	return nil
}

// expect notes that a task is out.
func (m *mailbox) expect(id interp.TaskID) {
	m.mu.Lock()
	if m.open == nil {
		m.open = make(map[interp.TaskID]bool)
	}
	m.open[id] = true
	m.mu.Unlock()
}

// forget notes that the answer to a task is not wanted any more.
func (m *mailbox) forget(id interp.TaskID) {
	m.mu.Lock()
	delete(m.open, id)
	m.mu.Unlock()
}

// take empties the box. The messages to come are kept in the memory of those that were
// taken before.
func (m *mailbox) take(before []message) (messages []message) {
	if !m.filled.Load() {
		return before[:0]
	}
	m.mu.Lock()
	messages, m.messages = m.messages, before[:0]
	m.stops.Store(0)
	m.filled.Store(false)
	m.mu.Unlock()
	return messages
}

// putBack puts messages back before those that have come since, and reports whether
// there are any.
func (m *mailbox) putBack(messages []message) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages = slices.Concat(messages, m.messages)
	m.filled.Store(len(m.messages) > 0)
	for i := range messages {
		if messages[i].kind == aborted {
			m.stops.Add(1)
		}
	}
	return len(messages) > 0
}

func (m *mailbox) any() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.messages) > 0
}

// genuine refuses the messages that have a token other than that of their task, and
// reports whether any are left. Those of the store are kept: their sender waits in another
// process, and is told so in a turn.
func (m *mailbox) genuine(token func(interp.TaskID) string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages = slices.DeleteFunc(m.messages, func(msg message) bool {
		if msg.token == "" || msg.id != "" || token(msg.task) == msg.token {
			return false
		}
		msg.reply(ErrInvalidToken)
		return true
	})
	return len(m.messages) > 0
}

func (m *mailbox) close() {
	m.mu.Lock()
	m.closed, m.messages = true, nil
	m.mu.Unlock()
}
