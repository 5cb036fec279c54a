package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/statemill/statemill/internal/recorded"
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

// ended reports whether the last event says that an execution is over.
func (l *logs) ended() bool {
	all := l.all()
	if len(all) == 0 {
		return false
	}
	kind := all[len(all)-1].Event.Type
	return strings.HasPrefix(kind, "Execution") && kind != "ExecutionStarted" && kind != "ExecutionRedriven"
}

// awaitLogs waits for the end of the execution that writes them.
func (w *walk) awaitLogs() error {
	if w.logs == nil {
		return recorded.Needs("a log group that can be read")
	}
	for range 1000 {
		if w.logs.ended() {
			return nil
		}
		time.Sleep(lastPause)
	}
	return errors.New("no log tells of the end")
}

// compareLogs compares the last record, or all of them if the recording is a list.
func (w *walk) compareLogs(path string, want jsonvalue.Value) error {
	if w.logs == nil {
		return recorded.Needs("a log group that can be read")
	}
	got, err := jsonvalue.Of(w.logs.all())
	if err != nil {
		return err
	}
	if want.Kind() != jsonvalue.KindArray {
		last, ok := got.Index(got.Len() - 1)
		if !ok {
			return fmt.Errorf("%s: nothing was logged", path)
		}
		got = last
	}
	return w.n.Difference(path, want, recorded.Unfold(got))
}
