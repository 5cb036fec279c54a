// Package faulty makes a store fail in the ways in which stores do: for tests of those who
// keep executions in one.
package faulty

import (
	"context"
	"errors"
	"sync"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// ErrFault is the error of a Commit that a Fault makes fail.
var ErrFault = errors.New("faulty: the connection was lost")

// ErrDead is the error of every method after the last Commit of a process.
var ErrDead = errors.New("faulty: the process is dead")

// A Fault does a Commit in its own way.
type Fault func(commit func() (refused []error, err error)) (refused []error, err error)

// Before fails, and nothing is stored.
func Before(func() ([]error, error)) ([]error, error) { return nil, ErrFault }

// After fails although everything is stored.
func After(commit func() ([]error, error)) ([]error, error) {
	if _, err := commit(); err != nil {
		return nil, err
	}
	return nil, ErrFault
}

// Delayed returns a Fault that stores at once and tells of it when the channel until is
// closed.
func Delayed(until <-chan struct{}) Fault {
	return func(commit func() ([]error, error)) ([]error, error) {
		refused, err := commit()
		<-until
		return refused, err
	}
}

// Store is the store of one process. Its fields are set before it is used; then all
// methods may be called at the same time.
type Store struct {
	store.Store // what remains when the process is dead

	// Faults are by the number of the Commit, from 1. Default: none.
	Faults map[int]Fault

	// Last is the number of the Commit after which the process is dead: it is stored, and neither its
	// caller nor any later call learns more than ErrDead. Default: 0, it lives.
	Last int

	mu      sync.Mutex
	commits int
	dead    chan struct{}
}

// Dead returns a channel that is closed when the process is dead.
func (s *Store) Dead() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.death()
}

func (s *Store) death() chan struct{} {
	if s.dead == nil {
		s.dead = make(chan struct{})
	}
	return s.dead
}

// Commits returns how many commits have begun.
func (s *Store) Commits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commits
}

// alive returns an error if the process is dead.
func (s *Store) alive() error {
	select {
	case <-s.Dead():
		return ErrDead
	default:
		return nil
	}
}

// Commit implements store.Store.
func (s *Store) Commit(ctx context.Context, changes []store.Change) ([]error, error) {
	n, err := s.begin()
	if err != nil {
		return nil, err
	}
	commit := func() ([]error, error) { return s.Store.Commit(ctx, changes) }
	fault := s.Faults[n]
	if fault == nil {
		fault = func(commit func() ([]error, error)) ([]error, error) { return commit() }
	}
	refused, err := fault(commit)
	if s.Last == 0 || n < s.Last {
		return refused, err
	}
	if n == s.Last {
		s.mu.Lock()
		defer s.mu.Unlock()
		close(s.death())
	}
	return nil, ErrDead
}

// begin returns the number of a Commit. One that begins while the last is under way does not reach
// the store.
func (s *Store) begin() (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Last > 0 && s.commits >= s.Last {
		return 0, ErrDead
	}
	s.commits++
	return s.commits, nil
}

// Load implements store.Store.
func (s *Store) Load(ctx context.Context, id string) (*store.Stored, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	return s.Store.Load(ctx, id)
}

// Poll implements store.Store.
func (s *Store) Poll(ctx context.Context, p store.Poll) (store.Polled, error) {
	if err := s.alive(); err != nil {
		return store.Polled{}, err
	}
	return s.Store.Poll(ctx, p)
}

// List implements store.Store.
func (s *Store) List(ctx context.Context, q store.Query) ([]store.Record, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	return s.Store.List(ctx, q)
}

// History implements store.Store.
func (s *Store) History(ctx context.Context, id string, after int64, limit int) ([]store.HistoryPart, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	return s.Store.History(ctx, id, after, limit)
}

// Definition implements store.Store.
func (s *Store) Definition(ctx context.Context, hash interp.Hash) ([]byte, error) {
	if err := s.alive(); err != nil {
		return nil, err
	}
	return s.Store.Definition(ctx, hash)
}
