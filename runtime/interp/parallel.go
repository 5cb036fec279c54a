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
	t.work.input, t.work.unchanged = input, s.keepsInput()
	return nil
}

func (s *parallelState) resume(t *turn, result datum) *failure { return s.finish(t, result) }
