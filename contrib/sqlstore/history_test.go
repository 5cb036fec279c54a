package sqlstore

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

func TestPack(t *testing.T) {
	var x place
	var packed []byte
	var want []store.HistoryPart
	for i := int64(1); i < 1<<40; i *= 7 {
		part := store.HistoryPart{First: i, Last: i * 2, Data: bytes.Repeat([]byte{0xff, 0}, int(i%50))}
		want = append(want, part)
		packed = append(packed, x.pack(&part)...)
	}
	found, err := unpack(packed)
	require.NoError(t, err)
	assert.Equal(t, fmt.Sprint(want), fmt.Sprint(found))
	for end := range packed { // cut off anywhere: an error or fewer parts, and no panic
		if found, err := unpack(packed[:end]); err == nil {
			assert.Less(t, len(found), len(want))
		}
	}
	assert.Nil(t, (&place{packed: packedHistory}).pack(&store.HistoryPart{First: 1, Last: 1, Data: []byte{1}}), "no room")
	assert.Nil(t, (&place{apart: historyApart}).pack(&store.HistoryPart{First: 1, Last: 1}), "later parts follow those in rows")
}

// The id of an event that has no room in a key fails the Commit, which stores nothing.
func TestHistoryTooLong(t *testing.T) {
	s, err := openFile(t, t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	c := creation("x", nil)
	c.History = &store.HistoryPart{First: maxEvent, Last: maxEvent + 1, Data: make([]byte, 3000)}
	_, err = s.Commit(t.Context(), []store.Change{creation("y", nil), c})
	require.ErrorContains(t, err, `sqlstore: commit: change 1, of execution "x": its history reaches event 1048576, and at most 1048575 can be stored`)
	_, err = s.Load(t.Context(), "y")
	require.ErrorIs(t, err, store.ErrNotFound)
	create(t, s, "x")
}
