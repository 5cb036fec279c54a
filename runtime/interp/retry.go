package interp

import (
	"math"
	"math/rand/v2"

	"github.com/statemill/statemill/asl"
)

// retry looks for a Retrier. The first that matches decides: when it has no
// attempt left, those after it are not asked.
func (t *turn) retry(fl *failure) bool {
	retriers := t.at.node.retry
	for i := range retriers {
		if !fl.matches(retriers[i].ErrorEquals) {
			continue
		}
		made := t.at.retriesMade(i)
		t.retrier = i
		if int64(made) >= retriers[i].MaxAttempts {
			return false
		}
		t.verdict, t.failure = retries, fl
		delay := t.delay(&retriers[i], made)
		t.trace.backoff(delay)
		t.until = addMillis(t.env.now, delay)
		return true
	}
	return false
}

func (f *frame) retriesMade(i int) uint32 {
	if f.retries == nil {
		return 0
	}
	return (*f.retries)[i]
}

// delay returns the milliseconds before the next attempt after made retries. An
// interval of 0 stays 0, although the power may be infinite.
func (t *turn) delay(r *asl.Retrier, made uint32) float64 {
	if r.IntervalSeconds == 0 {
		return 0
	}
	longest := float64(maxWait) // of a power without bound
	if r.MaxDelaySeconds > 0 {
		longest = float64(r.MaxDelaySeconds)
	}
	seconds := min(float64(r.IntervalSeconds)*math.Pow(r.BackoffRate, float64(made)), longest)
	if r.FullJitter {
		seconds *= rand.New(t.source()).Float64()
		t.drew = true
	}
	return seconds * 1000
}
