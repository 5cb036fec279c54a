package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

type documentKit = kit[store.Documents]

// documentCases returns the suite for Documents.
func documentCases() []testCase[store.Documents] {
	return []testCase[store.Documents]{
		{"write and read", writeDocuments},
		{"revisions", documentRevisions},
		{"all or none", documentsAllOrNone},
		{"same", documentsSame},
		{"scan", scanDocuments},
		{"at once", documentsAtOnce},
		{"cancelled context", documentsCancelled},
	}
}

func read(k *documentKit, key string) store.Document {
	k.Helper()
	docs, err := k.s.Read(k.Context(), key)
	require.NoError(k, err)
	require.Len(k, docs, 1)
	return docs[0]
}

func write(k *documentKit, docs ...store.Document) {
	k.Helper()
	require.NoError(k, k.s.Write(k.Context(), docs...))
}

func writeDocuments(k *documentKit) {
	wild := []byte("\x00\xff\xed\xa0\x80'\x00")
	write(k, store.Document{Key: "a", Data: wild}, store.Document{Key: "empty", Data: []byte{}})
	wild[0] = 'x'
	docs, err := k.s.Read(k.Context(), "empty", "none", "a", "a")
	require.NoError(k, err)
	require.Len(k, docs, 4)
	for i, key := range []string{"empty", "none", "a", "a"} {
		assert.Equal(k, key, docs[i].Key)
	}
	assert.NotNil(k, docs[0].Data, "a document that is empty is there")
	assert.Positive(k, docs[0].Revision)
	assert.Zero(k, docs[1].Revision)
	assert.Equal(k, "\x00\xff\xed\xa0\x80'\x00", string(docs[2].Data))
	write(k)
	docs, err = k.s.Read(k.Context())
	require.NoError(k, err)
	assert.Empty(k, docs)
}

func documentRevisions(k *documentKit) {
	write(k, store.Document{Key: "a", Data: []byte("1")})
	first := read(k, "a")
	require.ErrorIs(k, k.s.Write(k.Context(), store.Document{Key: "a", Data: []byte("other")}), store.ErrConflict)
	write(k, store.Document{Key: "a", Revision: first.Revision, Data: []byte("2")})
	second := read(k, "a")
	assert.NotEqual(k, first.Revision, second.Revision)
	assert.Equal(k, "2", string(second.Data))
	require.ErrorIs(k, k.s.Write(k.Context(), first), store.ErrConflict)
	require.ErrorIs(k, k.s.Write(k.Context(), store.Document{Key: "a", Revision: second.Revision + 1}), store.ErrConflict)

	write(k, store.Document{Key: "a", Revision: second.Revision})
	assert.Equal(k, store.Document{Key: "a"}, read(k, "a"), "Data that is nil deletes")
	k.reopen()
	write(k, store.Document{Key: "a", Data: []byte("3")})
	third := read(k, "a")
	assert.NotContains(k, []int64{first.Revision, second.Revision}, third.Revision, "a revision is never used twice")
	write(k, store.Document{Key: "none"}) // deletes what is not there
	require.ErrorIs(k, k.s.Write(k.Context(), store.Document{Key: "none", Revision: 1}), store.ErrConflict)
}

func documentsAllOrNone(k *documentKit) {
	write(k, store.Document{Key: "a", Data: []byte("a")}, store.Document{Key: "b", Data: []byte("b")})
	a, b := read(k, "a"), read(k, "b")
	for _, late := range []string{"a", "b", "c"} {
		docs := []store.Document{{Key: "a", Revision: a.Revision, Data: []byte("new")}, {Key: "b", Revision: b.Revision}, {Key: "c", Data: []byte("new")}}
		docs[slices.Index([]string{"a", "b", "c"}, late)].Revision += 17
		require.ErrorIs(k, k.s.Write(k.Context(), docs...), store.ErrConflict)
		assert.Equal(k, a, read(k, "a"))
		assert.Equal(k, b, read(k, "b"))
		assert.Zero(k, read(k, "c").Revision)
	}
}

func documentsSame(k *documentKit) {
	write(k, store.Document{Key: "a", Data: []byte("a")})
	a := read(k, "a")
	same := store.Document{Key: "a", Revision: a.Revision, Same: true}
	absent := store.Document{Key: "none", Same: true}
	write(k, same, absent, store.Document{Key: "b", Data: []byte("b")})
	assert.Equal(k, a, read(k, "a"), "Same leaves the document as it is")
	assert.Zero(k, read(k, "none").Revision)
	same.Revision++
	require.ErrorIs(k, k.s.Write(k.Context(), same, store.Document{Key: "c", Data: []byte("c")}), store.ErrConflict)
	assert.Zero(k, read(k, "c").Revision)
}

func scanDocuments(k *documentKit) {
	keys := []string{"m/", "m/_1_", "m/_10_", "m/_2_", "m/Z", "m/a", "m/z/1", "m/é", "m0", "n", "l"}
	var docs []store.Document
	for _, key := range keys {
		docs = append(docs, store.Document{Key: key, Data: []byte(key)})
	}
	write(k, docs...)
	scan := func(prefix, after string, limit int) []string {
		docs, err := k.s.Scan(k.Context(), prefix, after, limit)
		require.NoError(k, err)
		found := []string{}
		for _, d := range docs {
			assert.Equal(k, d.Key, string(d.Data))
			assert.Positive(k, d.Revision)
			found = append(found, d.Key)
		}
		return found
	}
	assert.Equal(k, []string{"m/", "m/Z", "m/_10_", "m/_1_", "m/_2_", "m/a", "m/z/1", "m/é"}, scan("m/", "", 0), "in the order of the bytes")
	assert.Equal(k, []string{"m/", "m/Z"}, scan("m/", "", 2))
	assert.Equal(k, []string{"m/_10_", "m/_1_"}, scan("m/", "m/Z", 2))
	assert.Equal(k, []string{"m/_1_", "m/_2_"}, scan("m/_", "m/_11", 0))
	assert.Equal(k, []string{}, scan("m/", "m/é", 0))
	assert.Equal(k, []string{}, scan("x", "", 0))
	assert.Equal(k, []string{"l", "m/"}, scan("", "", 2))
	assert.Equal(k, []string{"n"}, scan("", "m0", 9))
}

// documentsAtOnce lets many count in one document.
func documentsAtOnce(k *documentKit) {
	write(k, store.Document{Key: "n", Data: []byte{}})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for added := 0; added < 5; {
				docs, err := k.s.Read(k.Context(), "n", "sum")
				if !assert.NoError(k, err) || !assert.Equal(k, len(docs[0].Data), len(docs[1].Data), "one instant") {
					return
				}
				docs[0].Data = append(docs[0].Data, 'x')
				docs[1].Data = docs[0].Data
				if k.s.Write(k.Context(), docs...) == nil {
					added++
				}
			}
		})
	}
	wg.Wait()
	assert.Len(k, read(k, "n").Data, 80)
}

func documentsCancelled(k *documentKit) {
	over, cancel := context.WithCancel(k.Context())
	cancel()
	require.ErrorIs(k, k.s.Write(over, store.Document{Key: "never", Data: []byte("x")}), context.Canceled)
	assert.Zero(k, read(k, "never").Revision)
	for i := range 30 {
		ctx, cancel := context.WithCancel(k.Context())
		one, two := fmt.Sprint("one ", i), fmt.Sprint("two ", i)
		go cancel()
		err := k.s.Write(ctx, store.Document{Key: one, Data: []byte("x")}, store.Document{Key: two, Data: []byte("x")})
		docs, readErr := k.s.Read(k.Context(), one, two)
		require.NoError(k, readErr)
		assert.Equal(k, docs[0].Revision, docs[1].Revision, "both or none")
		assert.True(k, err != nil || docs[0].Revision > 0)
	}
}
