package layered

import (
	"math"
	"slices"
)

// route turns the chains of edges into paths. Of a trunk, the edge that comes from
// highest draws the whole of it.
func (l *layout) route() {
	drawn := make(map[int]bool)
	order := make([]int, len(l.graph.Edges))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return l.v[l.graph.Edges[a].From].rank - l.v[l.graph.Edges[b].From].rank
	})
	for _, i := range order {
		e := &l.graph.Edges[i]
		switch {
		case l.chains[i] == nil:
			l.routeStraight(e)
		case l.back[i]:
			l.routeBack(e, l.chains[i])
		default:
			l.routeDown(e, l.chains[i], drawn)
		}
	}
}

func (l *layout) routeStraight(e *Edge) {
	from, to := &l.v[e.From], &l.v[e.To]
	e.Path = []Point{{from.x, from.y + from.h}, {to.x, to.y}}
	e.LabelX, e.LabelY = (from.x+to.x)/2, (from.y+from.h+to.y)/2
}

func (l *layout) routeDown(e *Edge, chain []int, drawn map[int]bool) {
	from, to := &l.v[chain[0]], &l.v[chain[len(chain)-1]]
	x := l.port(chain[0], chain[1])
	e.Path = []Point{{x, from.y + from.h}, {x, l.tops[from.rank+1] - gapLayers}}
	for k, c := range chain[1 : len(chain)-1] {
		v := &l.v[c]
		if k == 0 && e.LabelW > 0 {
			e.LabelX, e.LabelY = v.x, v.y+v.h/2
		}
		if drawn[c] {
			e.Path = append(e.Path, Point{v.x, v.y})
			e.Joins = true
			return
		}
		drawn[c] = e.Trunk > 0
		e.Path = append(e.Path, Point{v.x, v.y}, Point{v.x, v.y + v.h})
	}
	e.Path = append(e.Path, Point{to.x, l.tops[to.rank]}, Point{to.x, to.y})
}

// port spreads the edges that leave a node over its lower side, in the order of where
// they lead.
func (l *layout) port(node, next int) float64 {
	v := &l.v[node]
	targets := make([]float64, len(v.down))
	for k, d := range v.down {
		targets[k] = l.v[d.to].x
	}
	slices.Sort(targets)
	at := l.v[next].x
	if len(targets) < 2 || math.Abs(at-v.x) < 1 {
		return v.x
	}
	const apart = 22
	last := float64(len(targets) - 1)
	span := min(v.w*0.6, last*apart)
	return v.x - span/2 + span*float64(slices.Index(targets, at))/last
}

// routeBack leads an edge up beside its nodes: out of the side of the lower one, along
// its vertices, into the side of the upper one. A node that leads to itself has both ends
// on one side.
func (l *layout) routeBack(e *Edge, chain []int) {
	from, to := &l.v[e.From], &l.v[e.To]
	leaves, enters := from.y+min(from.h/2, 20), to.y+min(to.h/2, 20)
	if e.From == e.To {
		leaves, enters = from.y+from.h*0.75, to.y+to.h*0.25
	}
	lowest, highest := &l.v[chain[len(chain)-1]], &l.v[chain[0]]
	e.Side = 1
	if lowest.x < from.x {
		e.Side = -1
	}
	e.Path = []Point{{sideOf(from, lowest.x), leaves}}
	for k, c := range slices.Backward(chain) {
		v := &l.v[c]
		bottom, top := v.y+v.h, v.y
		if k == len(chain)-1 {
			bottom = leaves
		}
		if k == 0 {
			top = enters
		}
		e.Path = append(e.Path, Point{v.x, bottom}, Point{v.x, top})
		if v.w > 0 {
			e.LabelX, e.LabelY = v.x, v.y+v.h/2
		}
	}
	e.Path = append(e.Path, Point{sideOf(to, highest.x), enters})
}

// sideOf returns the side of a node that is next to an x coordinate.
func sideOf(v *vertex, x float64) float64 {
	if x < v.x {
		return v.x - v.w/2
	}
	return v.x + v.w/2
}
