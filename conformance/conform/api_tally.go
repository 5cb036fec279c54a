package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/jsonvalue"
)

// tally counts calls of the API by their operations. The zero tally is empty; it is safe for
// concurrent use.
type tally struct {
	mu    sync.Mutex
	calls map[string]*callCount
}

// callCount is how often an operation was called, and how many of the answers were
// compared with a recording.
type callCount struct{ called, compared int }

func (t *tally) of(operation string) *callCount {
	if t.calls == nil {
		t.calls = make(map[string]*callCount)
	}
	if t.calls[operation] == nil {
		t.calls[operation] = new(callCount)
	}
	return t.calls[operation]
}

// Called implements recorded.Tally.
func (t *tally) Called(operation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(operation).called++
}

// Compared implements recorded.Tally.
func (t *tally) Compared(operation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(operation).compared++
}

// print prints the counts, by the names of the operations.
func (t *tally) print(out io.Writer) {
	fmt.Fprint(out, "| operation | calls | answers compared |\n| --- | --- | --- |\n")
	for _, name := range slices.Sorted(maps.Keys(t.calls)) {
		fmt.Fprintf(out, "| %s | %d | %d |\n", name, t.calls[name].called, t.calls[name].compared)
	}
}

// counted counts the calls of cases that have a definition and an input only. What the
// execution came to is compared by what two operations tell of it.
type counted struct {
	recorded.Caller
	tally *tally
}

// Call implements recorded.Caller.
func (c *counted) Call(operation string, args jsonvalue.Value) (int, jsonvalue.Value, error) {
	c.tally.Called(operation)
	if operation == "DescribeExecution" || operation == "GetExecutionHistory" {
		c.tally.Compared(operation)
	}
	return c.Caller.Call(operation, args)
}
