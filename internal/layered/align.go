package layered

import (
	"cmp"
	"math"
	"slices"
)

// moves is how often each layer is moved; the last ones look at what is above alone.
const moves, settling = 24, 20

// align gives the vertices x coordinates. Each layer in turn moves to where the sum of the
// weighted distances to its neighbours is least, which is at a weighted median; vertices
// that would overlap are moved as one.
func (l *layout) align() {
	for _, layer := range l.layers {
		l.spread(layer)
	}
	for move := range moves {
		up := move%2 == 1 && move < settling
		for k := range l.layers {
			layer := l.layers[k]
			if up {
				layer = l.layers[len(l.layers)-1-k]
			}
			l.move(layer, !up || move >= 14, up || move >= 14 && move < settling)
		}
	}
}

// spread puts the vertices of a layer side by side, around 0.
func (l *layout) spread(layer []int) {
	x := 0.0
	for k, i := range layer {
		if k > 0 {
			x += l.gap(layer[k-1], i)
		}
		l.v[i].x = x
	}
	for _, i := range layer {
		l.v[i].x -= x / 2
	}
}

// gap returns the least distance between the centres of two neighbours.
func (l *layout) gap(a, b int) float64 {
	between := gapOther
	if l.v[a].node && l.v[b].node {
		between = gapNodes
	}
	return (l.v[a].w+l.v[b].w)/2 + between
}

// block is a run of vertices that are moved as one.
type block struct {
	first, count int
	wishes       []wish
	at           float64
}

// wish is where a vertex would like to be, apart from the widths before it.
type wish struct{ x, weight float64 }

// staying is the weight of the wish to stay. It decides if there is no other.
const staying = 0.01

func (l *layout) move(layer []int, above, below bool) {
	offsets := make([]float64, len(layer))
	var blocks []block
	for k, i := range layer {
		if k > 0 {
			offsets[k] = offsets[k-1] + l.gap(layer[k-1], i)
		}
		b := block{first: k, count: 1, wishes: l.wishes(i, offsets[k], above, below)}
		b.at = median(b.wishes)
		blocks = append(blocks, b)
		for n := len(blocks); n > 1 && blocks[n-2].at > blocks[n-1].at; n = len(blocks) {
			blocks = append(blocks[:n-2], merged(blocks[n-2], blocks[n-1]))
		}
	}
	for _, b := range blocks {
		for k := b.first; k < b.first+b.count; k++ {
			l.v[layer[k]].x = b.at + offsets[k]
		}
	}
}

func (l *layout) wishes(i int, offset float64, above, below bool) []wish {
	v := &l.v[i]
	wishes := []wish{{v.x - offset, staying}}
	var neighbours []link
	if above {
		neighbours = append(neighbours, v.up...)
	}
	if below {
		neighbours = append(neighbours, v.down...)
	}
	for _, n := range neighbours {
		wishes = append(wishes, wish{l.v[n.to].x - offset, n.weight})
	}
	return wishes
}

func merged(a, b block) block {
	m := block{first: a.first, count: a.count + b.count, wishes: append(a.wishes, b.wishes...)}
	m.at = median(m.wishes)
	return m
}

// median returns the weighted median of wishes: the middle, if it is between two of
// them.
func median(wishes []wish) float64 {
	slices.SortFunc(wishes, func(a, b wish) int { return cmp.Compare(a.x, b.x) })
	strong := slices.DeleteFunc(slices.Clone(wishes), func(w wish) bool { return w.weight <= staying })
	if len(strong) == 0 {
		return wishes[len(wishes)/2].x
	}
	total := 0.0
	for _, w := range strong {
		total += w.weight
	}
	const exact = 1e-9
	sum := 0.0
	for i, w := range strong {
		sum += w.weight
		if math.Abs(sum-total/2) < exact && i+1 < len(strong) {
			return (w.x + strong[i+1].x) / 2
		}
		if sum > total/2 {
			return w.x
		}
	}
	return strong[len(strong)-1].x
}

// stack puts the layers under each other and returns the size of the drawing.
func (l *layout) stack() (w, h float64) {
	left, right := math.Inf(1), math.Inf(-1)
	for i := range l.v {
		v := &l.v[i]
		left, right = min(left, v.x-v.w/2-margin), max(right, v.x+v.w/2+margin)
	}
	for k, layer := range l.layers {
		l.tops = append(l.tops, h)
		h += l.place(layer, left, h)
		if k < len(l.layers)-1 {
			h += gapLayers
		}
	}
	l.tops = append(l.tops, h+gapLayers)
	for i := range l.graph.Nodes {
		n, v := &l.graph.Nodes[i], &l.v[i]
		n.X, n.Y = v.x-v.w/2, v.y
	}
	return max(right-left, 0), h
}

// place gives the vertices of a layer their heights, and returns the height of the layer.
// Small nodes stand in the middle of a layer that is not much higher.
func (l *layout) place(layer []int, left, top float64) (height float64) {
	const small, low = 60, 90
	for _, i := range layer {
		height = max(height, l.v[i].h)
	}
	for _, i := range layer {
		v := &l.v[i]
		v.x -= left
		v.y = top
		switch {
		case !v.node:
			v.h = height
		case v.h < height && v.h < small && height < low:
			v.y += (height - v.h) / 2
		}
	}
	return height
}
