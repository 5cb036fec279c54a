package interp

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
)

// The table of phases and events in ARCHITECTURE.md says of every phase what the
// code does: whether a turn, an answer, a heartbeat, a deadline or the end of
// the execution moves a frame that is in it.
func TestPhasesAreAsDocumented(t *testing.T) {
	rows := phaseTable(t)
	require.Len(t, rows, len(phaseNames))
	for p, name := range phaseNames {
		row := rows[p]
		require.Equal(t, name, row[0])
		for column, moved := range map[int]bool{
			1: movedByTurn(phase(p)),
			2: frameIn(t, phase(p)).x.Succeed(TaskID{1, 1}, emptyObject.value),
			3: frameIn(t, phase(p)).x.Heartbeat(TaskID{1, 1}),
			4: movedByDeadline(t, phase(p)),
			7: movedByEnd(t, phase(p)),
		} {
			assert.Equal(t, row[column] != "-", moved, "phase %s, column %d: %s", name, column, row[column])
		}
	}
}

func phaseTable(t *testing.T) [][]string {
	text, err := os.ReadFile("../../ARCHITECTURE.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(text), "| phase |")
	require.True(t, ok)
	var rows [][]string
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "| ") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if cells[0] != "---" {
			rows = append(rows, cells)
		}
	}
	return rows
}

// inPhase is an execution whose only frame is in a phase.
type inPhase struct {
	x *Execution
	f *frame
}

func frameIn(t *testing.T, p phase) inPhase {
	machine, err := asl.Parse([]byte(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "f", "End": true}}}`))
	require.NoError(t, err)
	program, err := Compile(machine)
	require.NoError(t, err)
	x := program.New(Header{}, Config{})
	x.header.Status = Running
	f := &frame{id: 1, node: program.root.start, phase: p, attempt: 1, task: &task{heartbeat: 1}, input: emptyObject, fork: &fork{}}
	if p == phaseMapping || p == phaseWriting {
		f.fork.run = new(mapRun)
	}
	x.frames = []*frame{f}
	x.scratch, x.effects = new(workspace), new(effects)
	return inPhase{x, f}
}

// A frame that waits for a slot gets one after a turn, and one that was
// stopped goes on after a redrive.
func movedByTurn(p phase) bool {
	return p.ready() || p == phaseQueued || p == phaseStopped || p == phaseMapping
}

func movedByDeadline(t *testing.T, p phase) bool {
	in := frameIn(t, p)
	switch p {
	case phaseWorking, phaseWaiting, phaseDelayed: // the phases in which until is set
		in.x.fallDue(in.f)
	}
	return len(in.x.scratch.ready.waiting()) > 0
}

func movedByEnd(t *testing.T, p phase) bool {
	in := frameIn(t, p)
	in.x.stopTree(in.f, 0, false)
	return p != phaseStopped && in.f.phase == phaseStopped
}
