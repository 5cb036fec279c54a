package diagram

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/layered"
)

// In the drawings of recorded definitions no two states overlap, no label lies on a state
// or on another label, no arrow passes through a state that it does not lead to, and few
// arrows cross.
func TestRecordedLayouts(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	graphs, states := 0, 0
	require.NoError(t, filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, definition := range definitionsIn(text) {
			sm, err := asl.Parse(definition)
			if err != nil {
				continue
			}
			each(Draw(sm).root, func(g *graph) {
				graphs, states = graphs+1, states+len(g.boxes)
				require.NoError(t, sound(g), "%s\n%s", path, definition)
			})
		}
		return nil
	}))
	t.Logf("%d graphs, %d states", graphs, states)
}

func each(g *graph, f func(*graph)) {
	f(g)
	for _, b := range g.boxes {
		for _, inner := range b.inner {
			each(inner, f)
		}
	}
}

type area struct{ x, y, w, h float64 }

func (a area) overlaps(b area) bool {
	const touching = 0.5
	return a.x+touching < b.x+b.w && b.x+touching < a.x+a.w && a.y+touching < b.y+b.h && b.y+touching < a.y+a.h
}

func sound(g *graph) error {
	var boxes, labels []area
	for _, n := range g.layout.Nodes {
		boxes = append(boxes, area{n.X, n.Y, n.W, n.H})
	}
	for _, e := range g.layout.Edges {
		if e.LabelW > 0 && e.From != e.To {
			labels = append(labels, area{e.LabelX - e.LabelW/2, e.LabelY - e.LabelH/2, e.LabelW, e.LabelH})
		}
	}
	for i, a := range boxes {
		for j := range i {
			if a.overlaps(boxes[j]) {
				return fmt.Errorf("%v and %v overlap", g.boxes[i].text, g.boxes[j].text)
			}
		}
		for k, l := range labels {
			if l.overlaps(a) {
				return fmt.Errorf("label %d lies on %v", k, g.boxes[i].text)
			}
		}
	}
	for i, a := range labels {
		for j := range i {
			if a.overlaps(labels[j]) {
				return fmt.Errorf("labels %d and %d overlap", i, j)
			}
		}
	}
	for i := range g.layout.Edges {
		e := &g.layout.Edges[i]
		if n := through(g, e); n >= 0 {
			return fmt.Errorf("the arrow from %v to %v passes through %v", g.boxes[e.From].text, g.boxes[e.To].text, g.boxes[n].text)
		}
	}
	return nil
}

func through(g *graph, e *layered.Edge) int {
	for k := 1; k < len(e.Path); k++ {
		p, q := e.Path[k-1], e.Path[k]
		if p.X != q.X {
			continue // curves are between layers
		}
		piece := area{p.X - 1, min(p.Y, q.Y), 2, max(p.Y, q.Y) - min(p.Y, q.Y)}
		for n, node := range g.layout.Nodes {
			if n != e.From && n != e.To && piece.overlaps(area{node.X, node.Y, node.W, node.H}) {
				return n
			}
		}
	}
	return -1
}
