package asl

import "strings"

// location is where something is, as AWS writes it. Of the two, only the size
// is known while a graph is made that nobody will see.
type location struct {
	text string
	size int
}

// locations is where the locations of a graph are written, one after the other:
// they are many and short, and stay or go together.
type locations struct {
	off   bool // nobody will see the graph: their sizes are enough, and values that have parts are not needed
	block *strings.Builder
	total int // bytes
}

// maxLocations bounds the bytes of all locations in a graph. That is a limit
// for definitions only whose states are deep inside others with long names.
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
