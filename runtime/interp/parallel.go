package interp

// parallelState is a Parallel state.
type parallelState struct {
	flow
	branches []*graph
}

func (s *parallelState) enter(t *turn) {
	input, failed := s.begin(t)
	if failed != nil {
		t.fail(failed)
		return
	}
	t.verdict = begins
	t.work.input, t.work.unchanged = input, s.keepsInput()
}

func (s *parallelState) resume(t *turn, result datum) { s.finish(t, result) }
