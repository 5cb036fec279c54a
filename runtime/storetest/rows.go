package storetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

func sum(text []byte) interp.Hash { return sha256.Sum256(text) }

// row returns a row whose data tells where it belongs.
func row(frame interp.FrameID, number uint32, text string) store.Row {
	return store.Row{Frame: frame, Number: number, Data: []byte(text)}
}

// texts returns the data of rows by "frame.number".
func texts(rows []store.Row) map[string]string {
	found := make(map[string]string)
	for _, r := range rows {
		found[fmt.Sprintf("%d.%d", r.Frame, r.Number)] = string(r.Data)
	}
	return found
}

func rows(k *storeKit) {
	const top = ^interp.FrameID(0)
	c := created("x", "a")
	c.Frames = []store.Row{row(1, 0, "one"), row(2, 0, "two"), row(top, 0, "top")}
	c.Values = []store.Row{row(1, 1, "v11"), row(1, 2, "v12"), row(2, 1, "v21"), row(top, ^uint32(0), "vtop")}
	beside := created("y", "a")
	beside.Frames, beside.Values = []store.Row{row(1, 0, "y")}, []store.Row{row(1, 1, "vy")}
	commit(k, c, beside)

	c = step("x", "a", 1)
	c.Frames = []store.Row{row(1, 0, "one again"), row(3, 0, "")}
	c.Values = []store.Row{row(3, 1, "v31"), row(1, 3, "v13")}
	c.Removed = []interp.FrameID{2, 99}
	c.Dropped = []interp.ValueID{{Frame: 1, Number: 1}, {Frame: 77, Number: 1}}
	commit(k, c)
	x := load(k, "x")
	assert.Equal(k, map[string]string{"1.0": "one again", "3.0": "", fmt.Sprintf("%d.0", top): "top"}, texts(x.Frames))
	assert.Equal(k, map[string]string{"1.2": "v12", "1.3": "v13", "3.1": "v31", fmt.Sprintf("%d.%d", top, ^uint32(0)): "vtop"}, texts(x.Values),
		"the values of a frame go with it")

	c = step("x", "a", 2)
	c.Clear = true
	c.Frames, c.Values = []store.Row{row(5, 0, "five")}, []store.Row{row(5, 1, "v51")}
	commit(k, c)
	x = load(k, "x")
	assert.Equal(k, map[string]string{"5.0": "five"}, texts(x.Frames), "Clear comes before Frames")
	assert.Equal(k, map[string]string{"5.1": "v51"}, texts(x.Values))
	y := load(k, "y")
	assert.Equal(k, map[string]string{"1.0": "y"}, texts(y.Frames), "another execution's frames stay")
	assert.Equal(k, map[string]string{"1.1": "vy"}, texts(y.Values))
}

func manyRows(k *storeKit) {
	const n = 10_000
	c := created("x", "a")
	for i := range n {
		c.Frames = append(c.Frames, row(interp.FrameID(n-i), 0, fmt.Sprint("frame ", n-i)))
	}
	c.Values = []store.Row{{Frame: 1, Number: 1, Data: bytes.Repeat([]byte{0, 1, 0xff, 'x'}, 64<<10)}, {Frame: 1, Number: 2}}
	commit(k, c)
	x := load(k, "x")
	require.Len(k, x.Frames, n)
	for i, f := range x.Frames {
		require.Equal(k, interp.FrameID(i+1), f.Frame)
		require.Equal(k, fmt.Sprint("frame ", i+1), string(f.Data))
	}
	require.Len(k, x.Values, 2)
	assert.True(k, bytes.Equal(c.Values[0].Data, x.Values[0].Data), "a value of 256 KiB")
	assert.Empty(k, x.Values[1].Data, "a value of no bytes")

	c = step("x", "a", 1)
	c.Clear = true
	commit(k, c)
	assert.Empty(k, load(k, "x").Frames)
}

// anyBytes puts bytes that are no text wherever bytes may be.
func anyBytes(k *storeKit) {
	wild := []byte("\x00\xff'\"\\\xed\xa0\x80\n\x00")
	c := created("x", "a")
	c.Record.Meta, c.State = wild, wild
	c.Record.FailedState, c.Record.FailedPath = string(wild), string(wild)
	c.Record.Error, c.Record.HasError, c.Record.Cause, c.Record.HasCause = string(wild), true, string(wild), true
	c.Frames = []store.Row{{Frame: 1, Data: wild}}
	c.Values = []store.Row{{Frame: 1, Number: 1, Data: wild}}
	c.History = &store.HistoryPart{First: 1, Last: 2, Data: wild}
	c.Send = []store.Message{{ID: "m", To: "x", Data: wild}}
	commit(k, c)
	// The caller may write to the bytes that it gave.
	for i := range wild {
		wild[i] = 'z'
	}
	want := "\x00\xff'\"\\\xed\xa0\x80\n\x00"
	x := load(k, "x")
	parts, err := k.s.History(k.Context(), "x", 0, 10)
	require.NoError(k, err)
	require.True(k, len(x.Frames) == 1 && len(x.Values) == 1 && len(x.Messages) == 1 && len(parts) == 1, "everything comes back")
	for name, found := range map[string][]byte{
		"meta": x.Record.Meta, "state": x.State, "frame": x.Frames[0].Data, "value": x.Values[0].Data,
		"history": parts[0].Data, "message": x.Messages[0].Data, "error": []byte(x.Record.Error), "cause": []byte(x.Record.Cause),
	} {
		assert.Equal(k, want, string(found), name)
	}
	// The caller may write to the bytes that it got.
	x.State[0], x.Frames[0].Data[0], parts[0].Data[0], x.Messages[0].Data[0] = 'y', 'y', 'y', 'y'
	again := load(k, "x")
	assert.Equal(k, want, string(again.State))
	require.NotEmpty(k, again.Frames)
	assert.Equal(k, want, string(again.Frames[0].Data))
	assert.Equal(k, want, string(again.Messages[0].Data))
}

// historyPages reads a history both ways, across parts, short and long.
func historyPages(k *storeKit) {
	c := created("x", "a")
	c.History = &store.HistoryPart{First: 1, Last: 3, Data: []byte("1-3")}
	commit(k, c, created("none", "a"))
	revision, last := int64(1), int64(3)
	for _, n := range []int64{1, 2, 5, 1, 40, 3} {
		c := step("x", "a", revision)
		data := bytes.Repeat([]byte{byte('0' + n%10)}, int(n)*90)
		c.History = &store.HistoryPart{First: last + 1, Last: last + n, Data: data}
		commit(k, c)
		revision, last = revision+1, last+n
	}
	firsts := func(after int64, limit int) []int64 {
		parts, err := k.s.History(k.Context(), "x", after, limit)
		require.NoError(k, err)
		found := []int64{}
		for _, p := range parts {
			found = append(found, p.First)
			if p.First > 1 {
				assert.Len(k, p.Data, int(p.Last-p.First+1)*90)
			}
		}
		return found
	}
	// Parts: 1-3, 4, 5-6, 7-11, 12, 13-52, 53-55.
	assert.Equal(k, []int64{1, 4, 5, 7, 12, 13, 53}, firsts(0, 25_000))
	assert.Equal(k, []int64{1}, firsts(0, 1))
	assert.Equal(k, []int64{1}, firsts(0, 3))
	assert.Equal(k, []int64{1, 4}, firsts(0, 4))
	assert.Equal(k, []int64{1, 4, 5}, firsts(2, 3), "of the first part one event counts")
	assert.Equal(k, []int64{4}, firsts(3, 1))
	assert.Equal(k, []int64{13, 53}, firsts(51, 2))
	assert.Equal(k, []int64{}, firsts(55, 10))
	assert.Equal(k, []int64{}, firsts(0, 0))
	assert.Equal(k, []int64{53, 13, 12, 7, 5, 4, 1}, firsts(0, -25_000))
	assert.Equal(k, []int64{53}, firsts(0, -1))
	assert.Equal(k, []int64{53, 13}, firsts(0, -4))
	assert.Equal(k, []int64{13, 12}, firsts(14, -2), "of the part with event 13 one event counts")
	assert.Equal(k, []int64{1}, firsts(2, -5))
	assert.Equal(k, []int64{}, firsts(1, -5))
	parts, err := k.s.History(k.Context(), "none", 0, 10)
	require.NoError(k, err)
	assert.Empty(k, parts)
}

// deleteAll counts what an execution leaves behind.
func deleteAll(k *storeKit) {
	commit(k, created("stays", "a"))
	before := census(k)
	c := created("x", "a")
	c.Frames, c.Values = []store.Row{row(1, 0, "f")}, []store.Row{row(1, 1, "v")}
	c.Record.Input = big
	c.Send = []store.Message{{ID: "m", To: "x"}, {ID: "n", To: "stays"}}
	for i := range int64(5) {
		c.History = &store.HistoryPart{First: 1 + i, Last: 1 + i, Data: make([]byte, 900)}
		commit(k, c)
		c = step("x", "a", i+1)
	}
	last := step("x", "a", 5)
	last.Record = &store.Record{Status: interp.Succeeded, Stop: start, Output: big}
	last.Record.Execution = "x"
	commit(k, last)

	gone := step("x", "a", 6)
	gone.Delete, gone.Consume = true, []string{"n"}
	refuse(k, store.ErrConflict, gone) // n is to another execution
	gone.Consume = nil
	gone.By = "b"
	refuse(k, store.ErrConflict, gone)
	gone.By = "a"
	commit(k, gone)
	missing(k, "x")
	assert.Equal(k, []string{"stays"}, ids(k, store.Query{}))
	use := step("stays", "a", 1)
	use.Consume = []string{"n"}
	commit(k, use)
	k.reopen()
	assert.Equal(k, before, census(k), "rows that are left")

	again := created("x", "b") // the name is free, and nothing of the first is found
	again.Send = []store.Message{{ID: "m", To: "x"}}
	commit(k, again)
	x := load(k, "x")
	assert.Empty(k, x.Frames)
	assert.Len(k, x.Messages, 1)
	parts, err := k.s.History(k.Context(), "x", 0, 10)
	require.NoError(k, err)
	assert.Empty(k, parts)
}
