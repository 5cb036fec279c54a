// Package diagram draws state machines as pictures in SVG. The command, the report of
// coverage and the console show the same pictures.
//
// # How it works
//
// drawing.go makes a graph of the states, from the inside outwards: a Parallel or Map state
// is a box around the graphs inside of it. arrow.go makes the edges, label.go their texts.
// Package internal/layered places all. svg.go writes the picture.
package diagram

import (
	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/layered"
)

// Drawing is a state machine that has been laid out. It is immutable.
type Drawing struct{ root *graph }

// Draw lays out a state machine. The same definition always gives the same drawing.
func Draw(sm *asl.StateMachine) *Drawing {
	d := &Drawing{root: newGraph(&sm.Graph, true)}
	d.root.place()
	return d
}

// graph is a graph of states with its layout.
type graph struct {
	layout layered.Graph
	boxes  []box   // what the nodes of the layout are
	arrows []arrow // what its edges are
	w, h   float64
}

// box is a state, or the start or the end of the machine.
type box struct {
	state asl.State // nil: the start or the end
	text  []string  // the lines of its name
	kind  string    // the small line under the name
	inner []*graph
}

// The sizes of things, in pixels.
const (
	lineHeight  = 15.0 // of a name
	labelHeight = 13.0
	letter      = 6.9 // the mean width of a letter of a name
	labelLetter = 5.9
	kindLetter  = 5.6
	innerGap    = 24.0 // between the graphs inside a state
	headRoom    = 22.0 // for the line under the name
	endW, endH  = 46.0, 22.0
)

// newGraph makes the graph of some states. Start and end are shown for the whole machine
// alone.
func newGraph(g *asl.Graph, whole bool) *graph {
	made := &graph{}
	if whole {
		made.add(box{text: []string{"Start"}}, endW, endH)
	}
	index := make(map[string]int, len(g.States))
	start, ok := g.State(g.StartAt)
	if ok {
		index[g.StartAt] = made.addState(start)
		if whole {
			made.connect(arrow{kind: "next", from: 0, to: index[g.StartAt], location: g.Location + "/StartAt"})
		}
	}
	for _, s := range g.States {
		if name := s.Info().Name; name != g.StartAt {
			index[name] = made.addState(s)
		}
	}
	for _, s := range g.States {
		made.transitions(s, index)
	}
	if whole {
		made.addEnd(g.States, index)
	}
	return made
}

func (g *graph) add(b box, w, h float64) int {
	g.layout.Nodes = append(g.layout.Nodes, layered.Node{W: w, H: h})
	g.boxes = append(g.boxes, b)
	return len(g.boxes) - 1
}

// addState makes the box of a state, with what is inside of it.
func (g *graph) addState(s asl.State) int {
	info := s.Info()
	b := box{state: s, text: wrapped(info.Name), kind: kindOf(s)}
	w, h := 64.0, float64(len(b.text))*lineHeight+headRoom
	for _, line := range b.text {
		w = max(w, width(line, letter)+26)
	}
	w = max(w, width(b.kind, kindLetter)+24)
	if info.Type == "Choice" {
		w += 16
	}
	innerW, innerH := 8.0, 0.0
	for _, inside := range insides(s) {
		inner := newGraph(inside, false)
		inner.place()
		b.inner = append(b.inner, inner)
		innerW += inner.w + innerGap
		innerH = max(innerH, inner.h+20)
	}
	if len(b.inner) > 0 {
		w, h = max(w, innerW), h+innerH+8
	}
	return g.add(b, w, h)
}

func insides(s asl.State) []*asl.Graph {
	switch s := s.(type) {
	case *asl.Parallel:
		return s.Branches
	case *asl.Map:
		if s.Processor != nil {
			return []*asl.Graph{s.Processor}
		}
	}
	return nil
}

// addEnd leads the states that end the machine to its end. Succeed and Fail have a shape
// of their own instead.
func (g *graph) addEnd(states []asl.State, index map[string]int) {
	end := -1
	for _, s := range states {
		info := s.Info()
		if !info.End || info.Type == "Succeed" || info.Type == "Fail" {
			continue
		}
		if end < 0 {
			end = g.add(box{text: []string{"End"}}, endW, endH)
		}
		g.connect(arrow{kind: "end", from: index[info.Name], to: end, location: info.Location + "/End"})
	}
}

// place lays the graph out.
func (g *graph) place() {
	for i := range g.arrows {
		a := &g.arrows[i]
		a.shorten()
		e := layered.Edge{From: a.from, To: a.to, Weight: weights[a.kind], Trunk: trunks[a.kind]}
		for _, label := range a.labels {
			e.LabelW = max(e.LabelW, width(label, labelLetter)+4)
			e.LabelH += labelHeight
		}
		g.layout.Edges = append(g.layout.Edges, e)
	}
	g.w, g.h = g.layout.Place()
}

// kindOf is the small line under a name: the type, or the service that a task calls.
func kindOf(s asl.State) string {
	switch s := s.(type) {
	case *asl.Task:
		if r := s.Resource; r.Service != "" && r.Service != "lambda" {
			return clipped(r.Service+":"+r.Action+r.Pattern.String(), 30)
		}
	case *asl.Map:
		if s.Distributed {
			return "Map, distributed"
		}
	}
	return s.Info().Type
}
