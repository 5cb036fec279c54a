package interp

import (
	"errors"
	"fmt"

	"github.com/statemill/statemill/asl"
)

// part says which part of a definition a Program runs. The zero part is the whole.
type part struct {
	start string
	graph *asl.Graph // in which start is
	until string     // the name of a state; "": none
	alone bool       // until start is left

	stubs map[string]bool // Parallel and Map states whose work is one task
}

// ends reports whether a transition leads out of the part.
func (p *part) ends(l link) bool {
	return l.within == p.graph && (p.alone || p.until != "" && l.target == p.until)
}

// From returns a program that begins in a state, at any depth, and ends where the graph
// of that state ends. Tests of a definition want it. The points are those of p.
//
// A Header names the definition and not the part: a stored execution of a part has to be
// restored by the same part.
func (p *Program) From(state string) (*Program, error) {
	return p.only(part{start: state})
}

// Only returns a program that begins in a state and ends when that state is left, by
// whichever transition. Its output is that of the state.
func (p *Program) Only(state string) (*Program, error) {
	return p.only(part{start: state, alone: true})
}

// Between returns a program that begins in a state and ends before another state of the
// same graph is entered. Its output is the input of that state.
func (p *Program) Between(from, to string) (*Program, error) {
	return p.only(part{start: from, until: to})
}

// Stub returns a program in which the whole work of some Parallel and Map states is one
// task each, without Resource: it succeeds with the result of the state, or fails with
// its error. The history has no events of their branches and iterations. A test of what
// surrounds them wants it.
func (p *Program) Stub(states ...string) (*Program, error) {
	if p.machine == nil {
		return nil, errNoMachine
	}
	q := p.part
	q.stubs = make(map[string]bool)
	for _, name := range states {
		if n := p.states[name]; n == nil || n.failed == "" {
			return nil, fmt.Errorf("interp: no Parallel or Map state %q", name)
		}
		q.stubs[name] = true
	}
	return compile(p.machine, q)
}

var errNoMachine = errors.New("interp: the program is empty")

func (p *Program) only(q part) (*Program, error) {
	q.stubs = p.part.stubs
	if p.machine == nil {
		return nil, errNoMachine
	}
	if q.graph = graphOf(&p.machine.Graph, q.start); q.graph == nil {
		return nil, fmt.Errorf("interp: no state %q", q.start)
	}
	if q.until != "" {
		if _, ok := q.graph.State(q.until); !ok {
			return nil, fmt.Errorf("interp: no state %q beside %q", q.until, q.start)
		}
	}
	return compile(p.machine, q)
}

// graphOf returns the graph, at any depth, that has a state.
func graphOf(g *asl.Graph, state string) *asl.Graph {
	if _, ok := g.State(state); ok {
		return g
	}
	for _, s := range g.States {
		for _, inner := range innerGraphs(s) {
			if found := graphOf(inner, state); found != nil {
				return found
			}
		}
	}
	return nil
}

func innerGraphs(s asl.State) []*asl.Graph {
	switch s := s.(type) {
	case *asl.Parallel:
		return s.Branches
	case *asl.Map:
		return []*asl.Graph{s.Processor}
	}
	return nil
}
