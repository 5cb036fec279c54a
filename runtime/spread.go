package runtime

import (
	stdruntime "runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// spreadFrom is how many strands make it worth to use a second goroutine: below
// it, starting one costs more than it saves (measured on Pass states with a
// payload template; see BenchmarkSpread).
const spreadFrom = 32

// spread runs f(0) to f(n-1) on as many goroutines as there are processors. A
// panic is raised again on the caller's.
func spread(n int, f func(i int)) {
	workers := min(stdruntime.GOMAXPROCS(0), n/(spreadFrom/2))
	if n < spreadFrom || workers < 2 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var group errgroup.Group
	var raised atomic.Pointer[any]
	work := func() error {
		defer func() {
			if value := recover(); value != nil {
				raised.CompareAndSwap(nil, &value)
			}
		}()
		const share = spreadFrom / 8
		for {
			from := int(next.Add(share)) - share
			if from >= n {
				return nil
			}
			for i := from; i < min(from+share, n); i++ {
				f(i)
			}
		}
	}
	for range workers - 1 {
		group.Go(work)
	}
	_ = work()
	_ = group.Wait()
	if value := raised.Load(); value != nil {
		panic(*value)
	}
}
