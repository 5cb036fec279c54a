package runtime

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/statemill/statemill/runtime/store"
)

// asks are the messages of this process to executions that other processes drive. Whoever
// acts on one replies in the same commit, so that the reply tells what is durable. If
// the owner dies, whoever takes the execution over replies.
type asks struct {
	mu   sync.Mutex
	open map[string]*openAsk // by the id of the message
}

// openAsk is a message that waits for its reply.
type openAsk struct {
	execution string
	reply     func(given)
	asked     time.Time
	looked    time.Time // when the store was last asked for the message
	gone      bool      // the store had it no more
}

// given is what comes of a message.
type given struct {
	err  error         // as Engine.SucceedTask returns it
	task *ActivityTask // what a worker gets; nil: no worker asked
}

// errElsewhere says that another process drives the execution.
var errElsewhere = fmt.Errorf("%w, and was not asked", ErrLost)

// errRefused says that nothing of a turn is stored, because another process had the
// execution meanwhile. What was asked may be asked again.
var errRefused = fmt.Errorf("%w: nothing is stored", ErrLost)

// relay takes a message to an execution that another process drives. Its reply tells what
// came of it there.
func (e *Engine) relay(id string, m message) {
	sent, err := e.register(id, &m, func(g given) { m.reply(g.err) })
	if err != nil {
		m.reply(err)
		return
	}
	e.commit(store.Change{By: e.config.Name, Send: []store.Message{sent}}, func(_, err error) {
		if err != nil {
			e.asks.reply(sent.ID, given{err: err}) // it may have got there
			return
		}
		e.leases.hint()
	})
}

// register returns the stored form of a message to an execution, whose sender waits for a
// reply from now on.
func (e *Engine) register(id string, m *message, reply func(given)) (sent store.Message, err error) {
	var random [16]byte
	if _, err := rand.Read(random[:]); err != nil {
		return sent, err
	}
	sent = m.stored(hex.EncodeToString(random[:]), id, e.queue())
	e.asks.add(sent.ID, id, reply)
	if e.isClosing() {
		e.asks.drop(sent.ID)
		return sent, ErrClosed
	}
	return sent, nil
}

// told is a function that gets the outcome of a commit.
type told func(refused, err error)

func (f told) committed(refused, err error) { f(refused, err) }

// commit queues a change that is no turn; the Engine waits for it when it is closed.
func (e *Engine) commit(change store.Change, done told) {
	e.work.enter() // it never refuses: who calls is at work
	e.commits.add(&commit{change: change, to: told(func(refused, err error) {
		defer e.work.leave()
		done(refused, err)
	})})
}

func (a *asks) add(message, execution string, reply func(given)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == nil {
		a.open = make(map[string]*openAsk)
	}
	now := time.Now()
	a.open[message] = &openAsk{execution: execution, reply: reply, asked: now, looked: now}
}

// reply tells the one who asked what came of a message. Nobody may be there any more.
func (a *asks) reply(message string, g given) {
	if asked := a.drop(message); asked != nil {
		asked.reply(g)
	}
}

// drop ends the waiting for a reply.
func (a *asks) drop(message string) *openAsk {
	a.mu.Lock()
	defer a.mu.Unlock()
	asked := a.open[message]
	delete(a.open, message)
	return asked
}

// close ends the waiting for replies.
func (a *asks) close() {
	a.mu.Lock()
	open := a.open
	a.open = nil
	a.mu.Unlock()
	for _, asked := range open {
		asked.reply(given{err: ErrClosed})
	}
}

// patience returns how long the next Poll may wait for the sake of those who ask: as
// long as the youngest has waited already.
func (a *asks) patience() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	wait := time.Duration(-1)
	for _, asked := range a.open {
		if age := time.Since(asked.asked); wait < 0 || age < wait {
			wait = age
		}
	}
	return wait
}

// takeReply tells the one who asked what a reply says, and consumes the reply.
func (e *Engine) takeReply(m *store.Message) {
	e.asks.reply(parseReply(m))
	e.commit(store.Change{By: e.config.Name, Consume: []string{m.ID}}, func(refused, err error) {
		if err != nil {
			e.log("a reply cannot be deleted", "message", m.ID, "error", err) // it is shown again
		}
	})
}

// lookAfter is how long a message is given until the store is asked for it.
const lookAfter = 2 * time.Second

// lookForAsks ends the waiting for replies that cannot come: the execution was deleted, or
// a reply was, because it came while the lease of this process was over. It follows a Poll.
func (e *Engine) lookForAsks(ctx context.Context) {
	for message, asked := range e.asks.late() {
		stored, err := e.store.Load(ctx, asked.execution)
		switch {
		case errors.Is(err, store.ErrNotFound):
			e.asks.reply(message, given{err: err})
		case err != nil || slices.ContainsFunc(stored.Messages, func(m store.Message) bool { return m.ID == message }):
		case asked.gone: // the Poll would have shown the reply
			e.asks.reply(message, given{err: ErrLost})
		default:
			asked.gone = true
		}
	}
}

// late returns those who have waited since the store was last asked for their messages.
func (a *asks) late() map[string]*openAsk {
	a.mu.Lock()
	defer a.mu.Unlock()
	late := make(map[string]*openAsk)
	for message, asked := range a.open {
		if time.Since(asked.looked) >= lookAfter {
			asked.looked, late[message] = time.Now(), asked
		}
	}
	return late
}
