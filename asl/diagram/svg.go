package diagram

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/statemill/statemill/internal/layered"
)

// Options say how a drawing is written. The zero Options write a picture that stands
// alone.
type Options struct {
	// Class returns classes for the state or the transition at a location, such as
	// "/States/Pay" or "/States/Paid/Choices[0]". The style sheet knows "exited", "caught",
	// "failed" and "aborted" for states that were visited. Default: none.
	Class func(location string) string

	// Title returns a text that is shown when the pointer rests on the state at a
	// location. Default: its name and type.
	Title func(location string) string

	// NoStyle leaves the style sheet out, for pages that have it themselves, see [Style].
	// Default: it is part of the picture.
	NoStyle bool

	// Theme is "light" or "dark". Default: that of the reader.
	Theme string
}

// kinds are those of arrows, each with a head of its own.
var kinds = []string{"next", "rule", "default", "catch", "end"}

// WriteSVG writes the drawing as SVG. States and transitions have an attribute
// data-location.
func (d *Drawing) WriteSVG(w io.Writer, o Options) error {
	p := &pen{bufio.NewWriter(w), o}
	const frame = 14
	width, height := d.root.w+2*frame, d.root.h+2*frame
	class := strings.TrimSpace("asl " + o.Theme)
	p.print(`<svg xmlns="http://www.w3.org/2000/svg" class="%s" role="img" aria-label="state machine" width="%.0f" height="%.0f" viewBox="%d %d %.0f %.0f">`+"\n",
		class, width, height, -frame, -frame, width, height)
	if !o.NoStyle {
		p.print("<style>\n%s</style>\n", style)
	}
	for _, kind := range kinds {
		p.print(`<marker id="head-%s" class="%s" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 .8 7.5 4 0 7.2z"/></marker>`+"\n", kind, kind)
	}
	p.graph(d.root, 0, 0)
	p.print("</svg>\n")
	return p.Flush()
}

// pen writes a drawing.
type pen struct {
	*bufio.Writer
	options Options
}

func (p *pen) print(format string, args ...any) { fmt.Fprintf(p.Writer, format, args...) }

// class returns the attribute value of an element: its own classes and those wished for.
func (p *pen) class(own string, locations ...string) string {
	if p.options.Class != nil {
		for _, location := range locations {
			if wished := p.options.Class(location); wished != "" {
				own += " " + wished
			}
		}
	}
	return html.EscapeString(own)
}

// graph writes a graph with its upper left corner at x, y.
func (p *pen) graph(g *graph, x, y float64) {
	for i := range g.arrows {
		p.arrow(&g.arrows[i], &g.layout.Edges[i], x, y)
	}
	for i := range g.boxes {
		p.box(&g.boxes[i], &g.layout.Nodes[i], x, y)
	}
	for i := range g.arrows {
		p.labels(&g.arrows[i], &g.layout.Edges[i], x, y)
	}
}

func (p *pen) arrow(a *arrow, e *layered.Edge, x, y float64) {
	if len(e.Path) < 2 {
		return
	}
	head := fmt.Sprintf(` marker-end="url(#head-%s)"`, a.kind)
	if e.Joins {
		head = ""
	}
	locations := a.locations
	if len(locations) == 0 {
		locations = []string{a.location}
	}
	p.print(`<path class="%s" data-location="%s"%s d="%s"/>`+"\n",
		p.class("edge "+a.kind, locations...), html.EscapeString(clean(a.location)), head, path(e, x, y))
}

// path leads an edge: straight inside of layers, in curves with upright ends between
// them.
func path(e *layered.Edge, x, y float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "M%.1f %.1f", x+e.Path[0].X, y+e.Path[0].Y)
	last := len(e.Path) - 1
	for k := 1; k <= last; k++ {
		from, to := e.Path[k-1], e.Path[k]
		switch {
		case from == to:
		case e.Side != 0 && (k == 1 || k == last):
			fmt.Fprintf(&b, "L%.1f %.1f", x+to.X, y+to.Y)
		case from.X == to.X:
			fmt.Fprintf(&b, "V%.1f", y+to.Y)
		default:
			middle := y + (from.Y+to.Y)/2
			fmt.Fprintf(&b, "C%.1f %.1f %.1f %.1f %.1f %.1f", x+from.X, middle, x+to.X, middle, x+to.X, y+to.Y)
		}
	}
	return b.String()
}

func (p *pen) labels(a *arrow, e *layered.Edge, x, y float64) {
	for k, label := range a.labels {
		at := y + e.LabelY + 4 + labelHeight*(float64(k)-float64(len(a.labels)-1)/2)
		p.print(`<text class="%s" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n",
			p.class("label "+a.kind, a.locations...), x+e.LabelX, at, html.EscapeString(label))
	}
}

// box writes a state with what is inside of it.
func (p *pen) box(b *box, n *layered.Node, x, y float64) {
	left, top, middle := x+n.X, y+n.Y, x+n.X+n.W/2
	if b.state == nil {
		p.print(`<rect class="mark" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="11"/><text class="mark" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n",
			left, top, n.W, n.H, middle, top+15, b.text[0])
		return
	}
	info := b.state.Info()
	title := info.Name + " (" + b.kind + ")"
	if p.options.Title != nil {
		title = p.options.Title(info.Location)
	}
	p.print(`<g class="%s" data-location="%s"><title>%s</title>`,
		p.class("state "+info.Type, info.Location), html.EscapeString(clean(info.Location)), html.EscapeString(clean(title)))
	p.outline(info.Type, left, top, n.W, n.H)
	for k, line := range b.text {
		p.print(`<text text-anchor="middle" x="%.1f" y="%.1f">%s</text>`, middle, top+17+float64(k)*lineHeight, html.EscapeString(line))
	}
	under := top + float64(len(b.text))*lineHeight + 15
	p.print(`<text class="type" text-anchor="middle" x="%.1f" y="%.1f">%s</text>`+"\n", middle, under, html.EscapeString(b.kind))
	p.inner(b, middle, under, top+n.H)
	p.print("</g>\n")
}

// inner writes the graphs inside of a state, side by side.
func (p *pen) inner(b *box, middle, top, bottom float64) {
	whole := -innerGap
	for _, g := range b.inner {
		whole += g.w + innerGap
	}
	x := middle - whole/2
	for _, g := range b.inner {
		if len(b.inner) > 1 {
			p.print(`<rect class="branch" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="5"/>`+"\n", x-6, top+8, g.w+12, bottom-top-15)
		}
		p.graph(g, x, top+14)
		x += g.w + innerGap
	}
}

// outline writes the shape of a state: types differ in shape, and not by colour alone.
func (p *pen) outline(kind string, x, y, w, h float64) {
	switch kind {
	case "Choice":
		const tip = 10
		p.print(`<path class="shape" d="M%.1f %.1fh%.1fl%d %.1fl-%d %.1fh%.1fl-%d %.1fz"/>`, x+tip, y, w-2*tip, tip, h/2, tip, h/2, 2*tip-w, tip, -h/2)
	case "Succeed", "Fail":
		p.print(`<rect class="shape" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f"/>`, x, y, w, h, h/2)
	default:
		p.print(`<rect class="shape" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="5"/>`, x, y, w, h)
	}
}
