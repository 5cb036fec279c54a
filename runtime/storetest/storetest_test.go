package storetest

import (
	"testing"

	"github.com/statemill/statemill/runtime/store"
)

// folders keeps a store in memory for each folder, as a file would.
type folders[S any] map[string]S

func (f folders[S]) open(make func() S) func(t testing.TB, dir string) (S, error) {
	return func(_ testing.TB, dir string) (S, error) {
		if _, there := f[dir]; !there {
			f[dir] = make()
		}
		return f[dir], nil
	}
}

func TestMemory(t *testing.T) {
	Run(t, folders[store.Store]{}.open(func() store.Store { return store.Memory() }))
}

func TestMemoryDocuments(t *testing.T) {
	Documents(t, folders[store.Documents]{}.open(func() store.Documents { return store.Memory() }))
}
