package runtime

import "sync"

// errands are done one after the other beside the goroutine of a driver: a slow object stops no
// child.
type errands struct {
	start func(run func()) // on a goroutine of its own

	mu   sync.Mutex
	free *sync.Cond // there is room; nil: nobody waits for it
	jobs []func()
	busy bool // a goroutine does them
}

// mostErrands is how many jobs wait at most: whoever has another waits, too.
const mostErrands = 1000

// do has a job done.
func (e *errands) do(job func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.free == nil {
		e.free = sync.NewCond(&e.mu)
	}
	for len(e.jobs) >= mostErrands {
		e.free.Wait()
	}
	e.jobs = append(e.jobs, job)
	if !e.busy {
		e.busy = true
		e.start(e.run)
	}
}

// run does jobs until there is none.
func (e *errands) run() {
	var jobs []func()
	for {
		e.mu.Lock()
		jobs, e.jobs = e.jobs, jobs[:0]
		e.busy = len(jobs) > 0
		e.free.Signal()
		e.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		for i, job := range jobs {
			job()
			jobs[i] = nil
		}
	}
}
