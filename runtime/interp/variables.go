package interp

import (
	"fmt"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// assign evaluates an Assign template. The variables are committed when the
// state is left.
func (t *turn) assign(tmpl template, s *scope) (jsonvalue.Value, *failure) {
	made, failed := tmpl.eval(s)
	if failed != nil {
		return jsonvalue.Value{}, failed
	}
	if made.value.Depth() > jsonvalue.MaxDepth {
		return jsonvalue.Value{}, t.tooLarge()
	}
	if made.size > t.env.limits.Payload {
		failed = t.checkAssigned(made.value)
	}
	return made.value, failed
}

// checkAssigned holds one variable, and all that one Assign assigns, against the
// quota. The length of the values' JSON texts counts, names do not (recorded).
func (t *turn) checkAssigned(assigned jsonvalue.Value) *failure {
	limit, total := t.env.limits.Payload, 0
	for name, v := range assigned.Members() {
		size := v.Size()
		if size > limit {
			return t.variableLimit("Variable size limit exceeded. Variable '%s' in state '%s' was assigned %d bytes.", name, t.stateName(), size)
		}
		if total += size; total > limit {
			return t.variableLimit("State total variable size limit exceeded. Variable '%s' in state '%s' was assigned %d bytes, "+
				"which caused the size of variables assigned in the state to exceed its limit by %d bytes.", name, t.stateName(), size, total-limit)
		}
	}
	return nil
}

// variableLimit is the failure of variables that are too large. Its cause says
// nothing of the state's entry, and the history calls it a failed evaluation
// (both recorded). That Retry and Catch see it follows from that (unsure).
func (t *turn) variableLimit(format string, args ...any) *failure {
	fl := newFailure(asl.StatesDataLimitExceeded, fmt.Sprintf(format, args...))
	fl.state, fl.kind, fl.location = t.at.node.name, failedEvaluation, "Assign"
	return fl
}

// limitVariables lets a turn fail that would assign more than an execution may
// have. This is found out when the turn is applied, since variables of other
// strands count as well. A Catcher may take the failure, and assigns in its turn.
func (x *Execution) limitVariables(t *turn) {
	for t.verdict == exits && t.assigned.Len() > 0 {
		over := x.variables + t.f.growth(t.assigned) - int64(x.limits.Variables)
		if over <= 0 {
			return
		}
		fl := t.variableLimit("Execution total variable size limit exceeded. "+
			"State '%s' assigned variables that exceed the total execution limit by %d bytes.", t.stateName(), over)
		if t.caught != nil {
			t.failCatch(fl)
			return
		}
		t.fail(fl)
	}
}

// growth returns by how much the variables of the frame would grow.
func (f *frame) growth(assigned jsonvalue.Value) (bytes int64) {
	for name, v := range assigned.Members() {
		bytes += int64(v.Size())
		if before, ok := f.variables.Get(name); ok {
			bytes -= int64(before.Size())
		}
	}
	return bytes
}

// commit merges assigned variables into those of the frame.
func (x *Execution) commit(f *frame, assigned jsonvalue.Value) {
	grown := f.growth(assigned)
	f.assigned += grown
	x.variables += grown
	for name, v := range assigned.Members() {
		f.variables = f.variables.With(name, v)
	}
	f.renew(slotVariables)
}

// forgetVariables drops the variables of a scope that is over.
func (x *Execution) forgetVariables(f *frame) {
	x.variables -= f.assigned
	f.assigned, f.variables = 0, jsonvalue.Value{}
	f.drop(slotVariables)
}
