package asl

import (
	"io"
	"strings"
)

// WriteMermaid writes the graph as a Mermaid state diagram. Branches and
// processors are inside their states; catchers are labelled with the errors
// they take, rules with what they test.
func (m *StateMachine) WriteMermaid(w io.Writer) error {
	d := mermaid{newDiagram(w, m)}
	d.line(0, "stateDiagram-v2")
	d.graph(&m.Graph, 1)
	return d.Flush()
}

type mermaid struct{ diagram }

func (d mermaid) graph(g *Graph, depth int) {
	for _, s := range g.States {
		d.state(s, depth)
	}
	if start, ok := g.State(g.StartAt); ok {
		d.line(depth, "[*] --> ", d.id(start))
	}
	for _, s := range g.States {
		d.transitions(g, s, depth)
	}
}

// state declares a state with what is inside it.
func (d mermaid) state(s State, depth int) {
	declaration := `state "` + mermaidLabel(s.Info().Name) + `" as ` + d.id(s)
	graphs := subgraphs(s)
	if len(graphs) == 0 {
		d.line(depth, declaration)
		return
	}
	d.line(depth, declaration, " {")
	for i, inner := range graphs {
		if i > 0 {
			d.line(depth+1, "--")
		}
		d.graph(inner, depth+1)
	}
	d.line(depth, "}")
}

func (d mermaid) transitions(g *Graph, s State, depth int) {
	for a := range arrows(s) {
		to, ok := g.State(a.to)
		if !ok {
			continue // of a state on its own
		}
		label := ""
		if text := a.label(); text != "" {
			label = " : " + mermaidLabel(text)
		}
		d.line(depth, d.id(s), " --> ", d.id(to), label)
	}
	if s.Info().End {
		d.line(depth, d.id(s), " --> [*]")
	}
}

func mermaidLabel(text string) string { return mermaidText.Replace(printable(shortened(text))) }

// mermaidText writes what has a meaning in Mermaid as entities.
var mermaidText = strings.NewReplacer(
	"#", "#35;", ";", "#59;", `"`, "#quot;", ":", "#58;", "<", "#lt;", ">", "#gt;", "{", "#123;", "}", "#125;", "%", "#37;",
)
