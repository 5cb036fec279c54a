package layered

// mostVertices bounds the vertices of edges. The edges that are left then are led
// straight from node to node, whatever is between.
const mostVertices = 20_000

// chain puts a vertex into each layer that an edge crosses.
func (l *layout) chain() {
	for i := range l.graph.Edges {
		switch {
		case len(l.v) > mostVertices:
		case l.back[i]:
			l.chainBack(i)
		default:
			l.chainDown(i)
		}
	}
	for i := range l.v {
		for len(l.layers) <= l.v[i].rank {
			l.layers = append(l.layers, nil)
		}
		l.layers[l.v[i].rank] = append(l.layers[l.v[i].rank], i)
	}
}

func (l *layout) crossing(rank int) int {
	l.v = append(l.v, vertex{rank: rank, beside: -1})
	return len(l.v) - 1
}

// chainBack leads an edge beside its two nodes and through the layers between.
func (l *layout) chainBack(i int) {
	e := &l.graph.Edges[i]
	top, bottom := l.v[e.To].rank, l.v[e.From].rank
	var chain []int
	for rank := top; rank <= bottom; rank++ {
		c := l.crossing(rank)
		switch rank {
		case bottom:
			l.v[c].beside = e.From
		case top:
			l.v[c].beside = e.To
		}
		chain = append(chain, c)
	}
	labelled := chain[max(len(chain)-2, 0)]
	l.v[labelled].w, l.v[labelled].h = e.LabelW, e.LabelH
	const straight = 4
	for k := 1; k < len(chain); k++ {
		l.join(chain[k-1], chain[k], straight)
	}
	l.chains[i] = chain
}

// chainDown leads an edge down. Its label is in the layer below its node; in the layers
// after that it shares the vertices of its trunk.
func (l *layout) chainDown(i int) {
	e := &l.graph.Edges[i]
	first, last := l.v[e.From].rank+1, l.v[e.To].rank
	chain := []int{e.From}
	for rank := first; rank < last; rank++ {
		own := e.Trunk == 0 || rank == first && e.LabelW > 0
		if own {
			chain = append(chain, l.crossing(rank))
		} else {
			chain = append(chain, l.shared(trunk{e.To, e.Trunk, rank}))
		}
		if rank == first && e.LabelW > 0 {
			c := &l.v[chain[1]]
			c.w, c.h = e.LabelW, e.LabelH
		}
	}
	chain = append(chain, e.To)
	for k := 1; k < len(chain); k++ {
		l.join(chain[k-1], chain[k], e.Weight*l.stiffness(chain[k-1], chain[k]))
	}
	l.chains[i] = chain
}

func (l *layout) shared(t trunk) int {
	c, known := l.trunks[t]
	if !known {
		c = l.crossing(t.rank)
		l.trunks[t] = c
	}
	return c
}

// stiffness says how much a piece of an edge should be straight: the middle of a long
// edge most.
func (l *layout) stiffness(a, b int) float64 {
	switch {
	case l.v[a].node && l.v[b].node:
		return 1
	case l.v[a].node || l.v[b].node:
		return 2
	}
	return 8
}

func (l *layout) join(above, below int, weight float64) {
	pair := [2]int{above, below}
	if l.joined[pair] {
		return
	}
	l.joined[pair] = true
	l.v[above].down = append(l.v[above].down, link{below, weight})
	l.v[below].up = append(l.v[below].up, link{above, weight})
}
