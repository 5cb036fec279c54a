package asltest

import (
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/statemill/statemill/internal/mocking"
)

// Contract holds the tasks of a pattern, as that of [Machine.Task], to files of JSON
// Schema: the input of each attempt, and each result, that of a mock too. A function of
// lambda:invoke is held to its Payload and its own result. "": not checked. References in
// a schema are resolved beside its file.
//
// A mock that breaks the contract fails the test at the line of the mock. A pattern of which
// no state has a resource ends the test.
func (m *Machine) Contract(pattern, input, output string) {
	m.t.Helper()
	if unknown := (&mocking.Mock{Pattern: pattern}).Unknown(m.loaded.program); unknown != "" {
		m.t.Fatalf("the contract of %q holds nothing%s", pattern, unknown)
	}
	m.contracts = append(m.contracts, &mocking.Contract{
		Pattern: pattern, Input: m.schema(input), Output: m.schema(output), At: caller(),
	})
}

// schema compiles a file.
func (m *Machine) schema(file string) *jsonschema.Schema {
	m.t.Helper()
	if file == "" {
		return nil
	}
	s, err := mocking.ReadSchema(file)
	if err != nil {
		m.t.Fatal(err)
	}
	return s
}
