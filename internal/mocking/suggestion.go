package mocking

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/statemill/statemill/runtime"
)

// Code returns the suggestion as Go: lines that follow those of the recorded test.
func (s *Suggestion) Code() string {
	var b strings.Builder
	fmt.Fprintf(&b, "// as %s, with\n", s.From)
	for _, state := range s.states() {
		target := "State(" + strconv.Quote(state) + ")"
		if p := s.pattern(state); p != "" {
			target = "Task(" + strconv.Quote(p) + ")"
		}
		fmt.Fprintf(&b, "wf.%s", target)
		for _, o := range s.outcomes(state) {
			b.WriteString(o.calls())
		}
		fmt.Fprintf(&b, " // %s\n", s.what(state))
	}
	fmt.Fprintf(&b, "run := wf.Run(%s)", literal(s.Input.String()))
	if what := s.what(""); what != "" {
		b.WriteString(" // " + what)
	}
	return b.String() + "\n"
}

// Data returns the suggestion as a case of a file of tests, without what it expects. Its name says
// what makes it another one.
func (s *Suggestion) Data() string {
	var changes []string
	for _, state := range append([]string{""}, s.states()...) {
		if what := s.what(state); what != "" {
			changes = append(changes, what)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "- name: %q # add what is expected: output, error, path\n  input: %s", "as "+s.From+": "+strings.Join(changes, ", "), s.Input)
	if what := s.what(""); what != "" {
		b.WriteString(" # " + what)
	}
	b.WriteString("\n")
	for i, state := range s.states() {
		if i == 0 {
			b.WriteString("  tasks:\n")
		}
		target := "state:" + state
		if p := s.pattern(state); p != "" {
			target = p
		}
		var all []string
		for _, o := range s.outcomes(state) {
			all = append(all, o.data())
		}
		fmt.Fprintf(&b, "    %q: [%s] # %s\n", target, strings.Join(all, ", "), s.what(state))
	}
	return b.String()
}

// states returns the states whose answers are changed.
func (s *Suggestion) states() (states []string) {
	for _, c := range s.Changes {
		if c.State != "" && !slices.Contains(states, c.State) {
			states = append(states, c.State)
		}
	}
	return states
}

// what tells the changes of a state; "": those of the input.
func (s *Suggestion) what(state string) string {
	var all []string
	for _, c := range s.Changes {
		if c.State == state {
			all = append(all, c.What)
		}
	}
	return strings.Join(all, "; ")
}

// pattern returns the pattern of the mock that answers for a state, if a later mock with this
// pattern does the same; "": the state is to be mocked by its name.
func (s *Suggestion) pattern(state string) string {
	first := s.script.answers[state][0]
	if first.Mock == nil || first.Mock.State != "" {
		return ""
	}
	if first.Outcome.Function || len(first.Mock.When) == 0 && first.Mock.alone(s.script.run.Program) {
		return first.Mock.Pattern
	}
	return ""
}

// alone reports whether the pattern is of one state of a program.
func (m *Mock) alone(p *runtime.Program) bool {
	n := 0
	for _, task := range p.Tasks() {
		called := task.Resource.Text
		if task.Resource.Action == "invoke" {
			called = CalledFunction(task)
		}
		if called == "" || m.Matches(called) || m.Matches(task.Resource.Text) {
			n++
		}
	}
	return n == 1
}

// outcomes returns what the attempts of a state come to. Equal ones that follow each other
// are one with Times; the last one repeats.
func (s *Suggestion) outcomes(state string) (outcomes []Outcome) {
	for _, a := range s.script.answers[state] {
		o := a.Outcome
		o.Times = 1
		if n := len(outcomes); n > 0 && outcomes[n-1].bare() == o.bare() {
			outcomes[n-1].Times++
		} else {
			outcomes = append(outcomes, o)
		}
	}
	outcomes[len(outcomes)-1].Times = 0
	return outcomes
}

// calls returns the methods that make an outcome.
func (o *Outcome) calls() string {
	if o.Times > 0 {
		return o.bare() + fmt.Sprintf(".Times(%d)", o.Times)
	}
	return o.bare()
}

// bare returns the methods without Times.
func (o *Outcome) bare() string {
	var b strings.Builder
	switch {
	case o.Hangs:
		b.WriteString(".Hangs()")
	case o.Failure != nil:
		fmt.Fprintf(&b, ".Fails(%q, %q)", o.Failure.Name, o.Failure.Cause)
	default:
		fmt.Fprintf(&b, ".Returns(%s)", literal(o.Result.String()))
	}
	if o.After > 0 && !o.Hangs {
		fmt.Fprintf(&b, ".After(%s)", duration(o.After))
	}
	if o.Heartbeats > 0 {
		fmt.Fprintf(&b, ".Heartbeats(%s)", duration(o.Heartbeats))
	}
	if !o.Submits.IsNull() {
		fmt.Fprintf(&b, ".Submits(%s)", literal(o.Submits.String()))
	}
	return b.String()
}

// literal returns a text as Go has it: raw, if it can be.
func literal(text string) string {
	if strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// duration returns a duration as Go has it: 9*time.Minute.
func duration(d time.Duration) string {
	for _, unit := range []struct {
		name string
		is   time.Duration
	}{{"Hour", time.Hour}, {"Minute", time.Minute}, {"Second", time.Second}, {"Millisecond", time.Millisecond}} {
		if d%unit.is == 0 {
			return fmt.Sprintf("%d*time.%s", d/unit.is, unit.name)
		}
	}
	return fmt.Sprintf("%d*time.Nanosecond", d)
}

// data returns an outcome as a file of tests has it.
func (o *Outcome) data() string {
	var b strings.Builder
	switch {
	case o.Hangs:
		b.WriteString("{hangs: true")
	case o.Failure != nil:
		fmt.Fprintf(&b, "{fails: %q, cause: %q", o.Failure.Name, o.Failure.Cause)
	default:
		fmt.Fprintf(&b, "{returns: %s", o.Result)
	}
	if o.After > 0 && !o.Hangs {
		b.WriteString(", after: " + o.After.String())
	}
	if o.Heartbeats > 0 {
		b.WriteString(", heartbeats: " + o.Heartbeats.String())
	}
	if !o.Submits.IsNull() {
		fmt.Fprintf(&b, ", submits: %s", o.Submits)
	}
	if o.Times > 0 {
		fmt.Fprintf(&b, ", times: %d", o.Times)
	}
	return b.String() + "}"
}
