package faulty

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
	"github.com/statemill/statemill/runtime/storetest"
)

// A Store without faults is a Store.
func TestNoFaults(t *testing.T) {
	kept := make(map[string]store.Store)
	storetest.Run(t, func(_ testing.TB, dir string) (store.Store, error) {
		if kept[dir] == nil {
			kept[dir] = &Store{Store: store.Memory()}
		}
		return kept[dir], nil
	})
}

// create commits a new execution with the number of the Commit as id.
func create(t *testing.T, s store.Store, n int) error {
	r := &store.Record{Status: interp.Running}
	r.Execution = fmt.Sprint(n)
	_, err := s.Commit(t.Context(), []store.Change{{By: "a", ID: r.Execution, Revision: 1, Record: r}})
	return err
}

func count(t *testing.T, s store.Store) int {
	records, err := s.List(t.Context(), store.Query{})
	require.NoError(t, err)
	return len(records)
}

func TestFaults(t *testing.T) {
	s := &Store{Store: store.Memory(), Faults: map[int]Fault{2: Before, 3: After}}
	require.NoError(t, create(t, s, 1))
	require.ErrorIs(t, create(t, s, 2), ErrFault)
	assert.Equal(t, 1, count(t, s), "nothing was stored")
	require.ErrorIs(t, create(t, s, 3), ErrFault)
	assert.Equal(t, 2, count(t, s), "it was stored")
	require.NoError(t, create(t, s, 4))
	assert.Equal(t, 4, s.Commits())
}

func TestDelayed(t *testing.T) {
	until := make(chan struct{})
	s := &Store{Store: store.Memory(), Faults: map[int]Fault{1: Delayed(until)}}
	done := make(chan error)
	go func() { done <- create(t, s, 1) }()
	for count(t, s) == 0 {
	}
	select {
	case <-done:
		t.Fatal("it told too early")
	default:
	}
	close(until)
	require.NoError(t, <-done)
}

func TestDeath(t *testing.T) {
	memory := store.Memory()
	s := &Store{Store: memory, Last: 2}
	require.NoError(t, create(t, s, 1))
	_, err := s.Load(t.Context(), "1")
	require.NoError(t, err)
	require.ErrorIs(t, create(t, s, 2), ErrDead)
	<-s.Dead()
	require.ErrorIs(t, create(t, s, 3), ErrDead)
	assert.Equal(t, 2, count(t, memory), "the last commit is stored, and none after it")

	_, err = s.Load(t.Context(), "1")
	require.ErrorIs(t, err, ErrDead)
	_, err = s.Poll(t.Context(), store.Poll{Owner: "a", Lease: time.Hour})
	require.ErrorIs(t, err, ErrDead)
	_, err = s.List(t.Context(), store.Query{})
	require.ErrorIs(t, err, ErrDead)
	_, err = s.History(t.Context(), "1", 0, 1)
	require.ErrorIs(t, err, ErrDead)
	_, err = s.Definition(t.Context(), interp.Hash{})
	require.ErrorIs(t, err, ErrDead)
}
