package asl

import (
	"strconv"

	"github.com/statemill/statemill/jsonvalue"
)

// builder makes the typed graph of a tree that has no faults.
type builder struct{ *checker }

func (b builder) machine(n node) *StateMachine {
	m := &StateMachine{
		Graph:         *b.graph(n),
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
	s := b.state(n, n.location())
	return &StateMachine{
		Graph:         Graph{States: []State{s}, node: n},
		Version:       "1.0",
		QueryLanguage: JSONPath,
	}
}

func (b builder) graph(n node) *Graph {
	g := &Graph{
		Location: n.location(),
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
		if child.kind() == objectKind {
			g.States = append(g.States, b.state(child, g.Location+"/States/"+child.name()))
		}
	}
	g.buildIndex()
	return g
}

// state builds one state by its type.
func (b builder) state(n node, location string) State {
	t := fieldsOf{builder: b, node: n, location: location}
	info := t.info()
	switch info.Type {
	case "Pass":
		return &Pass{info, t.template("Parameters"), t.template("Result"), t.template("ResultPath")}
	case "Task":
		return t.task(info)
	case "Choice":
		return t.choice(info)
	case "Wait":
		return &Wait{info, t.template("Seconds", "SecondsPath", "Timestamp", "TimestampPath")}
	case "Succeed":
		return &Succeed{info}
	case "Fail":
		return &Fail{info, t.template("Error", "ErrorPath"), t.template("Cause", "CausePath")}
	case "Parallel":
		return t.parallel(info)
	}
	return t.mapState(info)
}

// fieldsOf reads the fields of one object.
type fieldsOf struct {
	builder
	node     node
	location string
}

// template returns the first of the fields that is there.
func (f fieldsOf) template(names ...string) Template {
	for _, name := range names {
		if member, ok := f.node.get(name); ok {
			return Template{Field: name, Value: member.value(), Location: f.location + "/" + name}
		}
	}
	return Template{}
}

// value returns the value of n.
func (n node) value() jsonvalue.Value {
	switch n.kind() {
	case nullKind:
		return jsonvalue.Value{}
	case boolKind:
		return jsonvalue.Bool(n.isTrue())
	case textKind, substitutionKind:
		return jsonvalue.String(n.text())
	}
	v, err := jsonvalue.Parse([]byte(n.raw()))
	if err != nil { // only where a substitution is inside
		return jsonvalue.String(n.raw())
	}
	return v
}

func (f fieldsOf) info() StateInfo {
	info := StateInfo{
		Name:       f.node.name(),
		Type:       f.node.str("Type"),
		Location:   f.location,
		Comment:    f.node.str("Comment"),
		Next:       f.node.str("Next"),
		InputPath:  f.template("InputPath"),
		OutputPath: f.template("OutputPath"),
		Output:     f.template("Output"),
		Assign:     f.template("Assign"),
		node:       f.node,
	}
	info.QueryLanguage = f.languageOf(f.node, f.language)
	end, _ := f.node.get("End")
	info.End = info.Type == "Succeed" || info.Type == "Fail" || end.tree != nil && end.isTrue()
	return info
}

// member returns the fields of an object inside this one.
func (f fieldsOf) member(name string) (fieldsOf, bool) {
	n, ok := f.node.get(name)
	return fieldsOf{f.builder, n, f.location + "/" + name}, ok
}

// elements returns the fields of each object in an array.
func (f fieldsOf) elements(name string) []fieldsOf {
	array, ok := f.node.get(name)
	if !ok || array.kind() != arrayKind {
		return nil
	}
	all := make([]fieldsOf, 0, array.len())
	for element := range array.children() {
		location := f.location + "/" + name + "[" + strconv.Itoa(len(all)) + "]"
		all = append(all, fieldsOf{f.builder, element, location})
	}
	return all
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

func (f fieldsOf) task(info StateInfo) *Task {
	return &Task{
		StateInfo:      info,
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
}

func (f fieldsOf) retriers() []Retrier {
	var all []Retrier
	for _, e := range f.elements("Retry") {
		r := Retrier{
			Location:        e.location,
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
	var all []Catcher
	for _, e := range f.elements("Catch") {
		all = append(all, Catcher{
			Location:    e.location,
			ErrorEquals: e.strings("ErrorEquals"),
			Next:        e.node.str("Next"),
			ResultPath:  e.template("ResultPath"),
			Output:      e.template("Output"),
			Assign:      e.template("Assign"),
		})
	}
	return all
}

func (f fieldsOf) choice(info StateInfo) *Choice {
	return &Choice{info, f.rules("Choices"), f.node.str("Default")}
}

func (f fieldsOf) rules(name string) []*Rule {
	var all []*Rule
	for _, e := range f.elements(name) {
		all = append(all, e.rule())
	}
	return all
}

func (f fieldsOf) rule() *Rule {
	r := &Rule{
		Location:  f.location,
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
		if isOperator(member.name()) {
			r.Operator = member.name()
			r.Operand = f.template(r.Operator)
		}
	}
	return r
}

func (f fieldsOf) parallel(info StateInfo) *Parallel {
	p := &Parallel{
		StateInfo:      info,
		Parameters:     f.template("Parameters", "Arguments"),
		ResultSelector: f.template("ResultSelector"),
		ResultPath:     f.template("ResultPath"),
		Retry:          f.retriers(),
		Catch:          f.catchers(),
	}
	for _, branch := range f.elements("Branches") {
		p.Branches = append(p.Branches, f.graph(branch.node))
	}
	return p
}
