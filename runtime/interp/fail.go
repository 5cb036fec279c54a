package interp

// failState is a Fail state. A field that is not written stays absent.
type failState struct {
	name, cause text
}

func (s *failState) enter(t *turn) *failure {
	t.trace.effective(t, t.at.input, nil)
	fl := &failure{state: t.at.node.name}
	var failed *failure
	if fl.Error, fl.HasError, failed = s.name.read(t); failed != nil {
		return failed
	}
	if fl.Cause, fl.HasCause, failed = s.cause.read(t); failed != nil {
		return failed
	}
	fl.Error, fl.Cause = clip(fl.Error, maxErrorName), clip(fl.Cause, maxCause)
	t.verdict, t.failure = fails, fl
	return nil
}
