package asl

import "strings"

// location is the path to something, as AWS writes it. Validate needs the size
// alone, to bound the graph; then the text stays empty.
type location struct {
	text string
	size int
}

// locations writes the locations of a graph into shared blocks: they are many
// and short, and live as long as the graph.
type locations struct {
	off   bool // only sizes are needed, and no values that have parts: the graph is for Validate alone
	block *strings.Builder
	total int // bytes
}

// maxLocations bounds the bytes of all locations in a graph. Only states deep
// inside others with long names can exceed it.
const maxLocations = 64 << 20

const locationBlock = 4 << 10

// join returns the location of something inside something.
func (l *locations) join(outer location, rest ...string) location {
	n := outer.size
	for _, part := range rest {
		n += len(part)
	}
	l.total += n
	if l.off {
		return location{"", n}
	}
	if l.block == nil || l.block.Cap()-l.block.Len() < n {
		l.block = new(strings.Builder)
		l.block.Grow(max(n, locationBlock))
	}
	start := l.block.Len()
	l.block.WriteString(outer.text)
	for _, part := range rest {
		l.block.WriteString(part)
	}
	return location{l.block.String()[start:], n}
}
