package interp

import (
	"strings"

	"github.com/statemill/statemill/asl"
)

// number compiles an integer field; nil stands for one that is absent.
func (c *compiler) number(info *asl.StateInfo, t asl.Template, least int64) *number {
	return c.numberIn(info, "", t, least)
}

// numberIn compiles an integer field that is inside another, as templateIn does.
func (c *compiler) numberIn(info *asl.StateInfo, prefix string, t asl.Template, least int64) *number {
	if !t.Present() {
		return nil
	}
	n := &number{field: t.Field, least: least, written: t.Value}
	if strings.HasSuffix(t.Field, "Path") {
		p := c.path(t)
		n.path = &p
		return n
	}
	n.expr, _ = c.templateIn(info.QueryLanguage == asl.JSONata, prefix, t).(*expression)
	if n.expr == nil {
		n.literal, _ = t.Value.AsInt64()
	}
	return n
}

// percentage compiles ToleratedFailurePercentage, the one field that may have a
// fraction.
func (c *compiler) percentage(info *asl.StateInfo, t asl.Template) *number {
	n := c.number(info, t, 0)
	if n != nil {
		n.fraction = true
	}
	return n
}
