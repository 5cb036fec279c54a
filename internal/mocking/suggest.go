package mocking

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Recorded is a run that a test made, from which others are made.
type Recorded struct {
	Run    *Run
	Result *Result
	Test   string // "TestSold"
}

// Suggestion is a run that reaches points which no test reaches: a recorded one with
// changes.
type Suggestion struct {
	From    string   // the test of the recorded run
	Changes []Change // in the order in which they were found
	Input   jsonvalue.Value
	Reaches []int // points

	script *script
}

// Change is one change of a run: what an attempt of a state's task comes to, or the input.
type Change struct {
	State   string // "": the input
	Attempt int
	What    string // "$.blocked: true"
}

// mostReplays bounds the runs of one search. There is no bound in time, since a search
// must find the same each time.
const mostReplays = 2000

// Suggest searches runs that reach what is missing. It changes one thing of a recorded
// run and looks what the run then reaches; what reaches something new is changed again.
// missing tells which points are not reached. It returns the points that stay missing.
func Suggest(recorded []Recorded, missing map[int]bool) (found []Suggestion, left map[int]bool) {
	s := &search{missing: missing, seen: make(map[string]bool)}
	for _, r := range recorded {
		s.constants = constantsOf(r.Run.Program, missing)
		s.queue = append(s.queue, candidate{scriptOf(r.Run, r.Result), r.Test, nil})
	}
	for len(s.queue) > 0 && len(s.missing) > 0 && s.replays < mostReplays {
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.vary(next)
	}
	return s.found, s.missing
}

// search is a breadth-first search.
type search struct {
	constants []jsonvalue.Value
	queue     []candidate
	missing   map[int]bool
	seen      map[string]bool // changes that were tried, as text
	replays   int
	found     []Suggestion
}

// candidate is a script with the changes that led to it.
type candidate struct {
	script  *script
	test    string
	changes []Change
}

// vary tries each change of a candidate.
func (s *search) vary(c candidate) {
	for changed := range s.inputs(c.script.run.Input) {
		with := &script{run: c.script.run, order: c.script.order, answers: c.script.answers}
		with.run.Input = changed.value
		s.try(c, with, Change{What: changed.what})
	}
	for _, state := range c.script.order {
		for i, a := range c.script.answers[state] {
			s.varyAnswer(c, state, i, a)
		}
	}
}

func (s *search) varyAnswer(c candidate, state string, i int, a Answer) {
	change := func(o Outcome, what string, always bool) {
		o.Function, o.After, o.Heartbeats, o.Submits = a.Outcome.Function, a.Outcome.After, a.Outcome.Heartbeats, a.Outcome.Submits
		with := c.script.with(state, spoiled(c.script.answers[state], i, o, always))
		s.try(c, with, Change{state, i, what})
	}
	for _, name := range unique(append(errorNames(c.script.run.Program, state), CustomError)) {
		o := Outcome{Failure: &runtime.TaskError{Name: name, Cause: "suggested"}}
		change(o, name+", once", false)
		change(o, name+", always", true)
	}
	if a.Outcome.Failure == nil && !a.Outcome.Hangs {
		for changed := range s.inputs(a.Outcome.Result) {
			change(Outcome{Result: changed.value}, changed.what, true)
		}
	} else {
		change(Outcome{Result: jsonvalue.Object()}, "no failure", true)
	}
	change(Outcome{Hangs: true}, "no answer", true)
}

// try runs a changed script and keeps it if it reaches something that is missing.
func (s *search) try(c candidate, with *script, change Change) {
	if s.replays >= mostReplays || len(s.missing) == 0 {
		return
	}
	key := fmt.Sprint(c.test, len(c.changes), change.State, change.Attempt, change.What)
	for _, before := range c.changes {
		key += fmt.Sprint(before.State, before.Attempt, before.What)
	}
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	s.replays++
	var reaches []int
	with.do(func(point int) {
		if s.missing[point] {
			delete(s.missing, point)
			reaches = append(reaches, point)
		}
	})
	if len(reaches) == 0 {
		return
	}
	changes := append(slices.Clone(c.changes), change)
	s.found = append(s.found, Suggestion{c.test, changes, with.run.Input, reaches, with})
	s.queue = append(s.queue, candidate{with, c.test, changes})
}

// varied is a value with one place changed.
type varied struct {
	value jsonvalue.Value
	what  string
}

// inputs yields a value with each of its places changed in each way.
func (s *search) inputs(v jsonvalue.Value) func(yield func(varied) bool) {
	return func(yield func(varied) bool) {
		s.places(v, "$", func(w jsonvalue.Value) jsonvalue.Value { return w }, yield)
	}
}

// places changes a place and all below it. put puts a value into the place.
func (s *search) places(v jsonvalue.Value, at string, put func(jsonvalue.Value) jsonvalue.Value, yield func(varied) bool) bool {
	switch v.Kind() {
	case jsonvalue.KindObject:
		for name, inner := range v.Members() {
			path := at + "." + name
			if !yield(varied{put(v.Without(name)), path + ": left out"}) ||
				!s.places(inner, path, func(w jsonvalue.Value) jsonvalue.Value { return put(v.With(name, w)) }, yield) {
				return false
			}
		}
		return true
	case jsonvalue.KindArray:
		return s.elements(v, at, put, yield)
	}
	for _, c := range s.constants {
		if !c.Equal(v) && !yield(varied{put(c), at + ": " + c.String()}) {
			return false
		}
	}
	return true
}

// elements tries an array with none, one and two elements, and changes those it has.
func (s *search) elements(v jsonvalue.Value, at string, put func(jsonvalue.Value) jsonvalue.Value, yield func(varied) bool) bool {
	element, _ := v.Index(0)
	var elements []jsonvalue.Value
	for n := range 3 {
		if n != v.Len() && !yield(varied{put(jsonvalue.Array(elements...)), fmt.Sprintf("%s: length %d", at, n)}) {
			return false
		}
		elements = append(slices.Clip(elements), element)
	}
	for i, inner := range v.Elements() {
		set := func(w jsonvalue.Value) jsonvalue.Value {
			changed, _ := v.WithIndex(i, w)
			return put(changed)
		}
		if !s.places(inner, fmt.Sprintf("%s[%d]", at, i), set, yield) {
			return false
		}
	}
	return true
}

// literals finds the strings and numbers of an expression in JSONata.
var literals = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'[^'\\]*'|\b\d+(?:\.\d+)?\b`)

// constantsOf returns the values that the rules of a definition compare with, their
// neighbours, and values that are often a boundary. If something inside an expression is
// missing, the literals of all expressions are among them.
func constantsOf(p *runtime.Program, missing map[int]bool) (constants []jsonvalue.Value) {
	add := func(v jsonvalue.Value) {
		if v.Kind() == jsonvalue.KindObject || v.Kind() == jsonvalue.KindArray {
			return
		}
		if !slices.ContainsFunc(constants, v.Equal) {
			constants = append(constants, v)
		}
	}
	number := func(v jsonvalue.Value) {
		add(v)
		if n, ok := v.AsInt64(); ok {
			add(jsonvalue.Int(n - 1))
			add(jsonvalue.Int(n + 1))
		} else if f, ok := v.AsFloat64(); ok {
			for _, near := range []float64{f - 1, f + 1} {
				if n, err := jsonvalue.Float(near); err == nil {
					add(n)
				}
			}
		}
	}
	for s := range p.StateMachine().All() {
		if c, ok := s.(*asl.Choice); ok {
			for _, rule := range c.Choices {
				operands(rule, number)
			}
		}
	}
	for point := range p.Points() {
		if missing[point] && p.Points()[point].Kind.InExpression() {
			definition, _ := jsonvalue.Parse(p.StateMachine().Source())
			expressions(definition, number)
			break
		}
	}
	add(jsonvalue.Bool(true))
	add(jsonvalue.Bool(false))
	add(jsonvalue.Int(0))
	add(jsonvalue.String(""))
	add(jsonvalue.Value{})
	return constants
}

// operands calls f with the values that a rule compares with.
func operands(rule *asl.Rule, f func(jsonvalue.Value)) {
	for _, inner := range slices.Concat(rule.And, rule.Or) {
		operands(inner, f)
	}
	if rule.Not != nil {
		operands(rule.Not, f)
	}
	switch {
	case rule.Operator == "StringMatches":
		if text, ok := rule.Operand.Value.AsString(); ok {
			f(jsonvalue.String(strings.ReplaceAll(text, "*", "x")))
		}
	case rule.Operator != "" && !strings.HasSuffix(rule.Operator, "Path"):
		f(rule.Operand.Value)
	}
	text, _ := rule.Condition.Value.AsString()
	literalsIn(text, f)
}

// expressions calls f with the literals of all expressions in a value.
func expressions(v jsonvalue.Value, f func(jsonvalue.Value)) {
	for _, inner := range v.Members() {
		expressions(inner, f)
	}
	for _, inner := range v.Elements() {
		expressions(inner, f)
	}
	if text, ok := v.AsString(); ok && strings.HasPrefix(text, "{%") {
		literalsIn(text, f)
	}
}

// literalsIn calls f with the literals of an expression.
func literalsIn(text string, f func(jsonvalue.Value)) {
	for _, literal := range literals.FindAllString(text, -1) {
		if v, err := jsonvalue.Parse([]byte(literal)); err == nil {
			f(v)
		} else {
			f(jsonvalue.String(strings.Trim(literal, "'")))
		}
	}
}
