package asl

import (
	"iter"
	"strconv"
	"strings"
)

// arrow is a transition with what is said about it.
type arrow struct {
	Edge
	label  string   // when it is taken; "" if always
	assign Template // what is assigned on the way
}

// arrows iterates over the transitions that leave a state.
func arrows(s State) iter.Seq[arrow] {
	return func(yield func(arrow) bool) {
		info := s.Info()
		if c, ok := s.(*Choice); ok {
			c.arrows(yield)
			return
		}
		if info.Next != "" {
			next := Edge{info.Name, info.Next, info.Location + "/Next"}
			if !yield(arrow{next, "", info.Assign}) {
				return
			}
		}
		for _, catcher := range catchers(s) {
			caught := Edge{info.Name, catcher.Next, catcher.Location + "/Next"}
			if !yield(arrow{caught, strings.Join(catcher.ErrorEquals, ", "), catcher.Assign}) {
				return
			}
		}
	}
}

func (c *Choice) arrows(yield func(arrow) bool) {
	for i, rule := range c.Choices {
		edge := Edge{c.Name, rule.Next, rule.Location + "/Next"}
		if !yield(arrow{edge, "rule " + strconv.Itoa(i+1), rule.Assign}) {
			return
		}
	}
	if c.Default != "" {
		yield(arrow{Edge{c.Name, c.Default, c.Location + "/Default"}, "default", c.Assign})
	}
}
