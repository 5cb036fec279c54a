package runtime

import (
	"errors"
	"fmt"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// message is one report to an execution: about a task, or a verb about all of it.
type message struct {
	kind        messageKind
	task        interp.TaskID
	pattern     asl.Pattern     // of returned and started
	output      jsonvalue.Value // of all that bring a result or a response
	err         error           // of returned and answered: not nil if the task has failed
	worker      string          // of begun
	name, cause string          // of aborted; of condemned the cause alone
	meta        []byte          // of redriven: what the record has as Meta from then on; nil: what it has
	token       string          // that is to be the token of the task; "": nobody doubts it
	reply       func(error)     // told, when it is durable, whether the message was taken; nil: nobody asks

	run     interp.MapRunID // of itemsRead, collected and written
	chunk   *interp.Chunk   // of itemsRead; nil: nothing can be read, and cause says why
	lacking bool            // of written: there are none, and cause says why

	id, from string // of a message in the store: its id, and who sent it; "" for others
}

type messageKind uint8

const (
	returned  messageKind = iota // the TaskInvoker has returned
	answered                     // the answer came by token
	begun                        // a worker has the task of an activity
	submitted                    // the service has taken the request
	heartbeat
	started   // an execution that the task starts is there; pattern is that of the task
	ended     // the execution that the task waits for is over
	unread    // a message of the store that cannot be read
	childOver // a child of a Map Run is over
	itemsRead // items of a Map Run, or why they cannot be read
	collected // the results of a Map Run
	written   // the files of a Map Run, or why they cannot be
	limited   // a Map Run has new limits

	childrenRedriven // children of a Map Run are redriven
	looked           // nothing: the execution is to go on
	aborted          // the verbs about the whole execution, in the words of package interp
	redriven         // likewise
	condemned
)

// isVerb reports whether the message is about the whole execution.
func (k messageKind) isVerb() bool { return k >= looked }

// storedKinds are the kinds of messages that may go through the store, as store.Message.Kind
// has them.
var storedKinds = map[messageKind]string{
	answered: "answer", begun: "begun", heartbeat: "heartbeat", aborted: "abort", started: "started", ended: "ended", childOver: "child", limited: "limits", childrenRedriven: "redriven", redriven: "redrive", condemned: "condemn",
}

// messageVersion is the first byte of the stored form.
const messageVersion = 1

// stored returns the message as it goes through the store, from the process to an
// execution. Its kind is one of storedKinds.
func (m *message) stored(id, to, from string) store.Message {
	name, cause := m.name, m.cause
	if m.err != nil {
		name, cause, _ = taskFailure(m.err)
	}
	data := wire.AppendBool([]byte{messageVersion, byte(m.pattern)}, m.err != nil)
	for _, text := range [...]string{m.token, m.worker, name, cause, m.output.String()} {
		data = wire.AppendText(data, text)
	}
	if data = wire.AppendBool(data, m.meta != nil); m.meta != nil {
		data = wire.AppendText(data, string(m.meta))
	}
	return store.Message{ID: id, To: to, From: from, Kind: storedKinds[m.kind], Task: m.task, Data: data}
}

// errMessage reports a message that this version cannot read.
var errMessage = errors.New("runtime: a message of a later version")

// parseMessage reads a message to an execution.
func parseMessage(s *store.Message) (message, error) {
	m := message{id: s.ID, from: s.From, task: s.Task}
	known := false
	for kind, name := range storedKinds {
		if name == s.Kind {
			m.kind, known = kind, true
		}
	}
	if !known || len(s.Data) == 0 || s.Data[0] != messageVersion {
		return m, errMessage
	}
	r := wire.NewReader(s.Data[1:])
	m.pattern = asl.Pattern(r.Byte())
	failed := r.Bool()
	m.token, m.worker, m.name, m.cause = r.Text(), r.Text(), r.Text(), r.Text()
	output := r.Text()
	if r.Bool() {
		m.meta = []byte(r.Text())
	}
	if err := r.End(); err != nil {
		return m, fmt.Errorf("%w: %w", errMessage, err)
	}
	if failed {
		m.err = &TaskError{Name: m.name, Cause: m.cause}
	}
	var err error
	m.output, err = jsonvalue.Parse([]byte(output))
	return m, err
}

// The kind of messages that answer others, and how their ids begin. The rest of the id is
// that of the other message.
const (
	replyKind   = "reply"
	replyPrefix = "reply:"
)

// replies are the errors that a reply may tell, by the text that stands for them.
var replies = map[string]error{
	"":              nil,
	"over":          ErrTaskOver,
	"invalid token": ErrInvalidToken,
}

// replyTo returns the message that tells the sender of m what came of it. ok is false if
// the sender does not ask.
func (m *message) replyTo(execution string, g given) (reply store.Message, ok bool) {
	if m.id == "" || !strings.HasPrefix(m.from, store.ProcessQueue) {
		return reply, false
	}
	text := ""
	if g.err != nil {
		text = g.err.Error()
	}
	for known, stands := range replies {
		if errors.Is(g.err, stands) {
			text = known
		}
	}
	data := wire.AppendBool(wire.AppendText([]byte{messageVersion}, text), g.task != nil)
	if g.task != nil {
		data = wire.AppendText(wire.AppendText(data, g.task.Token), g.task.Input.String())
	}
	return store.Message{ID: replyPrefix + m.id, To: m.from, From: execution, Kind: replyKind, Data: data}, true
}

// parseReply returns the id of the message that is replied to, and what came of it.
func parseReply(s *store.Message) (id string, g given) {
	id = strings.TrimPrefix(s.ID, replyPrefix)
	if len(s.Data) == 0 || s.Data[0] != messageVersion {
		return id, given{err: errMessage}
	}
	r := wire.NewReader(s.Data[1:])
	text := r.Text()
	err, known := replies[text]
	if !known {
		err = errors.New(text)
	}
	g.err = err
	if r.Bool() {
		g.task = &ActivityTask{Token: r.Text()}
		if g.task.Input, err = jsonvalue.Parse([]byte(r.Text())); err != nil {
			return id, given{err: errMessage}
		}
	}
	if r.End() != nil {
		return id, given{err: errMessage}
	}
	return id, g
}
