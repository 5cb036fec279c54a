package layered

// rank finds the edges that lead back, by a depth-first search from the start, and gives
// each node twice the length of the longest way to it. Layers with odd numbers are for
// labels.
func (l *layout) rank() {
	out := make([][]int, len(l.graph.Nodes))
	for i := range l.graph.Edges {
		out[l.graph.Edges[i].From] = append(out[l.graph.Edges[i].From], i)
	}
	s := &search{layout: l, out: out, state: make([]visitState, len(l.graph.Nodes))}
	for n := range l.graph.Nodes {
		s.visit(n)
	}
	for i := len(s.done) - 1; i >= 0; i-- {
		n := s.done[i]
		for _, e := range out[n] {
			if to := l.graph.Edges[e].To; !l.back[e] {
				l.v[to].rank = max(l.v[to].rank, l.v[n].rank+2)
			}
		}
	}
}

type visitState uint8

const (
	unseen visitState = iota
	underWay
	finished
)

// search is a depth-first search.
type search struct {
	*layout
	out   [][]int
	state []visitState
	done  []int // nodes, each after all that it leads to
}

// step is a node under way, and which of its edges is next.
type step struct{ node, next int }

// visit searches from a node. It keeps its way on a stack of its own: a definition can
// be a chain of thousands of states.
func (s *search) visit(start int) {
	if s.state[start] != unseen {
		return
	}
	s.state[start] = underWay
	way := []step{{node: start}}
	for len(way) > 0 {
		at := &way[len(way)-1]
		if at.next == len(s.out[at.node]) {
			s.state[at.node] = finished
			s.done = append(s.done, at.node)
			way = way[:len(way)-1]
			continue
		}
		e := s.out[at.node][at.next]
		at.next++
		switch to := s.graph.Edges[e].To; s.state[to] {
		case unseen:
			s.state[to] = underWay
			way = append(way, step{node: to})
		case underWay:
			s.back[e] = true
		}
	}
}
