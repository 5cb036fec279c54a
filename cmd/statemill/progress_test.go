package main

import (
	"bytes"
	"strings"
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
	p := newProgress(&shown, tick)
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
	p.stop()
	require.Equal(t, "\r\x1b[K      0s  Pack ...\r\x1b[K   1m30s  "+strings.Repeat("ä", 69)+"\r\x1b[K", shown.String())

	shown.Reset()
	p = newProgress(&shown, tick)
	entered(0, "Pack")
	p.stop()
	require.Empty(t, shown.String())
}
