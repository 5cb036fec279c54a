package asl

import (
	"io"
	"strconv"
	"strings"
)

// WriteDOT writes the graph for Graphviz. Branches and processors are clusters
// beside the states that they belong to, and dashed lines lead to them.
func (m *StateMachine) WriteDOT(w io.Writer) error {
	d := dot{newDiagram(w, m)}
	d.line(0, "digraph {")
	d.line(1, `node [shape=box, style=rounded, fontname="Helvetica"]`)
	d.line(1, `edge [fontname="Helvetica", fontsize=10]`)
	d.graph(&m.Graph, 1)
	d.line(0, "}")
	return d.Flush()
}

type dot struct{ diagram }

// graph writes the states, what is inside them, and the transitions. The start
// is a point.
func (d dot) graph(g *Graph, depth int) {
	for _, s := range g.States {
		d.line(depth, d.id(s), " [label=", dotText(s.Info().Name), dotStyle(s), "]")
	}
	for _, s := range g.States {
		for i, inner := range subgraphs(s) {
			d.cluster(s, inner, i, depth)
		}
	}
	if start, ok := g.State(g.StartAt); ok && depth == 1 {
		d.line(depth, `start [shape=point, label=""]`)
		d.line(depth, "start -> ", d.id(start))
	}
	for _, s := range g.States {
		d.transitions(g, s, depth)
	}
}

func (d dot) cluster(s State, inner *Graph, i, depth int) {
	label := s.Info().Name
	if p, ok := s.(*Parallel); ok && len(p.Branches) > 1 {
		label += " " + strconv.Itoa(i+1)
	}
	d.line(depth, "subgraph cluster_", d.id(s), "_", strconv.Itoa(i), " {")
	d.line(depth+1, "label=", dotText(label))
	d.graph(inner, depth+1)
	d.line(depth, "}")
	if start, ok := inner.State(inner.StartAt); ok {
		d.line(depth, d.id(s), " -> ", d.id(start), " [style=dashed]")
	}
}

func (d dot) transitions(g *Graph, s State, depth int) {
	for a := range arrows(s) {
		to, ok := g.State(a.to)
		if !ok {
			continue // of a state on its own
		}
		label := ""
		if text := a.label(); text != "" {
			label = " [label=" + dotText(shortened(text)) + "]"
		}
		d.line(depth, d.id(s), " -> ", d.id(to), label)
	}
}

// dotStyle tells the types of state apart.
func dotStyle(s State) string {
	switch s.(type) {
	case *Choice:
		return `, shape=diamond, style=""`
	case *Succeed:
		return ", peripheries=2"
	case *Fail:
		return ", peripheries=2, color=red"
	case *Parallel, *Map:
		return ", shape=box3d, style=\"\""
	}
	if s.Info().End {
		return ", peripheries=2"
	}
	return ""
}

// dotText quotes a text for Graphviz.
func dotText(text string) string {
	return `"` + printable(dotEscapes.Replace(text)) + `"`
}

var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", "")
