package interp

import (
	"strings"

	"github.com/statemill/statemill/asl"
)

// text compiles Error, Cause and their Path forms.
func (c *compiler) text(info *asl.StateInfo, t asl.Template) text {
	if !t.Present() {
		return text{}
	}
	if !strings.HasSuffix(t.Field, "Path") {
		return text{t.Field, c.template(info, t)}
	}
	written, _ := t.Value.AsString()
	made, err := pathOrCall(t.Field, written)
	if err != nil {
		c.problem("SCHEMA_VALIDATION_FAILED", t.Location, "Value must be a valid JSONPath or a valid intrinsic function call: %v", err)
	}
	if m, ok := made.(*pathMember); ok {
		m.array = nil
	}
	return text{t.Field, made}
}
