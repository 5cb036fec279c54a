package asl

import (
	"iter"
	"strconv"
)

// builder makes the typed graph of a tree that has no faults.
type builder struct {
	*checker
	*locations
}

func (b builder) machine(n node) *StateMachine {
	m := &StateMachine{
		Graph:         *b.graph(n, location{}),
		Version:       "1.0",
		QueryLanguage: JSONPath,
	}
	if language := n.str("QueryLanguage"); language != "" {
		m.QueryLanguage = QueryLanguage(language)
	}
	m.TimeoutSeconds, _ = n.integer("TimeoutSeconds")
	return m
}

// single returns a machine of one state that has no name.
func (b builder) single(n node) *StateMachine {
	s := b.state(n, b.join(location{}, n.location()))
	return &StateMachine{
		Graph:         Graph{States: []State{s}, node: n},
		Version:       "1.0",
		QueryLanguage: JSONPath,
	}
}

func (b builder) graph(n node, at location) *Graph {
	g := &Graph{
		Location: at.text,
		Comment:  n.str("Comment"),
		StartAt:  n.str("StartAt"),
		node:     n,
	}
	states, ok := n.get("States")
	if !ok {
		return g // a substitution
	}
	g.States = make([]State, 0, states.len())
	for child := range states.children() {
		if b.locations.total > maxLocations {
			b.report(child, codeTooDeep, "States with long names are nested too deeply")
			return g
		}
		g.States = append(g.States, b.state(child, b.join(at, "/States/", child.name())))
	}
	g.buildIndex()
	return g
}

// state builds one state by its type. The states are large, so each is filled
// where it is.
func (b builder) state(n node, at location) State {
	f := fieldsOf{builder: b, node: n, location: at}
	switch n.str("Type") {
	case "Pass":
		s := new(Pass)
		f.info(&s.StateInfo)
		s.Parameters, s.Result, s.ResultPath = f.template("Parameters"), f.template("Result"), f.template("ResultPath")
		return s
	case "Task":
		return f.task()
	case "Choice":
		s := &Choice{Choices: f.rules("Choices"), Default: n.str("Default")}
		f.info(&s.StateInfo)
		return s
	case "Wait":
		s := &Wait{Until: f.template("Seconds", "SecondsPath", "Timestamp", "TimestampPath")}
		f.info(&s.StateInfo)
		return s
	case "Succeed":
		s := new(Succeed)
		f.info(&s.StateInfo)
		return s
	case "Fail":
		s := &Fail{Error: f.template("Error", "ErrorPath"), Cause: f.template("Cause", "CausePath")}
		f.info(&s.StateInfo)
		return s
	case "Parallel":
		return f.parallel()
	case "Map":
		return f.mapState()
	}
	s := new(Pass) // of a type that is a substitution; nobody outside sees it
	f.info(&s.StateInfo)
	return s
}

// fieldsOf reads the fields of one object.
type fieldsOf struct {
	builder
	node     node
	location location
}

// path returns the location of something in the object.
func (f fieldsOf) path(rest ...string) location { return f.join(f.location, rest...) }

// template returns the first of the fields that is there.
func (f fieldsOf) template(names ...string) Template {
	for _, name := range names {
		if member, ok := f.node.get(name); ok {
			t := Template{Field: name, Location: f.path("/", name).text, at: member.at}
			if !f.off || member.len() == 0 {
				t.Value = member.value()
			}
			return t
		}
	}
	return Template{}
}

// info fills in what all states have in common.
func (f fieldsOf) info(info *StateInfo) {
	info.Name = f.node.name()
	info.Type = f.node.str("Type")
	info.Location = f.location.text
	info.Comment = f.node.str("Comment")
	info.QueryLanguage = f.languageOf(f.node, f.language)
	info.Next = f.node.str("Next")
	end, ok := f.node.get("End")
	info.End = info.Type == "Succeed" || info.Type == "Fail" || ok && end.isTrue()
	info.InputPath = f.template("InputPath")
	info.OutputPath = f.template("OutputPath")
	info.Output = f.template("Output")
	info.Assign = f.template("Assign")
	info.node = f.node
}

// member returns the fields of an object inside this one.
func (f fieldsOf) member(name string) (fieldsOf, bool) {
	n, ok := f.node.get(name)
	return fieldsOf{f.builder, n, f.path("/", name)}, ok
}

// elements iterates over the fields of the objects in an array.
func (f fieldsOf) elements(name string) iter.Seq[fieldsOf] {
	return func(yield func(fieldsOf) bool) {
		array, ok := f.node.get(name)
		if !ok || array.kind() != arrayKind {
			return
		}
		for element := range array.children() {
			at := f.path("/", name, "[", strconv.Itoa(int(element.row().index)), "]")
			if !yield(fieldsOf{f.builder, element, at}) {
				return
			}
		}
	}
}

// count returns how many elements an array has.
func (f fieldsOf) count(name string) int {
	array, ok := f.node.get(name)
	if !ok {
		return 0
	}
	return array.len()
}

func (f fieldsOf) strings(name string) []string {
	array, ok := f.node.get(name)
	if !ok || array.kind() != arrayKind {
		return nil
	}
	all := make([]string, 0, array.len())
	for element := range array.children() {
		all = append(all, element.text())
	}
	return all
}

// number returns the integer of a field, or otherwise if it is not there.
func (f fieldsOf) number(name string, otherwise int64) int64 {
	if n, ok := f.node.integer(name); ok {
		return n
	}
	return otherwise
}

func (f fieldsOf) task() *Task {
	t := &Task{
		Resource:       parseResource(f.node.str("Resource")),
		Parameters:     f.template("Parameters", "Arguments"),
		ResultSelector: f.template("ResultSelector"),
		ResultPath:     f.template("ResultPath"),
		Credentials:    f.template("Credentials"),
		Timeout:        f.template("TimeoutSeconds", "TimeoutSecondsPath"),
		Heartbeat:      f.template("HeartbeatSeconds", "HeartbeatSecondsPath"),
		Retry:          f.retriers(),
		Catch:          f.catchers(),
	}
	f.info(&t.StateInfo)
	return t
}

func (f fieldsOf) retriers() []Retrier {
	n := f.count("Retry")
	if n == 0 {
		return nil
	}
	all := make([]Retrier, 0, n)
	for e := range f.elements("Retry") {
		r := Retrier{
			node:            e.node,
			Location:        e.location.text,
			ErrorEquals:     e.strings("ErrorEquals"),
			IntervalSeconds: e.number("IntervalSeconds", 1),
			MaxAttempts:     e.number("MaxAttempts", 3),
			BackoffRate:     2,
			MaxDelaySeconds: e.number("MaxDelaySeconds", 0),
			FullJitter:      e.node.str("JitterStrategy") == "FULL",
		}
		if rate := e.template("BackoffRate"); rate.Present() {
			r.BackoffRate, _ = rate.Value.AsFloat64()
		}
		all = append(all, r)
	}
	return all
}

func (f fieldsOf) catchers() []Catcher {
	n := f.count("Catch")
	if n == 0 {
		return nil
	}
	all := make([]Catcher, 0, n)
	for e := range f.elements("Catch") {
		all = append(all, Catcher{
			node:        e.node,
			Location:    e.location.text,
			ErrorEquals: e.strings("ErrorEquals"),
			Next:        e.node.str("Next"),
			ResultPath:  e.template("ResultPath"),
			Output:      e.template("Output"),
			Assign:      e.template("Assign"),
		})
	}
	return all
}

func (f fieldsOf) rules(name string) []*Rule {
	var all []*Rule
	for e := range f.elements(name) {
		all = append(all, e.rule())
	}
	return all
}

func (f fieldsOf) rule() *Rule {
	r := &Rule{
		node:      f.node,
		Location:  f.location.text,
		Comment:   f.node.str("Comment"),
		And:       f.rules("And"),
		Or:        f.rules("Or"),
		Variable:  f.node.str("Variable"),
		Condition: f.template("Condition"),
		Next:      f.node.str("Next"),
		Assign:    f.template("Assign"),
		Output:    f.template("Output"),
	}
	if not, ok := f.member("Not"); ok {
		r.Not = not.rule()
	}
	for member := range f.node.children() {
		if f := inRule.table().field(member.name()); f != nil && f.isOperator() {
			r.Operator = f.name
		}
	}
	if r.Operator != "" {
		r.Operand = f.template(r.Operator)
	}
	return r
}

func (f fieldsOf) parallel() *Parallel {
	p := &Parallel{
		Parameters:     f.template("Parameters", "Arguments"),
		ResultSelector: f.template("ResultSelector"),
		ResultPath:     f.template("ResultPath"),
		Retry:          f.retriers(),
		Catch:          f.catchers(),
	}
	for branch := range f.elements("Branches") {
		p.Branches = append(p.Branches, f.graph(branch.node, branch.location))
	}
	f.info(&p.StateInfo)
	return p
}
