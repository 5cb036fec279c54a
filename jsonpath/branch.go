package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// branch takes the elements of one array to the same step. Where that step is a
// name, as in $.orders[*].id, it looks where the element before had it.
type branch struct {
	*search
	step   int
	named  bool
	leaf   bool // and the last step
	lookup jsonvalue.Lookup
}

func (s *search) branch(i int) branch {
	b := branch{search: s, step: i}
	if !s.tracing && i < len(s.hops) && s.hops[i].kind == byName {
		b.named, b.leaf, b.lookup.Name = true, s.last(i), s.hops[i].name
	}
	return b
}

// take goes on with one element.
func (b *branch) take(index int, element jsonvalue.Value) bool {
	if b.named {
		if member, ok := b.lookup.In(element); ok {
			if b.leaf {
				b.found = append(b.found, member)
				return true
			}
			return b.next(b.step+1, member)
		}
	}
	return b.element(b.step, index, element)
}
