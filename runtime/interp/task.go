package interp

import (
	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// taskState is a Task state.
type taskState struct {
	flow
	timeout   *number // nil: none
	heartbeat *number
	role      template // an object with RoleArn
}

func (s *taskState) enter(t *turn) *failure {
	effective, failed := s.effective(t)
	if failed != nil {
		return failed
	}
	w := &t.plan
	w.role = ""
	if w.input, failed = s.payload(t, effective); failed == nil {
		w.timeout, failed = s.timeout.read(t, effective)
	}
	if failed == nil {
		w.heartbeat, failed = s.heartbeat.read(t, effective)
	}
	if failed == nil && s.role != nil {
		w.role, failed = s.roleARN(t, effective)
	}
	if failed != nil {
		return failed
	}
	if n := t.at.node; n.pattern == asl.Activity && t.env.missing != nil && t.env.missing(n.task.Resource.Text) {
		return t.runtimeError("The activity %s does not exist.", n.task.Resource.Text)
	}
	t.verdict, w.unchanged = begins, s.keepsInput()
	return nil
}

func (s *taskState) roleARN(t *turn, effective datum) (string, *failure) {
	d, failed := s.role.eval(t.over(effective))
	if failed != nil {
		return "", failed
	}
	v, _ := d.value.Get("RoleArn")
	role, ok := v.AsString()
	if !ok {
		return "", t.noRole(s.role, v)
	}
	return role, nil
}

// noRole is the failure of a RoleArn that is no string.
func (t *turn) noRole(credentials template, v jsonvalue.Value) *failure {
	members, _ := credentials.(objectTemplate)
	for _, m := range members {
		if e, ok := m.value.(*expression); ok && m.name == "RoleArn" {
			return t.unexpectedType(e, jsonvalue.KindString.String(), v)
		}
	}
	return t.runtimeError("The value for the field 'RoleArn' must be a string but was: %s", v)
}

func (s *taskState) resume(t *turn, result datum) *failure {
	if !t.env.fits(&result) {
		return t.tooLarge()
	}
	return s.leave(t, result)
}
