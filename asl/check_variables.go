package asl

import (
	"iter"
	"math"
	"slices"
	"strings"
)

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
	f := flow{checker: c, root: g, warns: c.lints && !c.failed(), numbers: map[string]int{}, uses: map[int32][]use{}}
	for _, u := range c.uses {
		f.number(u.name)
		f.uses[u.state.at] = append(f.uses[u.state.at], u)
	}
	for inner := range g.inner() {
		f.numberAssigned(inner)
	}
	if len(f.numbers) > 0 {
		f.graph(g, entry{maybe: f.none(), missing: f.every()}, f.none())
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
// entered, and which may not have been.
type flow struct {
	*checker
	root    *Graph
	warns   bool            // warnings are wanted, and no error hides transitions
	numbers map[string]int  // of the variables
	uses    map[int32][]use // by the state that reads
}

// assigned is a set of variables by their numbers.
type assigned []uint64

func (f *flow) none() assigned { return make(assigned, (len(f.numbers)+63)/64) }

func (f *flow) every() assigned {
	a := f.none()
	for i := range a {
		a[i] = math.MaxUint64
	}
	return a
}

func (a assigned) has(i int) bool { return a[i/64]&(1<<(i%64)) != 0 }

// entry says which variables have a value when a state is entered.
type entry struct {
	maybe   assigned // some way to the state assigns them
	missing assigned // some way to the state does not assign them
}

// reach adds another way to the state, on which the variables in sets are
// assigned, and reports whether that changed anything.
func (e entry) reach(from entry, sets assigned) (changed bool) {
	for i := range e.maybe {
		maybe, missing := e.maybe[i]|from.maybe[i], e.missing[i]|from.missing[i]
		if sets != nil {
			maybe, missing = e.maybe[i]|from.maybe[i]|sets[i], e.missing[i]|from.missing[i]&^sets[i]
		}
		changed = changed || maybe != e.maybe[i] || missing != e.missing[i]
		e.maybe[i], e.missing[i] = maybe, missing
	}
	return changed
}

// setBy returns the variables that t assigns; nil if there are none.
func (f *flow) setBy(t *Template, language QueryLanguage) assigned {
	if !t.Present() {
		return nil
	}
	a := f.none()
	for name := range f.tree.assignedNames(t, language) {
		if i, ok := f.numbers[name]; ok {
			a[i/64] |= 1 << (i % 64)
		}
	}
	return a
}

// maxFlow bounds the work: the number of states times that of variables.
const maxFlow = 1 << 22

// graph looks at the variables that the states of a graph assign and read. The
// variables in outer belong to the graphs around it: no state may assign them.
func (f *flow) graph(g *Graph, entered entry, outer assigned) {
	if len(g.States)*len(f.numbers) > maxFlow {
		return
	}
	entries := f.entries(g, entered)
	for i, s := range g.States {
		f.state(s, entries[i], outer)
	}
}

// entries computes the entry of each state. It follows the transitions with what
// they assign until nothing changes. A state that nothing leads to has the
// variables of the graph's entry, and no way to it leaves a variable unassigned.
func (f *flow) entries(g *Graph, entered entry) []entry {
	sets := len(entered.maybe)
	maybe, missing := slices.Repeat(entered.maybe, len(g.States)), make(assigned, sets*len(g.States))
	entries := make([]entry, len(g.States))
	todo := make([]int, len(g.States))
	for i := range entries {
		entries[i] = entry{maybe[i*sets:][:sets], missing[i*sets:][:sets]}
		todo[i] = i
	}
	if start := g.find(g.StartAt); start >= 0 {
		copy(entries[start].missing, entered.missing)
	}
	for len(todo) > 0 {
		from := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for a := range arrows(g.States[from]) {
			to := g.find(a.to)
			if to >= 0 && entries[to].reach(entries[from], f.setBy(a.assign, a.from.QueryLanguage)) {
				todo = append(todo, to)
			}
		}
	}
	return entries
}

// state checks the variables that a state and the states inside it assign and
// read. The children of a distributed map are executions of their own and do not
// see the variables outside.
func (f *flow) state(s State, before entry, outer assigned) {
	info := s.Info()
	assignments(s, func(t *Template) { f.shadowing(t, info.QueryLanguage, outer) })
	for _, u := range f.uses[info.node.at] {
		if f.warns {
			f.read(u, before)
		}
	}
	if m, ok := s.(*Map); ok && m.Distributed {
		before = entry{f.none(), f.every()}
	}
	for _, inner := range subgraphs(s) {
		f.graph(inner, before, before.maybe)
	}
}

// holder returns the value that AWS locates the variable at: of a member "x.$" the
// template, as for other findings about such members (unsure).
func (u use) holder() node {
	if strings.HasSuffix(u.node.name(), ".$") && !isExpressionText(u.node) {
		return node{u.node.tree, u.node.row().parent}
	}
	return u.node
}

// read warns, in AWS's words, of a variable that may be unassigned, and with a
// warning of our own if nothing can have assigned it.
func (f *flow) read(u use, before entry) {
	i := f.numbers[u.name]
	if before.missing.has(i) {
		u.points(f.warnAt(u.holder(), u.node, warnMaybeMissing, "Variable '"+u.name+"' is possibly not defined."))
	}
	if !before.maybe.has(i) {
		x := f.warn(u.node, warnUndefined, "Variable '$"+u.name+"' is read, but no path to this state assigns it")
		u.points(x)
		x.Hint = f.nearestVariable(u)
	}
}

// nearestVariable proposes an assigned variable, or a function, with a similar
// name.
func (f *flow) nearestVariable(u use) string {
	if f.hints++; f.hints > maxHints {
		return ""
	}
	var names []string
	for s := range f.root.walk() {
		assignments(s, func(t *Template) {
			for name := range f.tree.assignedNames(t, s.Info().QueryLanguage) {
				names = append(names, "$"+name)
			}
		})
		if len(names) > maxNames {
			return ""
		}
	}
	if slices.Contains(names, "$"+u.name) {
		return "" // it is assigned elsewhere
	}
	hint := didYouMean("$"+u.name, names)
	if hint == "" && isExpressionText(u.node) {
		hint = nearestFunction(u.name)
	}
	return hint
}

// shadowing reports variables that a graph around this one has assigned before.
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
