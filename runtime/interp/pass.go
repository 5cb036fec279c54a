package interp

// passState is a Pass state.
type passState struct {
	flow
	result *datum // Result, which is static
}

func (s *passState) enter(t *turn) {
	if t.trace == nil && s.inputPath == nil && s.parameters == nil && s.result == nil {
		s.finish(t, t.at.input)
		return
	}
	if s.result != nil {
		t.trace.mute(true)
	}
	result, failed := s.begin(t)
	t.trace.mute(false)
	if failed != nil {
		t.fail(failed)
		return
	}
	if s.result != nil {
		result = *s.result
	}
	s.finish(t, result)
}

// succeedState is a Succeed state.
type succeedState struct{ flow }

func (s *succeedState) enter(t *turn) {
	effective, failed := s.effective(t)
	if failed != nil {
		t.fail(failed)
		return
	}
	s.pass(t, effective)
}
