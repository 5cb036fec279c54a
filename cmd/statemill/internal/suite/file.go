// Package suite reads and runs tests of definitions that are written as data:
// *.asltest.yaml and *.asltest.json.
package suite

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/cmd/statemill/internal/source"
	"github.com/statemill/statemill/contrib/aslyaml"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/internal/similar"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// File is a file of tests.
type File struct {
	Name       string
	Definition *source.Definition
	Min        float64           // the least coverage that is wanted, in per cent
	Ignore     map[string]string // locations that do not count, with reasons
	Cases      []*Case

	folder    string
	options   Options
	start     time.Time
	seed      runtime.Seed
	identity  runtime.Identity
	limits    runtime.Limits
	variables jsonvalue.Value
	buckets   string // a folder; "": there are none
	contracts []*mocking.Contract
}

// Options say what a file may do.
type Options struct {
	// Perform makes what performs a task of a how, such as "exec:./greet.py". Nil: a file
	// may perform nothing.
	Perform func(how string) (runtime.TaskInvoker, error)
}

// Case is one test.
type Case struct {
	Name  string
	at    string // its place in the file
	mocks []*mocking.Mock
	file  *mockFile

	state, from, until string
	input, variables   jsonvalue.Value

	wants []want
}

// mockFile names a test case of a mock file of Step Functions Local.
type mockFile struct{ file, machine, testCase string }

// reader reads a file and keeps its place for messages.
type reader struct {
	*File
	places *places
}

// Read reads a file of tests.
func Read(name string, o Options) (*File, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s, err := aslyaml.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	document, err := jsonvalue.Parse(s.JSON())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r := &reader{&File{Name: name, folder: filepath.Dir(name), options: o, seed: runtime.Seed{1}}, placesOf(name, s)}
	if err := r.document(document); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r.File, nil
}

// beside returns a file that is named in the file of tests.
func (r *reader) beside(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(r.folder, file)
}

// known returns an error for a member that nothing reads.
func known(where string, v jsonvalue.Value, names ...string) error {
	if v.Kind() != jsonvalue.KindObject {
		return fmt.Errorf("%s: expected a mapping, found %s", where, mocking.Short(v))
	}
	for name := range v.Members() {
		if slices.Contains(names, name) {
			continue
		}
		if near := similar.Name(name, names); near != "" {
			return fmt.Errorf("%s: there is no key %q; did you mean %q?", where, name, near)
		}
		return fmt.Errorf("%s: there is no key %q; there are %s", where, name, strings.Join(names, ", "))
	}
	return nil
}

func (r *reader) document(v jsonvalue.Value) error {
	if err := known("the file", v, fileKeys...); err != nil {
		return err
	}
	if err := r.definition(v); err != nil {
		return err
	}
	if err := r.settings(v); err != nil {
		return err
	}
	shared, err := r.tasks("tasks", "tasks", member(v, "tasks"))
	if err != nil {
		return err
	}
	cases := member(v, "cases")
	if cases.Kind() != jsonvalue.KindArray || cases.Len() == 0 {
		return fmt.Errorf("cases: expected a list of tests")
	}
	names := make(map[string]bool)
	for i, c := range cases.Elements() {
		made, err := r.testCase(fmt.Sprintf("cases[%d]", i), c, shared)
		if err != nil {
			return err
		}
		if names[made.Name] {
			return fmt.Errorf("cases[%d]: the name %q is there twice", i, made.Name)
		}
		names[made.Name] = true
		r.Cases = append(r.Cases, made)
	}
	return nil
}

func (r *reader) definition(v jsonvalue.Value) error {
	file, ok := member(v, "definition").AsString()
	if !ok {
		return fmt.Errorf("definition: expected the name of a file")
	}
	all, err := source.Loader{}.Load([]string{r.beside(file)})
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return fmt.Errorf("definition: %s holds %d definitions", file, len(all))
	}
	values := make(map[string]string)
	for name, value := range member(v, "set").Members() {
		if text, ok := value.AsString(); ok {
			values[name] = text
		} else {
			values[name] = value.String()
		}
	}
	r.Definition = all[0].Here(values)
	return nil
}

func (r *reader) settings(v jsonvalue.Value) error {
	if start := member(v, "start"); !start.IsNull() {
		text, _ := start.AsString()
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return fmt.Errorf("start: expected an instant like 2026-01-01T00:00:00Z, found %s", start)
		}
		r.start = at
	}
	if seed := member(v, "seed"); !seed.IsNull() {
		r.seed = runtime.Seed{}
		copy(r.seed[:], seed.String())
	}
	if identity := member(v, "identity"); !identity.IsNull() {
		var err error
		if r.identity, err = Identity("identity", identity); err != nil {
			return err
		}
	}
	if err := r.readLimits(member(v, "limits")); err != nil {
		return err
	}
	if r.variables = member(v, "variables"); !r.variables.IsNull() && r.variables.Kind() != jsonvalue.KindObject {
		return fmt.Errorf("variables: expected values by name, found %s", mocking.Short(r.variables))
	}
	if err := r.readBuckets(member(v, "buckets")); err != nil {
		return err
	}
	if err := r.readContracts(member(v, "contracts")); err != nil {
		return err
	}
	return r.wanted(member(v, "coverage"))
}

// wanted reads what is wanted of the coverage.
func (r *reader) wanted(coverage jsonvalue.Value) error {
	if coverage.IsNull() {
		return nil
	}
	if err := known("coverage", coverage, coverageKeys...); err != nil {
		return err
	}
	r.Min, _ = member(coverage, "min").AsFloat64()
	r.Ignore = make(map[string]string)
	for location, reason := range member(coverage, "ignore").Members() {
		r.Ignore[location], _ = reason.AsString()
	}
	return nil
}

func member(v jsonvalue.Value, name string) jsonvalue.Value {
	inner, _ := v.Get(name)
	return inner
}

// tasks reads the mocks of a file or of a case, which are at a path of the document.
func (r *reader) tasks(where, path string, v jsonvalue.Value) (mocks []*mocking.Mock, err error) {
	if v.IsNull() {
		return nil, nil
	}
	if v.Kind() != jsonvalue.KindObject {
		return nil, fmt.Errorf("%s: expected outcomes by pattern", where)
	}
	for pattern, outcomes := range v.Members() {
		made, err := r.mocksOf(where+"."+pattern, r.places.at(path+"."+pattern), pattern, outcomes)
		if err != nil {
			return nil, err
		}
		mocks = append(mocks, made...)
	}
	return mocks, nil
}

// resource returns the pattern of a resource; the name of a function alone is one, too.
func resource(pattern string) string {
	if !strings.ContainsAny(pattern, ":*") {
		return "*:function:" + pattern
	}
	return pattern
}

// mocksOf reads what performs one pattern: an outcome, or a list of outcomes, of which
// those with a condition are mocks of their own.
func (r *reader) mocksOf(where, at, pattern string, v jsonvalue.Value) ([]*mocking.Mock, error) {
	plain := &mocking.Mock{Pattern: resource(pattern), At: at}
	if state, ok := strings.CutPrefix(pattern, "state:"); ok {
		plain.Pattern, plain.State = "", state
	}
	mocks := []*mocking.Mock{plain}
	if v.Kind() != jsonvalue.KindArray {
		v = jsonvalue.Array(v)
	}
	for i, o := range v.Elements() {
		outcome, when, optional, err := r.outcome(fmt.Sprintf("%s[%d]", where, i), o)
		if err != nil {
			return nil, err
		}
		plain.Optional = plain.Optional || optional
		if len(when) > 0 {
			mocks = append(mocks, &mocking.Mock{
				Pattern: plain.Pattern, State: plain.State, When: when, Outcomes: []mocking.Outcome{outcome}, Optional: optional, At: at,
			})
			continue
		}
		plain.Outcomes = append(plain.Outcomes, outcome)
	}
	if len(plain.Outcomes) == 0 {
		mocks = mocks[1:]
	}
	return mocks, nil
}

func (r *reader) outcome(where string, v jsonvalue.Value) (o mocking.Outcome, when []mocking.Condition, optional bool, err error) {
	err = known(where, v, outcomeKeys...)
	if err != nil {
		return
	}
	if err = r.kind(where, v, &o); err != nil {
		return
	}
	if o.After, err = duration(where+".after", member(v, "after")); err != nil {
		return
	}
	if o.Heartbeats, err = duration(where+".heartbeats", member(v, "heartbeats")); err != nil {
		return
	}
	if o.Heartbeats > 0 && o.Heartbeats < time.Millisecond {
		err = fmt.Errorf("%s.heartbeats: expected a millisecond or more, found %v", where, o.Heartbeats)
		return
	}
	if times := member(v, "times"); !times.IsNull() {
		n, ok := times.AsInt64()
		if !ok || n < 1 {
			err = fmt.Errorf("%s.times: expected a number of attempts, found %s", where, times)
			return
		}
		o.Times = int(n)
	}
	o.Submits = member(v, "submits")
	optional, _ = member(v, "optional").AsBool()
	for path, value := range member(v, "when").Members() {
		p, parseErr := jsonpath.Parse(path)
		if parseErr != nil {
			err = fmt.Errorf("%s.when: %w", where, parseErr)
			return
		}
		when = append(when, mocking.Condition{Path: p, Want: value})
	}
	return
}

// kind reads what comes of an attempt: exactly one of five.
func (r *reader) kind(where string, v jsonvalue.Value, o *mocking.Outcome) error {
	var kinds []string
	for _, name := range []string{"returns", "fails", "hangs", "exec", "http"} {
		if _, ok := v.Get(name); ok {
			kinds = append(kinds, name)
		}
	}
	if len(kinds) != 1 {
		return fmt.Errorf("%s: expected exactly one of returns, fails, hangs, exec and http, found %d", where, len(kinds))
	}
	value := member(v, kinds[0])
	text, isText := value.AsString()
	switch kinds[0] {
	case "returns":
		o.Result = value
	case "fails":
		if !isText {
			return fmt.Errorf("%s.fails: expected the name of an error, found %s", where, value)
		}
		cause, _ := member(v, "cause").AsString()
		o.Failure = &runtime.TaskError{Name: text, Cause: cause}
	case "hangs":
		o.Hangs = true
	default:
		if r.options.Perform == nil {
			return fmt.Errorf("%s.%s: a file of tests performs nothing without --allow-exec", where, kinds[0])
		}
		how := text
		if kinds[0] == "exec" {
			how = "exec:" + text
		}
		performer, err := r.options.Perform(how)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", where, kinds[0], err)
		}
		o.Performer = performer
	}
	return nil
}

// duration reads a time like 2h30m.
func duration(where string, v jsonvalue.Value) (time.Duration, error) {
	if v.IsNull() {
		return 0, nil
	}
	text, _ := v.AsString()
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s: expected a time like 2h30m or 10s, found %s", where, v)
	}
	return d, nil
}
