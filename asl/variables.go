package asl

import (
	"iter"
	"slices"
)

// VariableReferences returns the workflow variables that states read, sorted, by
// the name of the state, as DescribeStateMachine shows them. States that read
// none are not in the map.
func (m *StateMachine) VariableReferences() map[string][]string {
	read := map[string][]string{}
	for _, u := range m.uses {
		state := u.state.name()
		if at, found := slices.BinarySearch(read[state], u.name); !found {
			read[state] = slices.Insert(read[state], at, u.name)
		}
	}
	return read
}

// assignedNames iterates over the variables that an Assign sets.
func (t *tree) assignedNames(a *Template, language QueryLanguage) iter.Seq[string] {
	return func(yield func(string) bool) {
		if !a.Present() {
			return
		}
		for member := range (node{t, a.at}).children() {
			if !yield(assignedName(member, language)) {
				return
			}
		}
	}
}

// assignments calls f for every Assign of a state: its own, and those of its
// rules and catchers.
func assignments(s State, f func(*Template)) {
	f(&s.Info().Assign)
	if c, ok := s.(*Choice); ok {
		for _, rule := range c.Choices {
			f(&rule.Assign)
		}
	}
	caught := catchers(s)
	for i := range caught {
		f(&caught[i].Assign)
	}
}

// variables checks how states assign and read variables.
func (c *checker) variables(g *Graph) {
	f := flow{checker: c, sound: !c.failed(), numbers: map[string]int{}, uses: map[int32][]use{}}
	for _, u := range c.uses {
		f.number(u.name)
		f.uses[u.state.at] = append(f.uses[u.state.at], u)
	}
	for inner := range g.inner() {
		f.numberAssigned(inner)
	}
	if len(f.numbers) > 0 {
		f.graph(g, f.none(), f.none())
	}
}

// number gives a variable a number.
func (f *flow) number(name string) {
	if _, ok := f.numbers[name]; !ok {
		f.numbers[name] = len(f.numbers)
	}
}

// numberAssigned gives numbers to the variables that a graph assigns.
func (f *flow) numberAssigned(g *Graph) {
	for s := range g.walk() {
		assignments(s, func(t *Template) {
			for name := range f.tree.assignedNames(t, s.Info().QueryLanguage) {
				f.number(name)
			}
		})
	}
}

// flow computes which variables may have been assigned when a state is
// entered.
type flow struct {
	*checker
	sound   bool            // the definition has no errors that hide transitions
	numbers map[string]int  // of the variables
	uses    map[int32][]use // by the state that reads
}

// assigned is a set of variables by their numbers.
type assigned []uint64

func (f *flow) none() assigned { return make(assigned, (len(f.numbers)+63)/64) }

func (a assigned) has(i int) bool { return a[i/64]&(1<<(i%64)) != 0 }

// add adds another set and reports whether that changed anything.
func (a assigned) add(b assigned) (changed bool) {
	for i := range a {
		if b[i]&^a[i] != 0 {
			a[i] |= b[i]
			changed = true
		}
	}
	return changed
}

// with returns the set and what t assigns.
func (a assigned) with(f *flow, t *Template, language QueryLanguage) assigned {
	if !t.Present() {
		return a
	}
	b := slices.Clone(a)
	for name := range f.tree.assignedNames(t, language) {
		if i, ok := f.numbers[name]; ok {
			b[i/64] |= 1 << (i % 64)
		}
	}
	return b
}

// maxFlow bounds the work: the number of states times that of variables.
const maxFlow = 1 << 22

// graph spreads what is assigned along the transitions until nothing changes,
// then looks at what the states do with it. Of what may have been assigned
// when the graph is entered, outer is what belongs to the graphs around it and
// may not be assigned here.
func (f *flow) graph(g *Graph, entered, outer assigned) {
	if len(g.States)*len(f.numbers) > maxFlow {
		return
	}
	sets := slices.Repeat(entered, len(g.States))
	before := func(i int) assigned { return sets[i*len(entered):][:len(entered)] }
	todo := make([]int, len(g.States))
	for i := range todo {
		todo[i] = i
	}
	for len(todo) > 0 {
		from := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for a := range arrows(g.States[from]) {
			to := g.find(a.to)
			if to >= 0 && before(to).add(before(from).with(f, a.assign, a.from.QueryLanguage)) {
				todo = append(todo, to)
			}
		}
	}
	for i, s := range g.States {
		f.state(s, before(i), outer)
	}
}

// state looks at what one state assigns and reads, and what the states inside
// it do. The children of a distributed map are executions of their own, which
// the variables outside do not reach.
func (f *flow) state(s State, before, outer assigned) {
	info := s.Info()
	assignments(s, func(t *Template) { f.shadowing(t, info.QueryLanguage, outer) })
	for _, u := range f.uses[info.node.at] {
		if f.sound && !before.has(f.numbers[u.name]) {
			f.warn(u.node, warnUndefined, "Variable '$"+u.name+"' is read, but no path to this state assigns it")
		}
	}
	if m, ok := s.(*Map); ok && m.Distributed {
		before = f.none()
	}
	for _, inner := range subgraphs(s) {
		f.graph(inner, before, before)
	}
}

// shadowing finds variables that are assigned although a graph around this one
// has assigned them.
func (f *flow) shadowing(t *Template, language QueryLanguage, outer assigned) {
	for name := range f.tree.assignedNames(t, language) {
		if i, ok := f.numbers[name]; ok && outer.has(i) {
			f.shadowed(t, name)
		}
	}
}

func (f *flow) shadowed(t *Template, name string) {
	assign := node{f.tree, t.at}
	member, ok := assign.get(name)
	if !ok {
		member, _ = assign.get(name + ".$")
	}
	x := f.report(member, codeShadow, "The variable name '"+name+"' was already defined in a parent scope.")
	x.markName = true
}
