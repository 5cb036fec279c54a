package interp_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// kept is a stored execution in a file: every later version must load it, and
// end it as it would have ended.
type kept struct {
	Definition string
	Limits     interp.Limits
	Header     []byte
	Frames     map[interp.FrameID][]byte
	Values     map[interp.FrameID]map[uint32]string
	Outcome    string
}

// phases are those in which a Step can leave a frame.
var phases = strings.Fields("entering attempting selecting queued working answered waiting elapsed delayed forked joining broken done stopped")

// TestFrames ends executions that earlier versions stored, in each phase.
func TestFrames(t *testing.T) {
	for _, phase := range phases {
		t.Run(phase, func(t *testing.T) {
			file := filepath.Join("testdata", "frames", "v1", phase+".json")
			if golden.Rewriting() { // until the first release, the form of this version may change
				k := search(t, phase)
				k.Outcome = k.finish(t)
				require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
				text, err := json.MarshalIndent(k, "", "  ")
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(file, append(text, '\n'), 0o644))
			}
			var k kept
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &k))
			require.True(t, inPhase(t, k.Frames, phase))
			require.Equal(t, k.Outcome, k.finish(t))
		})
	}
}

// search finds a small random program that is stored with a frame in a phase.
func search(t *testing.T, phase string) *kept {
	t.Helper()
	for seed := range uint64(20_000) {
		c, err := generate.New(seed)
		require.NoError(t, err)
		if len(c.Definition) > 3000 || seed%3 != 0 && phase != "stopped" && c.Limits.Steps == 0 {
			continue
		}
		var found *kept
		s := new(stored)
		r := c.Replay()
		r.Redrives = 1
		r.Watch = func(ready interp.Ready) {
			s.commit(ready)
			if found == nil && len(s.Frames) > 1 && inPhase(t, s.Frames, phase) {
				found = s.keep(c)
			}
		}
		_, err = r.Run()
		require.NoError(t, err)
		if found != nil {
			return found
		}
	}
	t.Fatalf("no program is ever stored in phase %s", phase)
	return nil
}

// inPhase reports whether one of the stored frames is in a phase.
func inPhase(t *testing.T, frames map[interp.FrameID][]byte, phase string) bool {
	t.Helper()
	for _, data := range frames {
		f, err := interp.ViewFrame(data)
		require.NoError(t, err)
		if f.Phase == phase {
			return true
		}
	}
	return false
}

func (s *stored) keep(c *generate.Case) *kept {
	k := &kept{
		Definition: string(c.Definition), Limits: c.Limits, Header: s.Header,
		Frames: maps.Clone(s.Frames), Values: make(map[interp.FrameID]map[uint32]string),
	}
	for id, v := range s.Values {
		if k.Values[id.Frame] == nil {
			k.Values[id.Frame] = make(map[uint32]string)
		}
		k.Values[id.Frame][id.Number] = v
	}
	return k
}

// finish restores the execution, and lets every task return its input.
func (k *kept) finish(t *testing.T) string {
	t.Helper()
	sm, err := asl.Parse([]byte(k.Definition))
	require.NoError(t, err)
	p, err := interp.Compile(sm)
	require.NoError(t, err)
	s := new(stored)
	s.Header, s.Frames, s.Values = k.Header, k.Frames, make(map[interp.ValueID]string)
	for id, values := range k.Values {
		for number, v := range values {
			s.Values[interp.ValueID{Frame: id, Number: number}] = v
		}
	}
	x, err := s.restore(p)
	require.NoError(t, err)
	x.Redrive()
	now, ready := generate.Start, x.Pending()
	for range 2000 {
		for _, task := range ready.Start {
			x.Succeed(task.ID, task.Input)
		}
		if len(ready.Start) == 0 && ready.Wake.After(now) {
			now = ready.Wake
		}
		ready = x.Step(now)
		if o := ready.Outcome; o != nil {
			return jsonvalue.Array(jsonvalue.String(string(o.Status)), o.Output, jsonvalue.String(o.Error), jsonvalue.String(o.Cause)).String()
		}
	}
	return "no outcome"
}
