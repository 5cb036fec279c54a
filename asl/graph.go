package asl

import (
	"iter"
	"slices"
)

// StateMachine is a definition in typed form. It is immutable and safe for concurrent use;
// its exported fields are for reading.
type StateMachine struct {
	Graph                        // the states of the top level
	Version        string        // "1.0"
	QueryLanguage  QueryLanguage // of states that do not name another
	TimeoutSeconds int64         // of a whole execution; 0: no timeout

	uses         []use
	placeholders []string
}

// Graph is one States object with its start: a machine's top level, a branch
// of a Parallel state or the processor of a Map state. Transitions never leave
// their Graph.
type Graph struct {
	Location string // "", "/States/Notify/Branches[0]", "/States/Lines/ItemProcessor"
	Comment  string
	StartAt  string
	States   []State // in the order of the text

	index map[string]int // only in large graphs
	node  node
}

// indexFrom is the number of states from which a map finds a name faster than
// a look at each state does.
const indexFrom = 12

// State returns the state with this name; ok is false if the graph has none.
func (g *Graph) State(name string) (s State, ok bool) {
	if i := g.find(name); i >= 0 {
		return g.States[i], true
	}
	return nil, false
}

// find returns the index of the state with this name, or -1.
func (g *Graph) find(name string) int {
	if g.index != nil {
		if i, ok := g.index[name]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(g.States, func(s State) bool { return s.Info().Name == name })
}

func (g *Graph) buildIndex() {
	if len(g.States) < indexFrom {
		return
	}
	g.index = make(map[string]int, len(g.States))
	for i, s := range g.States {
		g.index[s.Info().Name] = i
	}
}

// Edge is one transition.
type Edge struct {
	From, To string // names of states
	Location string // of the field that says so: "/States/Ship/Catch[0]/Next"
}

// Edges iterates over the transitions of the graph, state by state: first
// Next, or the rules of a Choice state and its Default, then the catchers.
func (g *Graph) Edges() iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		for _, s := range g.States {
			for a := range arrows(s) {
				if !yield(a.edge()) {
					return
				}
			}
		}
	}
}

// All iterates over all states at any depth, in the order of the text: a state
// comes before the states inside it.
func (m *StateMachine) All() iter.Seq[State] { return m.walk() }

// walk iterates over the states of a graph and of the graphs inside it.
func (g *Graph) walk() iter.Seq[State] {
	return func(yield func(State) bool) { g.visit(yield) }
}

func (g *Graph) visit(yield func(State) bool) bool {
	for _, s := range g.States {
		if !yield(s) {
			return false
		}
		for _, inner := range subgraphs(s) {
			if !inner.visit(yield) {
				return false
			}
		}
	}
	return true
}

// inner iterates over the graphs directly inside the states of a graph.
func (g *Graph) inner() iter.Seq[*Graph] {
	return func(yield func(*Graph) bool) {
		for _, s := range g.States {
			for _, inner := range subgraphs(s) {
				if !yield(inner) {
					return
				}
			}
		}
	}
}

// VariableReferences returns the names of the workflow variables that each state
// reads, sorted, as DescribeStateMachine shows them. The keys are names of
// states; a state that reads no variable has no key.
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

// Placeholders returns the locations of the values that must replace a ${Name}
// before the machine can run, in the order of the text. A ${Name} in a string
// that may hold any text, such as a Resource, is no placeholder. Only machines
// that were parsed with [Validator.Substitutions] have placeholders.
func (m *StateMachine) Placeholders() []string { return slices.Clone(m.placeholders) }

// Source returns the text that was parsed.
func (m *StateMachine) Source() []byte {
	if m.node.tree == nil {
		return nil
	}
	return []byte(m.node.tree.source)
}

// Position returns the place in the text of the value at a location; ok is false
// if there is none. Locations are those of states and diagnostics; they may also
// lead into templates: "/States/Charge/Parameters/amount.$".
func (m *StateMachine) Position(location string) (p Position, ok bool) {
	n, ok := m.find(location)
	if !ok {
		return Position{}, false
	}
	return m.positionOf(int(n.row().start)), true
}

// PositionIn returns the place in the text of a byte of the string at a location; ok is
// false if there is no string. An offset past the end is the place of the closing quote.
func (m *StateMachine) PositionIn(location string, offset int) (p Position, ok bool) {
	n, ok := m.find(location)
	if !ok || n.kind() != textKind {
		return Position{}, false
	}
	r := n.row()
	return m.positionOf(int(r.start) + 1 + writtenOffset(m.node.tree.source[r.start+1:r.end-1], offset)), true
}

func (m *StateMachine) find(location string) (node, bool) {
	if m.node.tree == nil {
		return node{}, false
	}
	return m.node.tree.root().find(location)
}

func (m *StateMachine) positionOf(offset int) Position {
	l := locator{text: m.node.tree.source}
	return l.position(offset)
}

// QueryLanguage is the language of the expressions in a state.
type QueryLanguage string

// The query languages. A machine that names none has JSONPath.
const (
	JSONPath QueryLanguage = "JSONPath"
	JSONata  QueryLanguage = "JSONata"
)
