package layered

import (
	"cmp"
	"slices"
)

// sweeps is how often the layers are ordered anew.
const sweeps = 16

// order orders each layer so that few edges cross: in turn, each vertex goes to the mean
// place of its neighbours above, or below. The best order of all sweeps is kept.
func (l *layout) order() {
	l.orderFirst()
	best, fewest := l.copied(), l.crossings()
	for sweep := 0; sweep < sweeps && fewest > 0; sweep++ {
		down := sweep%2 == 0
		for k := range l.layers {
			layer := l.layers[k]
			if !down {
				layer = l.layers[len(l.layers)-1-k]
			}
			l.orderByNeighbours(layer, down)
		}
		l.putTurnsBeside()
		if c := l.crossings(); c < fewest {
			best, fewest = l.copied(), c
		}
	}
	l.layers = best
	for _, layer := range l.layers {
		l.number(layer)
	}
	l.putTurnsBeside()
}

// orderFirst gives each layer the order of a depth-first search.
func (l *layout) orderFirst() {
	place := make([]int, len(l.v))
	seen := make([]bool, len(l.v))
	next := 0
	for start := range l.v {
		stack := []int{start}
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if seen[at] {
				continue
			}
			seen[at] = true
			place[at] = next
			next++
			for _, d := range slices.Backward(l.v[at].down) {
				stack = append(stack, d.to)
			}
		}
	}
	for _, layer := range l.layers {
		slices.SortFunc(layer, func(a, b int) int { return place[a] - place[b] })
		l.number(layer)
	}
}

func (l *layout) number(layer []int) {
	for pos, i := range layer {
		l.v[i].pos = pos
	}
}

func (l *layout) copied() [][]int {
	layers := make([][]int, len(l.layers))
	for k, layer := range l.layers {
		layers[k] = slices.Clone(layer)
	}
	return layers
}

func (l *layout) orderByNeighbours(layer []int, above bool) {
	if l.mean == nil {
		l.mean = make([]float64, len(l.v))
	}
	mean := l.mean
	for _, i := range layer {
		neighbours := l.v[i].down
		if above {
			neighbours = l.v[i].up
		}
		mean[i] = float64(l.v[i].pos)
		if len(neighbours) > 0 {
			sum := 0.0
			for _, n := range neighbours {
				sum += l.relative(n.to)
			}
			mean[i] = sum/float64(len(neighbours))*float64(len(layer)) - 0.5
		}
	}
	slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
	l.number(layer)
}

// relative returns the place of a vertex in its layer, from 0 to 1.
func (l *layout) relative(i int) float64 {
	return (float64(l.v[i].pos) + 0.5) / float64(len(l.layers[l.v[i].rank]))
}

// putTurnsBeside puts the turns of edges that lead back beside their nodes, on the side
// on which the edge goes on.
func (l *layout) putTurnsBeside() {
	for k, layer := range l.layers {
		for _, i := range slices.Clone(layer) {
			v := &l.v[i]
			if v.beside < 0 {
				continue
			}
			right := true
			if on := append(slices.Clone(v.up), v.down...); len(on) > 0 {
				right = l.relative(on[0].to) >= l.relative(v.beside)-0.01
			}
			layer = slices.DeleteFunc(layer, func(other int) bool { return other == i })
			at := slices.Index(layer, v.beside)
			if right {
				at++
			}
			layer = slices.Insert(layer, at, i)
			l.number(layer)
		}
		l.layers[k] = layer
	}
}

// crossings counts the pairs of edges that cross.
func (l *layout) crossings() (n int) {
	for k, layer := range l.layers[:max(len(l.layers)-1, 0)] {
		seen := make(counts, len(l.layers[k+1])+1)
		ends := 0
		for _, i := range layer {
			for _, d := range l.v[i].down {
				n += ends - seen.upTo(l.v[d.to].pos)
			}
			for _, d := range l.v[i].down {
				seen.add(l.v[d.to].pos)
				ends++
			}
		}
	}
	return n
}

// counts counts numbers so that those up to one are summed quickly: a Fenwick tree.
type counts []int

func (c counts) add(number int) {
	for i := number + 1; i < len(c); i += i & -i {
		c[i]++
	}
}

func (c counts) upTo(number int) (n int) {
	for i := number + 1; i > 0; i -= i & -i {
		n += c[i]
	}
	return n
}
