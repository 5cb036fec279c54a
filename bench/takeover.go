package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// mortal is a store that its process loses for ever at one instant, as if the process were killed.
type mortal struct {
	store.Store
	dead *atomic.Bool
}

var errDead = errors.New("the process is dead")

func (m mortal) Commit(ctx context.Context, changes []store.Change) ([]error, error) {
	if m.dead.Load() {
		return nil, errDead
	}
	return m.Store.Commit(ctx, changes)
}

func (m mortal) Poll(ctx context.Context, p store.Poll) (store.Polled, error) {
	if m.dead.Load() {
		return store.Polled{}, errDead
	}
	return m.Store.Poll(ctx, p)
}

// dying is how many processes die at once, each at another time since its last Poll.
const dying = 8

// printTakeover tells how long it takes until another process begins the tasks of dead ones again.
func (s *settings) printTakeover(ctx context.Context, out io.Writer) error {
	conn, err := s.freshSchema(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	defer func() { _ = dropSchema(context.WithoutCancel(ctx), conn) }()
	kept, err := sqlstore.OpenPostgres(ctx, s.postgres, benchSchema)
	if err != nil {
		return err
	}
	defer kept.Close()
	times, err := s.takeOver(ctx, kept)
	if err != nil {
		return err
	}
	slices.Sort(times)
	fmt.Fprintf(out, "\ntakeover with a lease of %v, of %d processes that die: median %.1f s, longest %.1f s\n", s.lease, dying,
		times[dying/2].Seconds(), times[dying-1].Seconds())
	return nil
}

func (s *settings) takeOver(ctx context.Context, kept store.Store) (times []time.Duration, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	machine, err := asl.Parse([]byte(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "t", "End": true}}}`))
	if err != nil {
		return nil, err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return nil, err
	}
	var dead atomic.Bool
	begun := make(chan time.Time, 2*dying)
	tasks := runtime.Mux{"t": runtime.InvokerFunc(func(ctx context.Context, _ *runtime.Task) (jsonvalue.Value, error) {
		begun <- time.Now()
		if !dead.Load() {
			<-ctx.Done() // its process dies meanwhile
		}
		return jsonvalue.Value{}, nil
	})}
	heir, err := runtime.Open(ctx, kept, runtime.EngineConfig{Tasks: tasks, Lease: s.lease})
	if err != nil {
		return nil, err
	}
	for range dying {
		e, err := runtime.Open(ctx, mortal{kept, &dead}, runtime.EngineConfig{Tasks: tasks, Lease: s.lease})
		if err != nil {
			return nil, err
		}
		if _, err := e.Start(ctx, program, runtime.Identity{}, jsonvalue.Value{}, nil); err != nil {
			return nil, err
		}
		<-begun
		time.Sleep(s.lease / 3 / dying)
	}
	dead.Store(true)
	died := time.Now()
	for range dying {
		times = append(times, (<-begun).Sub(died))
	}
	return times, heir.Close(ctx)
}
