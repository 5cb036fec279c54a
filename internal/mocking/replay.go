package mocking

import (
	"github.com/statemill/statemill/jsonvalue"
)

// script is a run that can be repeated without functions: the input, and for each state
// what came of its attempts.
type script struct {
	run     Run
	order   []string // states, in the order of their first attempts
	answers map[string][]Answer
}

// scriptOf makes a script of a run and its result.
func scriptOf(r *Run, result *Result) *script {
	s := &script{run: *r, answers: make(map[string][]Answer)}
	s.run.Real, s.run.File, s.run.Contracts, s.run.Moments = nil, nil, nil, nil
	for _, a := range result.Answers {
		if len(s.answers[a.State]) == 0 {
			s.order = append(s.order, a.State)
		}
		s.answers[a.State] = append(s.answers[a.State], a)
	}
	return s
}

// with returns a copy of the script in which the answers of a state are others.
func (s *script) with(state string, answers []Answer) *script {
	c := &script{run: s.run, order: s.order, answers: make(map[string][]Answer, len(s.answers))}
	for name, a := range s.answers {
		c.answers[name] = a
	}
	c.answers[state] = answers
	return c
}

// do repeats the run. What a state needs beyond its answers is its last answer again, and
// an empty object for a state that had none.
func (s *script) do(reach func(point int)) *Result {
	r := s.run
	r.Mocks = []*Mock{{Pattern: "*", Outcomes: []Outcome{{Result: jsonvalue.Object()}}}}
	for _, state := range s.order {
		m := &Mock{State: state}
		for _, a := range s.answers[state] {
			m.Outcomes = append(m.Outcomes, a.Outcome)
		}
		m.Outcomes[len(m.Outcomes)-1].Times = 0
		r.Mocks = append(r.Mocks, m)
	}
	r.Reach = reach
	return r.Do()
}
