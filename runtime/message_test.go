package runtime

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// described is a message as testdata/messages.txt has it.
type described struct {
	Kind, Task, Token, Worker, Error, Cause, Meta string
	Output                                        jsonvalue.Value
	Pattern                                       asl.Pattern
	Fails                                         bool

	// Of a reply.
	Reply string
	Given *ActivityTask
}

func (d *described) message(t *testing.T) message {
	t.Helper()
	task, err := interp.ParseTaskID(d.Task)
	require.NoError(t, err)
	m := message{id: "id", from: "from", task: task, token: d.Token, worker: d.Worker, name: d.Error, cause: d.Cause, output: d.Output, pattern: d.Pattern}
	for kind, name := range storedKinds {
		if name == d.Kind {
			m.kind = kind
		}
	}
	if d.Fails {
		m.err = &TaskError{d.Error, d.Cause}
	}
	if d.Meta != "" {
		m.meta = []byte(d.Meta)
	}
	return m
}

// TestMessages holds the stored forms of messages to a file: every later version reads
// them.
func TestMessages(t *testing.T) {
	golden.Run(t, "testdata/messages.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(input string) string {
			var d described
			require.NoError(t, json.Unmarshal([]byte(input), &d))
			if d.Kind == replyKind {
				return d.reply(t)
			}
			m := d.message(t)
			s := m.stored("id", "to", "from")
			read, err := parseMessage(&s)
			require.NoError(t, err)
			require.True(t, m.output.Equal(read.output))
			m.output, read.output = jsonvalue.Value{}, jsonvalue.Value{}
			require.Equal(t, m, read)
			return hex.EncodeToString(s.Data)
		}
	})
}

func (d *described) reply(t *testing.T) string {
	t.Helper()
	known, is := replies[d.Reply]
	if !is {
		known = errors.New(d.Reply)
	}
	m := message{id: "id", from: store.ProcessQueue + "p"}
	s, ok := m.replyTo("execution", given{err: known, task: d.Given})
	require.True(t, ok)
	id, g := parseReply(&s)
	require.Equal(t, "id", id)
	require.Equal(t, known, g.err)
	if d.Given != nil {
		require.Equal(t, d.Given.Token+d.Given.Input.String(), g.task.Token+g.task.Input.String())
	}
	return hex.EncodeToString(s.Data)
}

// Whatever stands in the store, reading it fails or gives a message that is stored and
// read as itself.
func FuzzMessage(f *testing.F) {
	m := message{kind: answered, task: interp.TaskID{Frame: 2, Attempt: 1}, token: "t", output: jsonvalue.Int(7), meta: []byte("m"), err: &TaskError{"E", "why"}}
	f.Add("answer", m.stored("id", "to", "from").Data)
	reply, _ := (&message{id: "id", from: store.ProcessQueue}).replyTo("x", given{task: &ActivityTask{Token: "t"}})
	f.Add("reply", reply.Data)
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		id, g := parseReply(&store.Message{ID: "reply:id", Data: data})
		if g.err == nil && g.task != nil {
			again, _ := (&message{id: id, from: store.ProcessQueue}).replyTo("x", g)
			_, g2 := parseReply(&again)
			require.Equal(t, g.task.Token, g2.task.Token)
		}
		m, err := parseMessage(&store.Message{ID: "id", Kind: kind, Data: data})
		if err != nil {
			return
		}
		s := m.stored("id", "to", "")
		read, err := parseMessage(&s)
		require.NoError(t, err)
		require.True(t, m.output.Equal(read.output))
		m.output, read.output = jsonvalue.Value{}, jsonvalue.Value{}
		require.Equal(t, m, read)
	})
}
