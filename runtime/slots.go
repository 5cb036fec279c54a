package runtime

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/semaphore"

	"github.com/statemill/statemill/internal/pattern"
)

// slots bound how many tasks run at a time, in all and by pattern of Resource.
type slots struct {
	all     *semaphore.Weighted
	bounded []boundedPattern
}

type boundedPattern struct {
	pattern string
	slots   *semaphore.Weighted
}

func newSlots(workers int, concurrency map[string]int) slots {
	s := slots{all: semaphore.NewWeighted(int64(workers))}
	for _, named := range slices.Sorted(maps.Keys(concurrency)) {
		s.bounded = append(s.bounded, boundedPattern{named, semaphore.NewWeighted(int64(max(concurrency[named], 1)))})
	}
	return s
}

// try returns at once: ok is false if a slot is missing.
func (s *slots) try(resource string) (release func(), ok bool) {
	var held []*semaphore.Weighted
	release = func() {
		for _, h := range held {
			h.Release(1)
		}
	}
	for _, wanted := range append(s.of(resource), s.all) {
		if !wanted.TryAcquire(1) {
			release()
			return nil, false
		}
		held = append(held, wanted)
	}
	return release, true
}

// of returns the slots of the patterns that match.
func (s *slots) of(resource string) (wanted []*semaphore.Weighted) {
	for _, b := range s.bounded {
		if pattern.Match(b.pattern, resource) {
			wanted = append(wanted, b.slots)
		}
	}
	return wanted
}

// admit waits for a slot of each pattern that matches, then for one of all: a task
// that waits for its pattern keeps nobody else out. Waiting is first come, first
// served.
func (s *slots) admit(ctx context.Context, resource string) (release func(), err error) {
	var held []*semaphore.Weighted
	release = func() {
		for _, h := range held {
			h.Release(1)
		}
	}
	for _, b := range s.bounded {
		if !pattern.Match(b.pattern, resource) {
			continue
		}
		if err := b.slots.Acquire(ctx, 1); err != nil {
			release()
			return nil, err
		}
		held = append(held, b.slots)
	}
	if err := s.all.Acquire(ctx, 1); err != nil {
		release()
		return nil, err
	}
	held = append(held, s.all)
	return release, nil
}
