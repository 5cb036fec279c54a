package asltest

import (
	"fmt"
	"hash/fnv"
	"iter"
	stdruntime "runtime"
	"strings"
	"sync"
	"testing"

	"github.com/statemill/statemill/internal/inputs"
	"github.com/statemill/statemill/jsonvalue"
)

// Inputs yields n inputs that a file of JSON Schema allows: first the least and the most
// that it allows, then others, which the name of the test determines. It makes values for
// types, enum, const, required, properties, ranges, lengths, items, oneOf, anyOf, $ref and
// the usual formats; a schema with another keyword that restricts values ends the test.
func Inputs(t testing.TB, schema string, n int) iter.Seq[string] {
	t.Helper()
	source := sourceOf(t, schema)
	return func(yield func(string) bool) {
		for range n {
			v, err := source.Next()
			if err != nil {
				t.Fatalf("%s: %v", schema, err)
			}
			if !yield(v.String()) {
				return
			}
		}
	}
}

func sourceOf(t testing.TB, schema string) *inputs.Source {
	t.Helper()
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(t.Name()))
	source, err := inputs.New((&Machine{t: t}).schema(schema), sum.Sum64())
	if err != nil {
		t.Fatalf("%s: %v", schema, err)
	}
	return source
}

// Each runs a test with each of n inputs, as Inputs makes them, until one fails. That one
// is made as small as can be found while the test still fails, and the failure of the
// small input is reported.
func Each(t testing.TB, schema string, n int, f func(t testing.TB, input string)) {
	t.Helper()
	for input := range Inputs(t, schema, n) {
		if tried(t, input, f) == "" {
			continue
		}
		least := inputs.Shrink((&Machine{t: t}).schema(schema), jsonvalue.MustParse(input), func(v jsonvalue.Value) bool {
			return tried(t, v.String(), f) != ""
		})
		t.Errorf("it fails with this input:\n  wf.Run(`%s`)\n%s", least, tried(t, least.String(), f))
		return
	}
}

// tried runs a test with an input and returns what it says; "": it passes.
func tried(t testing.TB, input string, f func(t testing.TB, input string)) string {
	t.Helper()
	r := &trial{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if v := recover(); v != nil {
				r.Errorf("panic: %v", v)
			}
		}()
		defer r.clean()
		f(r, input)
	}()
	<-done
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.failed {
		return ""
	}
	return strings.TrimRight(r.said.String(), "\n")
}

// trial is a test with one input, whose failure is not that of the test around it.
type trial struct {
	testing.TB
	mu       sync.Mutex
	said     strings.Builder
	failed   bool
	cleanups []func()
}

func (r *trial) say(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.said, "  %s\n", strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  "))
}

func (r *trial) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *trial) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *trial) FailNow()                     { r.Fail(); stdruntime.Goexit() }
func (r *trial) Log(args ...any)              { r.say(fmt.Sprintln(args...)) }
func (r *trial) Logf(f string, args ...any)   { r.say(fmt.Sprintf(f, args...)) }
func (r *trial) Error(args ...any)            { r.Log(args...); r.Fail() }
func (r *trial) Errorf(f string, args ...any) { r.Logf(f, args...); r.Fail() }
func (r *trial) Fatal(args ...any)            { r.Log(args...); r.FailNow() }
func (r *trial) Fatalf(f string, args ...any) { r.Logf(f, args...); r.FailNow() }
func (r *trial) Skip(args ...any)             { r.Log(args...); stdruntime.Goexit() }
func (r *trial) Skipf(f string, args ...any)  { r.Logf(f, args...); stdruntime.Goexit() }
func (r *trial) SkipNow()                     { stdruntime.Goexit() }
func (r *trial) Skipped() bool                { return false }
func (r *trial) Cleanup(f func())             { r.cleanups = append(r.cleanups, f) }

// clean runs what the test wants to be run at its end, the last first.
func (r *trial) clean() {
	for len(r.cleanups) > 0 {
		last := r.cleanups[len(r.cleanups)-1]
		r.cleanups = r.cleanups[:len(r.cleanups)-1]
		last()
	}
}
