package interp

// parallelState is a Parallel state.
type parallelState struct {
	flow
	branches []*graph
}

func (s *parallelState) enter(t *turn) *failure {
	input, failed := s.begin(t)
	if failed != nil {
		return failed
	}
	t.verdict = begins
	t.plan.input, t.plan.unchanged = input, s.keepsInput()
	return nil
}

func (s *parallelState) resume(t *turn, result datum) *failure { return s.leave(t, result) }
