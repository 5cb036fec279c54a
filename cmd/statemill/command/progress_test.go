package command

import (
	"bytes"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/history"
)

// The line says where the execution is, never wraps, and is gone at the end. What is over
// before the first tick shows nothing.
func TestProgress(t *testing.T) {
	var shown bytes.Buffer
	tick := make(chan time.Time)
	var columns atomic.Int32
	columns.Store(80)
	width := func() int { return int(columns.Load()) }
	p := newProgress(&shown, tick, width)
	start := time.Unix(1_800_000_000, 0)
	entered := func(after time.Duration, name string) {
		p.observe(history.Event{Type: "TaskStateEntered", Name: name, Time: start.Add(after)})
	}
	entered(0, "Pack")
	tick <- start
	tick <- start // nothing new, nothing written; and the line is there
	entered(90*time.Second, strings.Repeat("ä", 200))
	tick <- start
	tick <- start
	columns.Store(30) // the terminal makes three rows of the line
	tick <- start
	tick <- start
	p.stop()
	require.Equal(t, "\r\x1b[K      0s  Pack ...\r\x1b[K   1m30s  "+strings.Repeat("ä", 67)+"\r\x1b[2A\x1b[J   1m30s  "+strings.Repeat("ä", 17)+"\r\x1b[K", shown.String())

	shown.Reset()
	p = newProgress(&shown, tick, width)
	entered(0, "Pack")
	p.stop()
	require.Empty(t, shown.String())
}
