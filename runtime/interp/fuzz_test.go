package interp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// FuzzRun parses, compiles and runs any definition for a bounded number of
// steps, each with a bounded number of transitions.
func FuzzRun(f *testing.F) {
	for seed := range uint64(200) {
		c, err := generate.New(seed)
		require.NoError(f, err)
		f.Add(c.Definition, []byte(c.Input.String()))
	}
	f.Fuzz(func(t *testing.T, definition, input []byte) {
		sm, err := asl.Parse(definition)
		v, err2 := jsonvalue.Parse(input)
		if err != nil || err2 != nil {
			return
		}
		p, err := interp.Compile(sm)
		if err != nil || p.Alone() {
			return
		}
		x := p.New(interp.Header{}, interp.Config{Limits: interp.Limits{History: 200, Payload: 20_000}, History: true})
		x.Begin(v)
		drive(x, 200)
	})
}

// drive goes on with an execution: tasks succeed and fail in turns.
func drive(x *interp.Execution, steps int) {
	now := generate.Start
	for i := range steps {
		ready := x.Step(now)
		for j, s := range ready.Start {
			if (i+j)%3 == 0 {
				x.Fail(s.ID, "Boom", "")
			} else {
				x.Succeed(s.ID, s.Input)
			}
		}
		if ready.Outcome != nil && !x.Redrive() {
			return
		}
		if len(ready.Start) == 0 && ready.Wake.After(now) {
			now = ready.Wake
		}
	}
}

// FuzzRestore cuts a random program anywhere, restores what was stored, and
// what is stored of that is the same. Then it restores hostile records.
func FuzzRestore(f *testing.F) {
	for seed := range uint64(200) {
		f.Add(seed, uint8(seed%16), []byte(nil), []byte(nil))
	}
	f.Add(uint64(1), uint8(2), []byte("\x01{\"state\":\"S1\",\"phase\":\"forked\",\"fork\":{\"open\":-1}}"), []byte("\x01{\"status\":\"RUNNING\"}"))
	f.Fuzz(func(t *testing.T, seed uint64, cut uint8, record, header []byte) {
		c, err := generate.New(seed)
		require.NoError(t, err)
		s := storedAt(c, int(cut%32))
		x, err := s.restore(c.Program)
		require.NoError(t, err)
		require.Equal(t, s.wake, x.Pending().Wake)
		drive(x, 50)
		s.spoil(record, header)
		if x, err := s.restore(c.Program); err == nil {
			x.Pending()
			drive(x, 50)
		}
	})
}
