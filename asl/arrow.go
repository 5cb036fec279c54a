package asl

import (
	"iter"
	"strings"
)

// arrow is a transition with what is known about it.
type arrow struct {
	from    *StateInfo
	to      string
	assign  *Template // what is assigned on the way
	rule    *Rule     // the rule that takes it, or nil
	catcher *Catcher  // the catcher that takes it, or nil
	other   bool      // it is the Default of a Choice state
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

// edge returns the transition as others see it.
func (a arrow) edge() Edge {
	location := a.from.Location + "/Next"
	switch {
	case a.rule != nil:
		location = a.rule.Location + "/Next"
	case a.catcher != nil:
		location = a.catcher.Location + "/Next"
	case a.other:
		location = a.from.Location + "/Default"
	}
	return Edge{a.from.Name, a.to, location}
}

// arrows iterates over the transitions that leave a state.
func arrows(s State) iter.Seq[arrow] {
	return func(yield func(arrow) bool) {
		if c, ok := s.(*Choice); ok {
			c.arrows(yield)
			return
		}
		info := s.Info()
		if info.Next != "" && !yield(arrow{from: info, to: info.Next, assign: &info.Assign}) {
			return
		}
		caught := catchers(s)
		for i := range caught {
			c := &caught[i]
			if !yield(arrow{from: info, to: c.Next, assign: &c.Assign, catcher: c}) {
				return
			}
		}
	}
}

func (c *Choice) arrows(yield func(arrow) bool) {
	for _, r := range c.Choices {
		if !yield(arrow{from: &c.StateInfo, to: r.Next, assign: &r.Assign, rule: r}) {
			return
		}
	}
	if c.Default != "" {
		yield(arrow{from: &c.StateInfo, to: c.Default, assign: &c.Assign, other: true})
	}
}
