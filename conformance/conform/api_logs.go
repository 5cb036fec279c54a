package main

import (
	"slices"
	"strings"
	"sync"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// logs are what executions have written to their log groups.
type logs struct {
	mu      sync.Mutex
	records []sfnapi.LogRecord
}

func (l *logs) add(r sfnapi.LogRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, r)
}

func (l *logs) all() []sfnapi.LogRecord {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.records)
}

// Ended implements recorded.Logs.
func (l *logs) Ended() bool {
	all := l.all()
	if len(all) == 0 {
		return false
	}
	kind := all[len(all)-1].Event.Type
	return strings.HasPrefix(kind, "Execution") && kind != "ExecutionStarted" && kind != "ExecutionRedriven"
}

// Records implements recorded.Logs.
func (l *logs) Records() (jsonvalue.Value, error) { return jsonvalue.Of(l.all()) }
