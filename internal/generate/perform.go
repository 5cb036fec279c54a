package generate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// Perform says how a task behaves: a function of the case and the TaskID, so
// that a task that is delivered twice behaves the same. Each instant has a
// fraction of a millisecond of its own: no two events share one.
func (c *Case) Perform(s *interp.StartTask) replay.Answer {
	r := rand.New(rand.NewPCG(c.Seed, uint64(s.ID.Frame)<<20|uint64(s.ID.Attempt)))
	a := replay.Answer{After: span(r, pick(r, 200, 900, 900, 5000))}
	if s.Task.Resource.Pattern == asl.Activity && r.IntN(4) > 0 {
		worker := pick(r, "", "worker")
		a.Worker, a.StartedAfter = &worker, span(r, 1500)
		a.After += a.StartedAfter
	}
	if p := s.Task.Resource.Pattern; p == asl.WaitForTaskToken || p == asl.Sync && r.IntN(4) > 0 {
		response := jsonvalue.MustParse(`{"MessageId": "m-` + s.ID.String() + `"}`)
		a.Submitted, a.SubmittedAfter = &response, span(r, 1000)
		a.After += a.SubmittedAfter
	}
	for at := a.StartedAfter + a.SubmittedAfter; r.IntN(2) == 0; {
		at += span(r, 900)
		if at < a.After {
			a.Beats = append(a.Beats, at)
		}
	}
	c.settle(r, s, &a)
	return a
}

// settle sets the outcome of the task.
func (c *Case) settle(r *rand.Rand, s *interp.StartTask, a *replay.Answer) {
	switch n := r.IntN(30); {
	case n < 6:
		a.Err = &runtime.TaskError{Name: pick(r, errorNames...), Cause: pick(r, "", fmt.Sprintf("attempt %v", s.ID))}
	case n == 6:
		a.Err = &runtime.TaskError{Name: pick(r, "", "Other", "States.Runtime")}
	case n == 7:
		a.Never = true
	case n == 8:
		a.Output = jsonvalue.String(strings.Repeat("large", 900))
	case n < 15:
		a.Output = s.Input
	case n < 25:
		a.Output = c.Input
	default:
		a.Output = jsonvalue.MustParse(pick(r, "null", "7", `"text"`, "[1, 2, 3]", `{"n": 3, "o": {"x": false}}`))
	}
}

// span returns up to ms milliseconds and some nanoseconds.
func span(r *rand.Rand, ms int) time.Duration {
	return time.Duration(1+r.IntN(ms))*time.Millisecond + time.Duration(1+r.IntN(999_983))
}
