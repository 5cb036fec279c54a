package suite

import (
	"fmt"
	"os"

	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// testCase reads a case. Its tasks go before those of the file; one of the same pattern
// replaces it.
func (r *reader) testCase(where string, v jsonvalue.Value, shared []*mocking.Mock) (*Case, error) {
	err := known(where, v, caseKeys...)
	if err != nil {
		return nil, err
	}
	c := &Case{variables: member(v, "variables")}
	for _, text := range []struct {
		name string
		to   *string
	}{{"name", &c.Name}, {"state", &c.state}, {"from", &c.from}, {"until", &c.until}} {
		if value := member(v, text.name); !value.IsNull() {
			var ok bool
			if *text.to, ok = value.AsString(); !ok {
				return nil, fmt.Errorf("%s.%s: expected a text, found %s", where, text.name, value)
			}
		}
	}
	if c.Name == "" {
		return nil, fmt.Errorf("%s: a test has a name", where)
	}
	path := where
	where, c.at = fmt.Sprintf("case %q", c.Name), r.places.at(path+".name")
	if c.input, err = r.input(where, v); err != nil {
		return nil, err
	}
	own, err := r.tasks(where+".tasks", path+".tasks", member(v, "tasks"))
	if err != nil {
		return nil, err
	}
	c.mocks = merged(shared, own)
	if c.file, err = r.mockFile(where, member(v, "mock")); err != nil {
		return nil, err
	}
	if err := r.wants(where, path, v, c); err != nil {
		return nil, err
	}
	if len(c.wants) == 0 {
		return nil, fmt.Errorf("%s expects nothing: give it output, output-at, error, cause, path, elapsed, inputs or history", where)
	}
	return c, nil
}

// merged returns the mocks of a case: those of the file that no mock of the case replaces,
// then its own. Those of the file may stay unused.
func merged(shared, own []*mocking.Mock) (all []*mocking.Mock) {
	for _, s := range shared {
		replaced := false
		for _, o := range own {
			replaced = replaced || o.State == s.State && o.Pattern == s.Pattern
		}
		if !replaced {
			optional := *s
			optional.Optional = true
			all = append(all, &optional)
		}
	}
	return append(all, own...)
}

func (r *reader) input(where string, v jsonvalue.Value) (jsonvalue.Value, error) {
	file, ok := member(v, "input-file").AsString()
	if !ok {
		if input, ok := v.Get("input"); ok {
			return input, nil
		}
		return jsonvalue.Object(), nil
	}
	text, err := os.ReadFile(r.beside(file))
	if err != nil {
		return jsonvalue.Value{}, fmt.Errorf("%s.input-file: %w", where, err)
	}
	input, err := jsonvalue.Parse(text)
	if err != nil {
		return jsonvalue.Value{}, fmt.Errorf("%s.input-file: %s: %w", where, file, err)
	}
	return input, nil
}

func (r *reader) mockFile(where string, v jsonvalue.Value) (*mockFile, error) {
	if v.IsNull() {
		return nil, nil
	}
	if err := known(where+".mock", v, mockKeys...); err != nil {
		return nil, err
	}
	m := new(mockFile)
	file, _ := member(v, "file").AsString()
	m.file = r.beside(file)
	m.machine, _ = member(v, "machine").AsString()
	m.testCase, _ = member(v, "case").AsString()
	return m, nil
}

// wants reads what a case expects. It is at a path of the document.
func (r *reader) wants(where, path string, v jsonvalue.Value, c *Case) error {
	add := func(key string, w want) {
		w.at = r.places.at(path + "." + key)
		c.wants = append(c.wants, w)
	}
	if output, ok := v.Get("output"); ok {
		add("output", wantOutput(output))
	}
	for at, value := range member(v, "output-at").Members() {
		p, err := jsonpath.Parse(at)
		if err != nil {
			return fmt.Errorf("%s.output-at: %w", where, err)
		}
		add("output-at."+at, wantOutputAt(at, p, value))
	}
	if name, ok := member(v, "error").AsString(); ok {
		add("error", wantError(name))
	}
	if text, ok := member(v, "cause").AsString(); ok {
		add("cause", wantCause(text))
	}
	if states := member(v, "path"); !states.IsNull() {
		var names []string
		for _, s := range states.Elements() {
			name, _ := s.AsString()
			names = append(names, name)
		}
		add("path", wantPath(names))
	}
	if elapsed := member(v, "elapsed"); !elapsed.IsNull() {
		d, err := duration(where+".elapsed", elapsed)
		if err != nil {
			return err
		}
		add("elapsed", wantElapsed(d))
	}
	for pattern, inputs := range member(v, "inputs").Members() {
		add("inputs."+pattern, wantInputs(pattern, inputs))
	}
	if file, ok := member(v, "history").AsString(); ok {
		add("history", wantHistory(r.beside(file)))
	}
	return nil
}
