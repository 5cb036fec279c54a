package interp

// passState is a Pass state.
type passState struct {
	flow
	result *datum // Result, which is static
}

func (s *passState) enter(t *turn) *failure {
	if t.trace == nil && s.inputPath == nil && s.parameters == nil && s.result == nil {
		return s.leave(t, t.at.input)
	}
	if s.result != nil {
		t.trace.mute(true)
	}
	result, failed := s.begin(t)
	t.trace.mute(false)
	if failed != nil {
		return failed
	}
	if s.result != nil {
		result = *s.result
	}
	return s.leave(t, result)
}

// succeedState is a Succeed state.
type succeedState struct{ flow }

func (s *succeedState) enter(t *turn) *failure {
	effective, failed := s.effective(t)
	if failed != nil {
		return failed
	}
	return s.forward(t, effective)
}
