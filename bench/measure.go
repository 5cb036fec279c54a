package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// subject is something that clients do again and again.
type subject struct {
	name     string
	workload string
	clients  []int
	// open returns what a client does once.
	open func(ctx context.Context, dir string) (do func(context.Context) error, closeIt func() error, err error)
}

// result is what clients did, and how long it took.
type result struct {
	times   []time.Duration // of each
	elapsed time.Duration
	cpu     time.Duration
}

func (r result) rate() float64 { return float64(len(r.times)) / r.elapsed.Seconds() }

// quantile returns milliseconds.
func (r result) quantile(percent int) float64 {
	return float64(r.times[(len(r.times)-1)*percent/100].Microseconds()) / 1000
}

// processor returns the microseconds of the processor that each took.
func (r result) processor() float64 { return float64(r.cpu.Microseconds()) / float64(len(r.times)) }

func (r result) String() string {
	return fmt.Sprintf("%.0f/s, p50 %.2f ms, CPU %.0f us", r.rate(), r.quantile(50), r.processor())
}

// measure opens a subject in a folder of its own and has clients use it for a while.
func (s *settings) measure(ctx context.Context, what subject, clients int) (r result, err error) {
	dir, err := os.MkdirTemp(s.dir, "bench")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	do, closeIt, err := what.open(ctx, dir)
	if err != nil {
		return r, err
	}
	for range 3 { // what is made once is made
		if err == nil {
			err = do(ctx)
		}
	}
	if err == nil {
		r, err = s.repeat(ctx, clients, do)
	}
	if failed := closeIt(); err == nil {
		err = failed
	}
	return r, err
}

func (s *settings) repeat(ctx context.Context, clients int, do func(context.Context) error) (r result, err error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	cpu, began := processorTime(), time.Now()
	for range clients {
		all.Go(func() {
			var times []time.Duration
			var failed error
			for failed == nil && (len(times) == 0 || time.Since(began) < s.each) {
				from := time.Now()
				failed = do(ctx)
				times = append(times, time.Since(from))
			}
			mu.Lock()
			defer mu.Unlock()
			r.times = append(r.times, times...)
			if failed != nil {
				err = failed
			}
		})
	}
	all.Wait()
	r.elapsed, r.cpu = time.Since(began), processorTime()-cpu
	slices.Sort(r.times)
	return r, err
}

// processorTime returns the time of the processor that this process has had.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
