package asl

import (
	"iter"
	"strconv"
)

// StateMachine is a definition. It is immutable and safe for concurrent use;
// its exported fields are for reading.
type StateMachine struct {
	Graph                        // the states of the top level
	Version        string        // "1.0"
	QueryLanguage  QueryLanguage // of states that do not say otherwise
	TimeoutSeconds int64         // of a whole execution; 0: none

	source string
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
}

// indexFrom is the number of states from which a map finds a name faster than
// a look at each state does.
const indexFrom = 12

// State returns the state with this name; ok is false if the graph has none.
func (g *Graph) State(name string) (s State, ok bool) {
	if g.index != nil {
		i, ok := g.index[name]
		if !ok {
			return nil, false
		}
		return g.States[i], true
	}
	for _, s := range g.States {
		if s.Info().Name == name {
			return s, true
		}
	}
	return nil, false
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
			for e := range edges(s) {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// edges iterates over the transitions that leave s.
func edges(s State) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		info := s.Info()
		edge := func(to, path string) bool {
			return to == "" || yield(Edge{From: info.Name, To: to, Location: info.Location + path})
		}
		if !edge(info.Next, "/Next") {
			return
		}
		if c, ok := s.(*Choice); ok {
			for i, rule := range c.Choices {
				if !edge(rule.Next, "/Choices["+strconv.Itoa(i)+"]/Next") {
					return
				}
			}
			edge(c.Default, "/Default")
			return
		}
		for i := range catchers(s) {
			if !edge(catchers(s)[i].Next, "/Catch["+strconv.Itoa(i)+"]/Next") {
				return
			}
		}
	}
}

// All iterates over all states at any depth, in the order of the text: a state
// comes before the states inside it.
func (m *StateMachine) All() iter.Seq[State] {
	return func(yield func(State) bool) { m.Graph.all(yield) }
}

func (g *Graph) all(yield func(State) bool) bool {
	for _, s := range g.States {
		if !yield(s) {
			return false
		}
		for _, inner := range subgraphs(s) {
			if !inner.all(yield) {
				return false
			}
		}
	}
	return true
}

// Source returns the text that was parsed.
func (m *StateMachine) Source() []byte { return []byte(m.source) }

// Position returns where in the text the value at a location is.
func (m *StateMachine) Position(location string) (p Position, ok bool) {
	return Position{}, false
}

// QueryLanguage is the language of the expressions in a state.
type QueryLanguage string

// The query languages. JSONPath is the one of machines that name none.
const (
	JSONPath QueryLanguage = "JSONPath"
	JSONata  QueryLanguage = "JSONata"
)
