package asl

import "strconv"

// builder makes the typed graph of a tree. If the tree has faults, the graph is
// good enough for the rules about graphs.
type builder struct {
	*checker
	*locations
	arena *arena
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
	if !ok || states.kind() != objectKind || b.isSubstituted(states) {
		return g
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

// state builds one state by its type. States are large, so they are not copied.
func (b builder) state(n node, at location) State {
	f := &fieldsOf{builder: b, node: n, location: at}
	switch n.str("Type") {
	case "Task":
		return f.task()
	case "Choice":
		return f.choice()
	case "Wait":
		return f.wait()
	case "Succeed":
		s := f.arena.succeeds.one()
		f.info(&s.StateInfo)
		return s
	case "Fail":
		return f.fail()
	case "Parallel":
		return f.parallel()
	case "Map":
		return f.mapState()
	}
	return f.pass() // also in place of a type that is a substitution
}

// fieldsOf reads the fields of one object.
type fieldsOf struct {
	builder
	node     node
	location location
}

// path returns the location of something in the object.
func (f *fieldsOf) path(rest ...string) location { return f.join(f.location, rest...) }

// template fills in the first of the fields that is there.
func (f *fieldsOf) template(t *Template, names ...string) {
	for _, name := range names {
		if member, ok := f.node.get(name); ok {
			t.Field, t.Location, t.at = name, f.path("/", name).text, member.at
			if !f.off || member.len() == 0 {
				t.Value = member.value()
			}
			return
		}
	}
}

// info fills in the fields that all types of state share.
func (f *fieldsOf) info(info *StateInfo) {
	info.Name = f.node.name()
	info.Type = f.node.str("Type")
	info.Location = f.location.text
	info.Comment = f.node.str("Comment")
	info.QueryLanguage = f.languageOf(f.node, f.language)
	info.Next = f.node.str("Next")
	end, ok := f.node.get("End")
	info.End = info.Type == "Succeed" || info.Type == "Fail" || ok && end.isTrue()
	f.template(&info.InputPath, "InputPath")
	f.template(&info.OutputPath, "OutputPath")
	f.template(&info.Output, "Output")
	f.template(&info.Assign, "Assign")
	info.node = f.node
}

// member returns the fields of an object inside this one.
func (f *fieldsOf) member(name string) (member fieldsOf, ok bool) {
	n, ok := f.node.get(name)
	if !ok {
		return fieldsOf{}, false
	}
	return fieldsOf{f.builder, n, f.path("/", name)}, true
}

// element returns the fields of an object in an array inside this one.
func (f *fieldsOf) element(name string, n node) fieldsOf {
	return fieldsOf{f.builder, n, f.path("/", name, "[", strconv.Itoa(int(n.row().index)), "]")}
}

// array returns a member that is an array with something in it.
func (f *fieldsOf) array(name string) (array node, ok bool) {
	array, ok = f.node.get(name)
	return array, ok && array.kind() == arrayKind && array.len() > 0
}

func (f *fieldsOf) strings(name string) []string {
	array, ok := f.array(name)
	if !ok {
		return nil
	}
	all := make([]string, 0, array.len())
	for element := range array.children() {
		all = append(all, element.text())
	}
	return all
}

// number returns the integer of a field, or otherwise if it is not there.
func (f *fieldsOf) number(name string, otherwise int64) int64 {
	if n, ok := f.node.integer(name); ok {
		return n
	}
	return otherwise
}

func (f *fieldsOf) pass() *Pass {
	s := f.arena.passes.one()
	f.info(&s.StateInfo)
	f.template(&s.Parameters, "Parameters")
	f.template(&s.Result, "Result")
	f.template(&s.ResultPath, "ResultPath")
	return s
}

func (f *fieldsOf) task() *Task {
	s := f.arena.tasks.one()
	f.info(&s.StateInfo)
	s.Resource = f.resourceOf(f.node.str("Resource"))
	f.template(&s.Parameters, "Parameters", "Arguments")
	f.template(&s.ResultSelector, "ResultSelector")
	f.template(&s.ResultPath, "ResultPath")
	f.template(&s.Credentials, "Credentials")
	f.template(&s.Timeout, "TimeoutSeconds", "TimeoutSecondsPath")
	f.template(&s.Heartbeat, "HeartbeatSeconds", "HeartbeatSecondsPath")
	s.Retry, s.Catch = f.retriers(), f.catchers()
	return s
}

func (f *fieldsOf) choice() *Choice {
	s := f.arena.choices.one()
	f.info(&s.StateInfo)
	s.Choices, s.Default = f.rules("Choices"), f.node.str("Default")
	return s
}

func (f *fieldsOf) wait() *Wait {
	s := f.arena.waits.one()
	f.info(&s.StateInfo)
	f.template(&s.Until, "Seconds", "SecondsPath", "Timestamp", "TimestampPath")
	return s
}

func (f *fieldsOf) fail() *Fail {
	s := f.arena.fails.one()
	f.info(&s.StateInfo)
	f.template(&s.Error, "Error", "ErrorPath")
	f.template(&s.Cause, "Cause", "CausePath")
	return s
}

func (f *fieldsOf) parallel() *Parallel {
	s := f.arena.parallels.one()
	f.info(&s.StateInfo)
	f.template(&s.Parameters, "Parameters", "Arguments")
	f.template(&s.ResultSelector, "ResultSelector")
	f.template(&s.ResultPath, "ResultPath")
	s.Retry, s.Catch = f.retriers(), f.catchers()
	if branches, ok := f.array("Branches"); ok {
		s.Branches = make([]*Graph, 0, branches.len())
		for n := range branches.children() {
			branch := f.element("Branches", n)
			s.Branches = append(s.Branches, f.graph(n, branch.location))
		}
	}
	return s
}

func (f *fieldsOf) retriers() []Retrier {
	array, ok := f.array("Retry")
	if !ok {
		return nil
	}
	all := f.arena.retriers.slice(array.len())
	for n := range array.children() {
		retrier := f.element("Retry", n)
		retrier.retrier(&all[n.row().index])
	}
	return all
}

func (f *fieldsOf) retrier(r *Retrier) {
	r.node = f.node
	r.Location = f.location.text
	r.ErrorEquals = f.strings("ErrorEquals")
	r.IntervalSeconds = f.number("IntervalSeconds", 1)
	r.MaxAttempts = f.number("MaxAttempts", 3)
	r.MaxDelaySeconds = f.number("MaxDelaySeconds", 0)
	r.FullJitter = f.node.str("JitterStrategy") == "FULL"
	r.BackoffRate = 2
	if rate, ok := f.node.get("BackoffRate"); ok {
		r.BackoffRate, _ = rate.value().AsFloat64()
	}
}

func (f *fieldsOf) catchers() []Catcher {
	array, ok := f.array("Catch")
	if !ok {
		return nil
	}
	all := f.arena.catchers.slice(array.len())
	for n := range array.children() {
		catcher := f.element("Catch", n)
		catcher.catcher(&all[n.row().index])
	}
	return all
}

func (f *fieldsOf) catcher(c *Catcher) {
	c.node = f.node
	c.Location = f.location.text
	c.ErrorEquals = f.strings("ErrorEquals")
	c.Next = f.node.str("Next")
	f.template(&c.ResultPath, "ResultPath")
	f.template(&c.Output, "Output")
	f.template(&c.Assign, "Assign")
}

func (f *fieldsOf) rules(name string) []*Rule {
	array, ok := f.array(name)
	if !ok {
		return nil
	}
	all := make([]*Rule, 0, array.len())
	for n := range array.children() {
		all = append(all, f.element(name, n).rule())
	}
	return all
}

// rule reads a rule and the rules inside it. It takes f by value: with a pointer
// the recursion would make f escape to the heap.
func (f fieldsOf) rule() *Rule {
	r := f.arena.rules.one()
	r.node = f.node
	r.Location = f.location.text
	r.Comment = f.node.str("Comment")
	r.And, r.Or = f.rules("And"), f.rules("Or")
	r.Variable = f.node.str("Variable")
	r.Next = f.node.str("Next")
	f.template(&r.Condition, "Condition")
	f.template(&r.Assign, "Assign")
	f.template(&r.Output, "Output")
	if not, ok := f.member("Not"); ok {
		r.Not = not.rule()
	}
	t := inRule.table()
	for member := range f.node.children() {
		if i := t.index(member.name(), member.row().hash); i >= 0 && t.operators&(1<<i) != 0 {
			r.Operator = t.fields[i].name
		}
	}
	if r.Operator != "" {
		f.template(&r.Operand, r.Operator)
	}
	return r
}
