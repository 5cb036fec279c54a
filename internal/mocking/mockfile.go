package mocking

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/statemill/statemill/internal/similar"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// FileCase is a test case of a mock file of AWS Step Functions Local.
type FileCase struct {
	mocks map[string]*Mock // by state
}

// mockOf returns the mock of a state; nil: the case does not name the state. Attempts are
// counted for each state: retries, loops and iterations alike.
func (f *FileCase) mockOf(state string) *Mock { return f.mocks[state] }

// ReadMockFile reads a test case of a machine. The states are those of the definition. A
// response that is missing or empty is found out when an attempt needs it.
func ReadMockFile(text []byte, machine, testCase string, states []string) (*FileCase, error) {
	file, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, err
	}
	machines, _ := file.Get("StateMachines")
	m, err := pick(machines, "StateMachines", machine)
	if err != nil {
		return nil, err
	}
	cases, _ := m.Get("TestCases")
	chosen, err := pick(cases, "StateMachines."+machine+".TestCases", testCase)
	if err != nil {
		return nil, err
	}
	responses, _ := file.Get("MockedResponses")
	f := &FileCase{mocks: make(map[string]*Mock)}
	for state, named := range chosen.Members() {
		if !slices.Contains(states, state) {
			return nil, fmt.Errorf("the test case %q mocks the state %q, which the definition does not have%s", testCase, state, hint(state, states))
		}
		name, ok := named.AsString()
		if !ok {
			return nil, fmt.Errorf("the test case %q has no name of a mocked response for the state %q", testCase, state)
		}
		entry, _ := responses.Get(name)
		outcomes, err := readResponses(name, entry)
		if err != nil {
			return nil, err
		}
		f.mocks[state] = &Mock{State: state, Outcomes: outcomes, Optional: true}
	}
	return f, nil
}

// fileOutcome returns the outcome of an attempt. A mock file gives for a function the
// envelope in which lambda:invoke returns its result.
func (m *Mock) fileOutcome(task *runtime.Task, attempt int) *Outcome {
	o := m.outcome(attempt)
	if o == nil || task.Service != "lambda" || !strings.Contains(task.Resource, ":function:") {
		return o
	}
	if payload, ok := o.Result.Get("Payload"); ok {
		inside := *o
		inside.Result = payload
		return &inside
	}
	return o
}

func pick(from jsonvalue.Value, where, name string) (jsonvalue.Value, error) {
	v, ok := from.Get(name)
	if ok {
		return v, nil
	}
	var names []string
	for n := range from.Members() {
		names = append(names, n)
	}
	return jsonvalue.Value{}, fmt.Errorf("%s has no %q%s", where, name, hint(name, names))
}

func hint(name string, names []string) string {
	if near := similar.Name(name, names); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// readResponses reads an entry of MockedResponses: the keys are numbers of attempts, "0",
// or ranges of them, "1-2".
func readResponses(name string, entry jsonvalue.Value) ([]Outcome, error) {
	byAttempt := make(map[int]Outcome)
	for key, v := range entry.Members() {
		first, last, err := attempts(key)
		if err != nil {
			return nil, fmt.Errorf("MockedResponses.%s: %w", name, err)
		}
		o, err := readResponse(v)
		if err != nil {
			return nil, fmt.Errorf("MockedResponses.%s[%q]: %w", name, key, err)
		}
		o.Times = last - first + 1
		byAttempt[first] = o
	}
	var outcomes []Outcome
	next := 0
	for _, first := range slices.Sorted(maps.Keys(byAttempt)) {
		if first != next {
			break // a gap: the attempt has no response
		}
		outcomes = append(outcomes, byAttempt[first])
		next += byAttempt[first].Times
	}
	return outcomes, nil
}

// mostAttempts bounds the numbers in keys.
const mostAttempts = 1 << 30

func attempts(key string) (first, last int, err error) {
	from, to, isRange := strings.Cut(key, "-")
	if !isRange {
		to = from
	}
	first, err = strconv.Atoi(from)
	if err == nil {
		last, err = strconv.Atoi(to)
	}
	if err != nil || first < 0 || last < first || last > mostAttempts {
		return 0, 0, fmt.Errorf("the key %q is no number of an attempt and no range of them, such as \"0\" or \"1-2\"", key)
	}
	return first, last, nil
}

func readResponse(v jsonvalue.Value) (Outcome, error) {
	result, returns := v.Get("Return")
	failure, throws := v.Get("Throw")
	switch {
	case returns == throws:
		return Outcome{}, fmt.Errorf("a response has either Return or Throw")
	case returns:
		return Outcome{Result: result}, nil
	}
	name, _ := failure.Get("Error")
	cause, _ := failure.Get("Cause")
	nameText, ok := name.AsString()
	causeText, isText := cause.AsString()
	if !ok || !isText && !cause.IsNull() {
		return Outcome{}, fmt.Errorf("a Throw needs a text in Error and a text in Cause")
	}
	return Outcome{Failure: &runtime.TaskError{Name: nameText, Cause: causeText}}, nil
}
