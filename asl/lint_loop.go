package asl

// busyLoops warns of loops of Pass and Choice states that nothing ends: either no
// transition leads out of the loop, or nothing in it changes the data that its
// Choice states test.
func (l *linter) busyLoops(g *Graph) {
	for _, loop := range quickLoops(g) {
		if !loop.leaves || !loop.changes {
			l.busyLoop(loop)
		}
	}
	for inner := range g.inner() {
		l.busyLoops(inner)
	}
}

func (l *linter) busyLoop(loop quickLoop) {
	first := loop.first.Info()
	x := l.warn(first.node, warnBusyLoop, "The loop through state '"+first.Name+"' has neither a Wait nor a Task in it")
	x.markName = true
	if loop.leaves {
		x.Hint = "nothing in it changes what its choices depend on"
	} else {
		x.Hint = "nothing ends it"
	}
}

// quickLoop is a strongly connected set of Pass and Choice states.
type quickLoop struct {
	first   State
	leaves  bool // a transition leads out of it
	changes bool // a state in it changes data
}

// isQuick reports whether a state takes no time.
func isQuick(s State) bool {
	switch s.(type) {
	case *Pass, *Choice:
		return true
	}
	return false
}

// changesData reports whether a state may pass on something else than it got.
func changesData(s State) bool {
	info := s.Info()
	changed := info.Output.Present() || info.InputPath.Present() || info.OutputPath.Present()
	assignments(s, func(t *Template) { changed = changed || t.Present() })
	if p, ok := s.(*Pass); ok {
		changed = changed || p.Parameters.Present() || p.Result.Present()
	}
	if c, ok := s.(*Choice); ok {
		for _, rule := range c.Choices {
			changed = changed || rule.Output.Present() || usesRandom(rule)
		}
	}
	return changed
}

// leadsBack reports whether a quick state leads to itself or to a quick one
// before it. Without that there is no loop.
func leadsBack(g *Graph) bool {
	for i, s := range g.States {
		if !isQuick(s) {
			continue
		}
		for a := range arrows(s) {
			if to := g.find(a.to); to >= 0 && to <= i && isQuick(g.States[to]) {
				return true
			}
		}
	}
	return false
}

// quickLoops finds the loops with Tarjan's algorithm. It does not recurse, since
// a loop may be as long as a definition.
func quickLoops(g *Graph) []quickLoop {
	if !leadsBack(g) {
		return nil
	}
	t := tarjan{graph: g, seen: map[string]*vertex{}}
	for _, s := range g.States {
		if isQuick(s) && t.seen[s.Info().Name] == nil {
			t.visit(s)
		}
	}
	return t.loops
}

type vertex struct {
	state   State
	number  int
	low     int
	onStack bool
	targets []string // not looked at yet
	self    bool     // leads to itself
}

type tarjan struct {
	graph *Graph
	seen  map[string]*vertex
	path  []*vertex // the way from the root of the search
	stack []*vertex // what has not been put into a component
	loops []quickLoop
}

func (t *tarjan) visit(root State) {
	t.enter(root)
	for len(t.path) > 0 {
		v := t.path[len(t.path)-1]
		if len(v.targets) == 0 {
			t.leave(v)
			continue
		}
		to := v.targets[0]
		v.targets = v.targets[1:]
		next, ok := t.graph.State(to)
		switch w := t.seen[to]; {
		case !ok || !isQuick(next):
		case w == nil:
			t.enter(next)
		case w.onStack:
			v.low = min(v.low, w.number)
			v.self = v.self || w == v
		}
	}
}

func (t *tarjan) enter(s State) {
	v := &vertex{state: s, number: len(t.seen), low: len(t.seen), onStack: true}
	for a := range arrows(s) {
		v.targets = append(v.targets, a.to)
	}
	t.seen[s.Info().Name] = v
	t.path = append(t.path, v)
	t.stack = append(t.stack, v)
}

func (t *tarjan) leave(v *vertex) {
	t.path = t.path[:len(t.path)-1]
	if n := len(t.path); n > 0 {
		t.path[n-1].low = min(t.path[n-1].low, v.low)
	}
	if v.low < v.number {
		return
	}
	i := len(t.stack) - 1
	for t.stack[i] != v {
		i--
	}
	t.component(t.stack[i:])
	t.stack = t.stack[:i]
}

// component notes a strongly connected set of states if it is a loop. Its members
// come in the order in which they were found.
func (t *tarjan) component(members []*vertex) {
	inside := map[string]bool{}
	for _, v := range members {
		v.onStack = false
		inside[v.state.Info().Name] = true
	}
	if len(members) == 1 && !members[0].self {
		return
	}
	loop := quickLoop{first: members[0].state}
	for _, v := range members {
		loop.changes = loop.changes || changesData(v.state)
		loop.leaves = loop.leaves || v.state.Info().End
		for a := range arrows(v.state) {
			loop.leaves = loop.leaves || !inside[a.to]
		}
	}
	t.loops = append(t.loops, loop)
}
