package asl

import (
	"iter"
	"strings"
)

// arrow is a transition with what is known about it.
type arrow struct {
	Edge
	assign  Template // what is assigned on the way
	rule    *Rule    // the rule that takes it, or nil
	catcher *Catcher // the catcher that takes it, or nil
	other   bool     // it is the Default of a Choice state
}

// label says when the transition is taken; "" if always.
func (a arrow) label() string {
	switch {
	case a.rule != nil:
		return a.rule.describe()
	case a.catcher != nil:
		return strings.Join(a.catcher.ErrorEquals, ", ")
	case a.other:
		return "default"
	}
	return ""
}

// arrows iterates over the transitions that leave a state.
func arrows(s State) iter.Seq[arrow] {
	return func(yield func(arrow) bool) {
		if c, ok := s.(*Choice); ok {
			c.arrows(yield)
			return
		}
		info := s.Info()
		if info.Next != "" && !yield(arrow{Edge: Edge{info.Name, info.Next, info.Location + "/Next"}, assign: info.Assign}) {
			return
		}
		caught := catchers(s)
		for i := range caught {
			c := &caught[i]
			if !yield(arrow{Edge: Edge{info.Name, c.Next, c.Location + "/Next"}, assign: c.Assign, catcher: c}) {
				return
			}
		}
	}
}

func (c *Choice) arrows(yield func(arrow) bool) {
	for _, r := range c.Choices {
		if !yield(arrow{Edge: Edge{c.Name, r.Next, r.Location + "/Next"}, assign: r.Assign, rule: r}) {
			return
		}
	}
	if c.Default != "" {
		yield(arrow{Edge: Edge{c.Name, c.Default, c.Location + "/Default"}, assign: c.Assign, other: true})
	}
}
