package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	stdruntime "runtime"
	"sync"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// printWaiting tells what many executions cost that wait: memory, and the time to open their store again.
func (s *settings) printWaiting(ctx context.Context, out io.Writer) error {
	dir, err := os.MkdirTemp(s.dir, "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "executions.db")
	program, err := waits()
	if err != nil {
		return err
	}
	w := waiting{program: program, count: s.waiting}
	err = w.open(ctx, path, func(engine *runtime.Engine, _ time.Duration) error {
		before, began := heap(), time.Now()
		if err := w.startAll(ctx, engine); err != nil {
			return err
		}
		fmt.Fprintf(out, "\n%d executions started that wait: %.1f s\n", s.waiting, time.Since(began).Seconds())
		fmt.Fprintf(out, "bytes of memory of each: %.0f\n", (heap()-before)/float64(s.waiting))
		return nil
	})
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil {
		fmt.Fprintf(out, "bytes in the file of each: %d\n", info.Size()/int64(s.waiting))
	}
	return w.open(ctx, path, func(_ *runtime.Engine, took time.Duration) error {
		fmt.Fprintf(out, "the store and the Engine opened again: %.1f ms\n", float64(took.Microseconds())/1000)
		return nil
	})
}

type waiting struct {
	program *runtime.Program
	count   int
}

func waits() (*runtime.Program, error) {
	machine, err := asl.Parse([]byte(`{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 86400, "End": true}}}`))
	if err != nil {
		return nil, err
	}
	return runtime.Compile(machine)
}

// open opens the store and an Engine on it, and tells how long that took.
func (w *waiting) open(ctx context.Context, path string, use func(*runtime.Engine, time.Duration) error) error {
	began := time.Now()
	s, err := sqlstore.OpenSQLite(ctx, path)
	if err != nil {
		return err
	}
	engine, err := runtime.Open(ctx, store.Store(s), runtime.EngineConfig{})
	if err != nil {
		return errors.Join(err, s.Close())
	}
	return errors.Join(use(engine, time.Since(began)), engine.Close(ctx), s.Close())
}

func (w *waiting) startAll(ctx context.Context, engine *runtime.Engine) error {
	const clients = 256
	errs := make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for n := i; n < w.count && errs[i] == nil; n += clients {
				_, errs[i] = engine.Start(ctx, w.program, runtime.Identity{}, jsonvalue.Int(int64(n)), nil)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func heap() float64 {
	for range 3 { // what pools hold is let go in the second
		stdruntime.GC()
	}
	var m stdruntime.MemStats
	stdruntime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
