package runtime

import (
	stdruntime "runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// spreadFrom is how many strands a round must have to use a second goroutine.
// Waking an idle processor has a price that a short round does not earn back;
// BenchmarkSpread with -cpu 1,2 shows what a machine gains.
const spreadFrom = 32

// spread runs f(0) to f(n-1) on up to GOMAXPROCS goroutines. A panic is raised
// again on the caller's.
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
