// Package storetest tests that a store.Store, or a store.Documents, does what its
// documentation says. Authors of Stores call it in a test:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t testing.TB, dir string) (store.Store, error) {
//			return mystore.Open(filepath.Join(dir, "executions.db"))
//		})
//	}
//
// The suite opens a store in an empty folder for each case, closes it if it is an
// io.Closer, opens it again in the same folder, and expects to find everything.
// A second store that is opened while the first is open stands for
// another process; where that is refused with store.ErrInUse, the cases that need two are skipped.
package storetest

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

// Counter is an interface that a Store may implement in its test: Rows counts what is stored,
// except definitions and names that executions share. With it the suite sees that a deleted
// execution leaves nothing behind.
type Counter interface {
	Rows(ctx context.Context) (int, error)
}

// testCase is a case of a suite over stores of type S.
type testCase[S any] struct {
	name string
	run  func(k *kit[S])
}

// kit gives a case its test and its store.
type kit[S any] struct {
	testing.TB
	open func(t testing.TB, dir string) (S, error)
	dir  string
	s    S
}

// Run runs the suite for a Store. open opens the store in a folder.
func Run(t *testing.T, open func(t testing.TB, dir string) (store.Store, error)) {
	runAll(t, open, storeCases(), dump)
}

// Documents runs the suite for Documents. open opens the documents in a folder.
func Documents(t *testing.T, open func(t testing.TB, dir string) (store.Documents, error)) {
	runAll(t, open, documentCases(), func(k *kit[store.Documents]) any {
		docs, err := k.s.Scan(k.Context(), "", "", 1<<20)
		require.NoError(k, err)
		return docs
	})
}

func runAll[S any](t *testing.T, open func(t testing.TB, dir string) (S, error), cases []testCase[S], dump func(*kit[S]) any) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { runCase(t, open, c, dump) })
	}
}

// runCase runs a case, opens the store again and compares what is there.
func runCase[S any](t testing.TB, open func(t testing.TB, dir string) (S, error), c testCase[S], dump func(*kit[S]) any) {
	k := &kit[S]{TB: t, open: open, dir: t.TempDir()}
	var err error
	k.s, err = open(t, k.dir)
	require.NoError(t, err, "opening a store")
	defer func() { k.close() }()
	c.run(k)
	before := dump(k)
	k.reopen()
	require.Equal(t, before, dump(k), "what is there after the store was closed and opened")
}

func (k *kit[S]) close() {
	k.Helper()
	if closer, ok := any(k.s).(io.Closer); ok {
		require.NoError(k, closer.Close(), "closing the store")
	}
}

// reopen closes the store and opens it again.
func (k *kit[S]) reopen() {
	k.Helper()
	k.close()
	var err error
	k.s, err = k.open(k, k.dir)
	require.NoError(k, err, "opening the store again")
}

// second opens the store as another process would, or skips the case.
func (k *kit[S]) second() *kit[S] {
	k.Helper()
	other, err := k.open(k, k.dir)
	if err != nil {
		require.ErrorIs(k, err, store.ErrInUse, "a second store in the same folder")
		k.Skip("the store serves one process at a time")
	}
	second := &kit[S]{TB: k.TB, open: k.open, dir: k.dir, s: other}
	k.Cleanup(second.close)
	return second
}
