package asl

import (
	"slices"
	"strings"
)

// matched holds the errors that earlier retriers or catchers take.
type matched struct {
	left       int // how many elements there are that have not been looked at
	names      []string
	taskFailed bool // States.TaskFailed: everything but timeouts
	timeout    bool // States.Timeout: also missed heartbeats
}

// takes reports whether earlier elements take every error that the name matches.
func (m *matched) takes(name string) bool {
	switch {
	case name == StatesRuntime:
		return true // ends the execution, whatever Retry and Catch say
	case slices.Contains(m.names, name):
		return true
	case name == StatesHeartbeatTimeout:
		return m.timeout
	}
	return m.taskFailed && name != StatesTimeout && name != StatesALL
}

// maxErrorNames bounds how many names are remembered.
const maxErrorNames = 200

func (m *matched) add(names []string) {
	if m.left == 0 {
		return // nothing comes after it
	}
	if len(m.names)+len(names) <= maxErrorNames {
		m.names = append(m.names, names...)
	}
	m.taskFailed = m.taskFailed || slices.Contains(names, StatesTaskFailed)
	m.timeout = m.timeout || slices.Contains(names, StatesTimeout)
}

// errorNames warns of retriers and catchers that can never match.
func (l *linter) errorNames(s State) {
	before := matched{left: len(retriers(s))}
	for _, r := range retriers(s) {
		l.neverMatches(r.node, r.ErrorEquals, &before)
	}
	before = matched{left: len(catchers(s))}
	for _, c := range catchers(s) {
		l.neverMatches(c.node, c.ErrorEquals, &before)
	}
}

func (l *linter) neverMatches(element node, names []string, before *matched) {
	before.left--
	if slices.ContainsFunc(names, func(name string) bool { return !before.takes(name) }) {
		before.add(names)
		return
	}
	n, ok := element.get("ErrorEquals")
	if !ok {
		return
	}
	x := l.warn(n, warnNeverMatches, "No error can match "+strings.Join(names, ", ")+" here")
	if slices.Contains(names, StatesRuntime) {
		x.Hint = "States.Runtime can be neither retried nor caught"
	} else {
		x.Hint = "what comes before takes them all"
	}
}

// timeouts warns of tasks without a timeout that wait for an answer from outside,
// in a machine without a timeout.
func (l *linter) timeouts(s State) {
	t, ok := s.(*Task)
	if !ok || t.Timeout.Present() || t.Heartbeat.Present() || l.root().has("TimeoutSeconds") {
		return
	}
	if p := t.Resource.Pattern; p == WaitForTaskToken || p == Activity {
		resource, _ := t.node.get("Resource")
		x := l.warn(resource, warnNoTimeout, "If no answer comes, state '"+t.Name+"' waits for a year")
		x.Hint = "set TimeoutSeconds or HeartbeatSeconds"
	}
}
