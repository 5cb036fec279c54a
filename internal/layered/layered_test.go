package layered_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/layered"
)

// random makes a graph that is connected from its start, with ways back and loops.
func random(seed uint64, nodes int) *layered.Graph {
	r := rand.New(rand.NewPCG(seed, 0))
	g := &layered.Graph{}
	for range nodes {
		g.Nodes = append(g.Nodes, layered.Node{W: 40 + float64(r.IntN(160)), H: 30 + float64(r.IntN(60))})
	}
	for n := 1; n < nodes; n++ {
		g.Edges = append(g.Edges, layered.Edge{From: r.IntN(n), To: n, Weight: 4})
	}
	for range nodes {
		e := layered.Edge{From: r.IntN(nodes), To: r.IntN(nodes), Weight: 2, Trunk: r.IntN(3)}
		if r.IntN(2) == 0 {
			e.LabelW, e.LabelH = 20+float64(r.IntN(100)), 13
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

// sound returns what is wrong with a drawing.
func sound(g *layered.Graph, w, h float64) error {
	for i, a := range g.Nodes {
		if a.X < -0.01 || a.Y < -0.01 || a.X+a.W > w+0.01 || a.Y+a.H > h+0.01 {
			return fmt.Errorf("node %d is outside", i)
		}
		for j := range i {
			if b := g.Nodes[j]; a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H {
				return fmt.Errorf("nodes %d and %d overlap", i, j)
			}
		}
	}
	for i, e := range g.Edges {
		if len(e.Path) < 2 {
			return fmt.Errorf("edge %d has no path", i)
		}
		for _, p := range e.Path {
			if math.IsNaN(p.X) || math.IsNaN(p.Y) || p.X < -1 || p.X > w+1 {
				return fmt.Errorf("edge %d leaves the drawing: %v of %v", i, p, w)
			}
		}
		if node := through(g, &e); node >= 0 {
			return fmt.Errorf("edge %d, from %d to %d, leads through node %d", i, e.From, e.To, node)
		}
	}
	return nil
}

// through returns a node that an upright piece of an edge leads through; -1: none.
func through(g *layered.Graph, e *layered.Edge) int {
	for k := 1; k < len(e.Path); k++ {
		p, q := e.Path[k-1], e.Path[k]
		if p.X != q.X {
			continue // curves are between layers, where no node is
		}
		low, high := min(p.Y, q.Y), max(p.Y, q.Y)
		for n, node := range g.Nodes {
			if n != e.From && n != e.To && p.X > node.X+0.5 && p.X < node.X+node.W-0.5 && high > node.Y+0.5 && low < node.Y+node.H-0.5 {
				return n
			}
		}
	}
	return -1
}

func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(120) {
		g, again := random(seed, 2+int(seed%30)), random(seed, 2+int(seed%30))
		w, h := g.Place()
		require.NoError(t, sound(g, w, h), "seed %d", seed)
		again.Place()
		require.Equal(t, g, again, "the same graph is drawn in the same way")
	}
}

func TestNothing(t *testing.T) {
	w, h := new(layered.Graph).Place()
	require.Zero(t, w)
	require.Zero(t, h)
}

// A hostile graph, in which every edge is long, is drawn nevertheless.
func TestManyLongEdges(t *testing.T) {
	g := &layered.Graph{}
	const nodes = 600
	for n := range nodes {
		g.Nodes = append(g.Nodes, layered.Node{W: 50, H: 30})
		if n > 0 {
			g.Edges = append(g.Edges, layered.Edge{From: n - 1, To: n, Weight: 4}, layered.Edge{From: 0, To: n, Weight: 1}, layered.Edge{From: n, To: 0, Weight: 1})
		}
	}
	w, h := g.Place()
	require.Positive(t, w*h)
}

func FuzzPlace(f *testing.F) {
	f.Add([]byte{0, 1, 1, 2, 2, 0, 2, 2})
	f.Fuzz(func(t *testing.T, text []byte) {
		g := &layered.Graph{Nodes: make([]layered.Node, 1, 64)}
		for i := 0; i+1 < len(text) && i < 400; i += 2 {
			from, to := int(text[i])%64, int(text[i+1])%64
			for len(g.Nodes) <= max(from, to) {
				g.Nodes = append(g.Nodes, layered.Node{W: 50, H: 30})
			}
			g.Edges = append(g.Edges, layered.Edge{From: from, To: to, Weight: 1, Trunk: int(text[i]) % 2, LabelW: float64(text[i+1] % 40), LabelH: 13})
		}
		g.Nodes[0] = layered.Node{W: 50, H: 30}
		w, h := g.Place()
		if err := sound(g, w, h); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkPlace(b *testing.B) {
	for _, nodes := range []int{20, 200, 1000} {
		b.Run(fmt.Sprint(nodes), func(b *testing.B) {
			for b.Loop() {
				random(1, nodes).Place()
			}
		})
	}
}
