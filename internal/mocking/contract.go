package mocking

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/statemill/statemill/internal/inputs"
	"github.com/statemill/statemill/jsonvalue"
)

// Contract holds the inputs and the results of tasks to JSON Schemas.
type Contract struct {
	Pattern       string             // as that of a Mock
	Input, Output *jsonschema.Schema // nil: not checked
	At            string             // where it was made
}

// ReadSchema compiles a file of JSON Schema. References in it are resolved beside it.
func ReadSchema(file string) (*jsonschema.Schema, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	s, err := jsonschema.NewCompiler().Compile("file://" + filepath.ToSlash(abs))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

// contractOf returns the contract of an attempt; nil: there is none. A function is held to
// what it sees itself.
func (s *session) contractOf(a *attempt) *Contract {
	for _, c := range s.run.Contracts {
		m := Mock{Pattern: c.Pattern}
		if a.call != nil && m.Matches(a.call.Resource) || m.Matches(a.task.Resource) {
			return c
		}
	}
	return nil
}

// checkInput notes a problem if the input of an attempt breaks its contract. The lock is
// held.
func (s *session) checkInput(a *attempt) error {
	c := s.contractOf(a)
	if c == nil || c.Input == nil {
		return nil
	}
	if problem := broken(c.Input, a.input()); problem != "" {
		return s.refuse(c.At, fmt.Sprintf("the input of state %q breaks its contract\n%s  input: %s", a.task.State, problem, Short(a.input())))
	}
	return nil
}

// checkResult does the same for a result.
func (s *session) checkResult(a *attempt, out jsonvalue.Value, failure error) error {
	c := s.contractOf(a)
	if failure != nil || c == nil || c.Output == nil {
		return failure
	}
	problem := broken(c.Output, out)
	if problem == "" {
		return nil
	}
	at := c.At
	if a.mock != nil && a.mock.At != "" {
		at = a.mock.At
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refuse(at, fmt.Sprintf("the result for state %q breaks its contract\n%s  result: %s", a.task.State, problem, Short(out)))
}

// broken says, a line each, how a value breaks a schema; "": it does not.
func broken(schema *jsonschema.Schema, v jsonvalue.Value) string {
	err := inputs.Validate(schema, v)
	if err == nil {
		return ""
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return "  " + err.Error() + "\n"
	}
	var b strings.Builder
	for _, e := range leaves(invalid, nil) {
		where := e.InstanceLocation
		if where == "" {
			where = "/"
		}
		fmt.Fprintf(&b, "  %s: %s\n", where, e.Message)
	}
	return b.String()
}

func leaves(e *jsonschema.ValidationError, found []*jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return append(found, e)
	}
	for _, cause := range e.Causes {
		found = leaves(cause, found)
	}
	return found
}
