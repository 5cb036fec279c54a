// Package layered draws directed graphs in layers, from above to below: it places nodes
// and leads edges around them. It knows nothing of what the nodes are.
//
// # How it works
//
// rank.go finds the edges that lead back and gives each node a layer; between two layers of
// nodes lies one for labels. chain.go puts a vertex into each layer that an edge crosses, so
// that edges lead between neighbouring layers only. order.go orders the vertices of each
// layer so that few edges cross. align.go gives them x coordinates: each layer in turn moves
// to where its edges are shortest, which makes most edges straight. route.go turns chains of
// vertices into paths.
package layered

// Graph is what is to be drawn. Node 0 is the start.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// Node is a box. W and H are its size; Place sets the upper left corner.
type Node struct{ W, H, X, Y float64 }

// Edge leads from one node to another.
type Edge struct {
	From, To       int
	LabelW, LabelH float64 // the size of its label; 0: none
	Weight         float64 // how much it should be straight
	Trunk          int     // edges with one target and one Trunk above 0 are drawn as one as soon as they can

	// Place sets the rest.

	LabelX, LabelY float64 // the centre of the label
	Path           []Point // straight inside a layer, curved between two
	Joins          bool    // it ends where another edge of its trunk goes on
	Side           int     // of an edge that leads back: it leaves and enters on the left (-1) or the right (1)
}

// Point is a place in the drawing.
type Point struct{ X, Y float64 }

// The distances between things.
const (
	gapNodes  = 26.0 // between two nodes of a layer
	gapOther  = 12.0 // between a node and an edge, or two edges
	gapLayers = 17.0
	margin    = 4.0
)

// vertex is a node, or a place where an edge crosses a layer.
type vertex struct {
	w, h, x, y float64 // x is the centre, y the top
	rank       int     // the layer
	pos        int     // in its layer
	node       bool
	beside     int // the node beside which an edge that leads back turns; -1: none
	up, down   []link
}

// link is a piece of an edge between two neighbouring layers.
type link struct {
	to     int
	weight float64
}

// layout is a graph while it is placed.
type layout struct {
	graph  *Graph
	v      []vertex
	layers [][]int
	chains [][]int // of each edge: its vertices, from above to below
	back   []bool  // of each edge: it leads back
	joined map[[2]int]bool
	trunks map[trunk]int
	tops   []float64 // of the layers, and below the last one
	mean   []float64 // of the neighbours of each vertex, while a layer is ordered
}

// trunk names a vertex that edges of one trunk share.
type trunk struct{ to, number, rank int }

// Place works out positions and paths, and returns the size of the drawing. The same graph
// is always drawn in the same way.
func (g *Graph) Place() (w, h float64) {
	l := &layout{
		graph: g, back: make([]bool, len(g.Edges)), chains: make([][]int, len(g.Edges)),
		joined: make(map[[2]int]bool), trunks: make(map[trunk]int),
	}
	for i := range g.Nodes {
		l.v = append(l.v, vertex{w: g.Nodes[i].W, h: g.Nodes[i].H, node: true, beside: -1})
	}
	l.rank()
	l.chain()
	l.order()
	l.align()
	w, h = l.stack()
	l.route()
	return w, h
}
