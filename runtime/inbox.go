package runtime

import (
	"sync"

	"github.com/statemill/statemill/runtime/store"
)

// inbox knows which messages an execution in memory has got from the store, so that it
// notes each of them once: a Poll shows a message until it is consumed, and a Poll that
// was under way at that instant shows it after that.
type inbox struct {
	mu     sync.Mutex
	loaded int64            // how many Polls had begun when the execution was loaded
	got    map[string]int64 // by id: 0 until it is consumed; then how many Polls had begun
	swept  int64            // how many Polls had begun when got was last swept
}

// begin notes how many Polls have begun before the execution is loaded.
func (b *inbox) begin(polls int64) {
	b.mu.Lock()
	b.loaded = polls
	b.mu.Unlock()
}

// take reports whether a message is new. poll is the number of the Poll that has shown
// it; 0: no Poll has.
func (b *inbox) take(id string, poll int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if poll > 0 && poll <= b.loaded {
		return false // it came with the execution, or was consumed before
	}
	consumed, known := b.got[id]
	if known && (consumed == 0 || poll <= consumed) {
		return false
	}
	if b.got == nil {
		b.got = make(map[string]int64)
	}
	b.got[id] = 0
	return true
}

// consume notes that messages were consumed, before the Poll with the number polls+1.
func (b *inbox) consume(ids []string, polls int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		b.got[id] = max(polls, 1)
	}
	if b.swept == polls {
		return
	}
	b.swept = polls
	for id, consumed := range b.got {
		if consumed != 0 && consumed < polls-1 {
			delete(b.got, id)
		}
	}
}

// collect puts the messages that came with the execution before all other mail.
func (r *resident) collect(stored *store.Stored) {
	var mail []message
	for i := range stored.Messages {
		if m := &stored.Messages[i]; r.inbox.take(m.ID, 0) {
			mail = append(mail, r.read(m))
		}
	}
	r.mail.putBack(mail)
}

// receive takes a message that was stored while the execution is in memory.
func (r *resident) receive(m *store.Message, poll int64) {
	if r.inbox.take(m.ID, poll) {
		r.mail.post(r.read(m))
	}
}

// read returns what a message says. One that cannot be read says nothing, and is
// consumed: it would come again and again.
func (r *resident) read(s *store.Message) message {
	m, err := parseMessage(s)
	if err != nil {
		r.engine.log("a message cannot be read", "execution", r.id, "message", s.ID, "kind", s.Kind, "error", err)
		m.kind, m.err = unread, err
	}
	return m
}

// deliver brings messages that are in the store to those whom they are for, if these are
// in this process. poll is the number of the Poll that has shown them; 0: this process
// has just stored them.
func (e *Engine) deliver(messages []store.Message, poll int64) {
	for i := range messages {
		m := &messages[i]
		switch {
		case !m.Queued():
			e.deliverMail(m, poll)
		case m.To == e.queue():
			e.takeReply(m)
		default:
			e.workers.deal(m)
		}
	}
}

// deliverMail brings a message to an execution. One that is not in memory is loaded with
// its messages: a Poll has it taken up, and after a Send that is done here, unless many are
// being loaded.
func (e *Engine) deliverMail(m *store.Message, poll int64) {
	e.mu.Lock()
	r := e.resident[m.To]
	e.mu.Unlock()
	switch {
	case r != nil:
		r.receive(m, poll)
	case poll > 0:
	case e.loading.Load() < mostTaken:
		e.takeUp(m.To, 0)
	default:
		e.leases.hint()
	}
}

// queue names the queue of this process.
func (e *Engine) queue() string { return store.ProcessQueue + e.config.Name }
