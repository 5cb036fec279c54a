package runtime_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/faulty"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// flaky is a store whose methods fail at random; a Commit that fails may have stored everything.
type flaky struct {
	store.Store
	chaos *chaos
}

// fails reports whether one call of n does.
func (s *flaky) fails(n int) bool { return s.chaos.intN(n) == 0 }

func (s *flaky) Commit(ctx context.Context, changes []store.Change) ([]error, error) {
	if s.fails(12) {
		return nil, faulty.ErrFault
	}
	refused, err := s.Store.Commit(ctx, changes)
	if s.fails(12) {
		return nil, faulty.ErrFault
	}
	return refused, err
}

func (s *flaky) Load(ctx context.Context, id string) (*store.Stored, error) {
	if s.fails(8) {
		return nil, faulty.ErrFault
	}
	return s.Store.Load(ctx, id)
}

func (s *flaky) Poll(ctx context.Context, p store.Poll) (store.Polled, error) {
	if s.fails(8) {
		return store.Polled{}, faulty.ErrFault
	}
	polled, err := s.Store.Poll(ctx, p)
	if s.fails(8) {
		return store.Polled{}, faulty.ErrFault
	}
	return polled, err
}

func (s *flaky) List(ctx context.Context, q store.Query) ([]store.Record, error) {
	if s.fails(8) {
		return nil, faulty.ErrFault
	}
	return s.Store.List(ctx, q)
}

// TestEnginesOnFlakyStore is TestEnginesInChaos with processes that live, and a store that
// fails now and then.
func TestEnginesOnFlakyStore(t *testing.T) {
	for seed := range generate.Programs(20) {
		synctest.Test(t, func(t *testing.T) {
			c := &chaos{
				t: t, store: store.Memory(), tokens: make(chan string, 999), rng: rand.New(rand.NewPCG(seed, 1)), alive: make([]*runtime.Engine, 3),
				taken: make(map[string]string), worker: make(map[string]int),
			}
			c.own = func(s store.Store) store.Store { return &flaky{Store: s, chaos: c} }
			c.run()
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		})
		if t.Failed() {
			return
		}
	}
}

// A message that changes nothing is consumed by a commit that fails although it is stored: the
// execution goes on in its process.
func TestEngineConsumesInDoubt(t *testing.T) {
	run := func(s *faulty.Store) {
		own := func(shared store.Store) store.Store {
			s.Store = shared
			return s
		}
		inProcesses(t, own, func(t *testing.T, p processes) {
			id := p.start(t, twoBranches, `{}`)
			token := <-p.tokens
			time.Sleep(time.Second)
			_ = p.b.SucceedTask(t.Context(), token, jsonvalue.String("first"))
			for range 3 {
				err := p.b.SucceedTask(t.Context(), token, jsonvalue.String("second"))
				require.ErrorIs(t, err, runtime.ErrTaskOver)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			out, err := p.b.Wait(ctx, id)
			require.NoError(t, err)
			require.Equal(t, `["first","long"]`, out.String())
		})
	}
	whole := &faulty.Store{}
	run(whole)
	for n := 1; n <= whole.Commits() && !t.Failed(); n++ {
		run(&faulty.Store{Faults: map[int]faulty.Fault{n: faulty.Before}})
		run(&faulty.Store{Faults: map[int]faulty.Fault{n: faulty.After}})
	}
}
