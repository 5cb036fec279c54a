package storetest

import (
	"context"
	"fmt"
	"hash/crc32"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// storeKit is the kit of cases about executions.
type storeKit = kit[store.Store]

// storeCases returns the suite for a Store.
func storeCases() []testCase[store.Store] {
	return []testCase[store.Store]{
		{"create", create},
		{"record", record},
		{"revision", revision},
		{"owner", owner},
		{"writer", writer},
		{"batch", batch},
		{"contradictions", contradictions},
		{"children", children},
		{"consume", consume},
		{"consume in parallel", consumeInParallel},
		{"messages", messages},
		{"messages between executions", messagesBetween},
		{"queues", queues},
		{"rows", rows},
		{"many rows", manyRows},
		{"any bytes", anyBytes},
		{"history", historyPages},
		{"list", list},
		{"list while others are created", listWhileCreating},
		{"due", due},
		{"claims", claims},
		{"lease", lease},
		{"paused owner", pausedOwner},
		{"queue of a dead process", deadProcess},
		{"two processes", twoProcesses},
		{"load is one instant", loadIsOneInstant},
		{"delete", deleteAll},
		{"definitions", definitions},
		{"cancelled context", cancelled},
		{"notify", notify},
		{"random changes", randomChanges},
		{"random changes at once", randomChangesAtOnce},
	}
}

// start is the instant at which everything in the suite begins.
var start = time.Date(2024, 5, 17, 9, 30, 0, 0, time.UTC)

// everything is a limit that lets all through.
const everything = 1 << 20

// created returns a Change that creates an execution, which by owns.
func created(id, by string) store.Change {
	r := &store.Record{Status: interp.Running, Start: start}
	r.Execution = id
	return store.Change{By: by, ID: id, Revision: 1, Owner: by, Record: r, State: []byte("state of " + id)}
}

// step returns a Change of an execution from a revision to the next.
func step(id, by string, from int64) store.Change {
	return store.Change{By: by, ID: id, From: from, Revision: from + 1, Owner: by}
}

// commit stores changes, none of which is refused.
func commit(k *storeKit, changes ...store.Change) {
	k.Helper()
	refused, err := k.s.Commit(k.Context(), changes)
	require.NoError(k, err)
	require.Nil(k, refused, "nothing is refused")
}

// refuse commits one change, which is refused with an error.
func refuse(k *storeKit, want error, c store.Change) {
	k.Helper()
	before := dump(k)
	refused, err := k.s.Commit(k.Context(), []store.Change{c})
	require.NoError(k, err)
	require.Len(k, refused, 1, "one entry for each change")
	require.ErrorIs(k, refused[0], want)
	require.Equal(k, before, dump(k), "a refused change leaves no trace")
}

func load(k *storeKit, id string) *store.Stored {
	k.Helper()
	x, err := k.s.Load(k.Context(), id)
	require.NoError(k, err, "loading %s", id)
	return x
}

func missing(k *storeKit, id string) {
	k.Helper()
	_, err := k.s.Load(k.Context(), id)
	require.ErrorIs(k, err, store.ErrNotFound, "loading %s", id)
}

func get(k *storeKit, id string) store.Record {
	k.Helper()
	records, err := k.s.List(k.Context(), store.Query{ID: id})
	require.NoError(k, err)
	require.Len(k, records, 1)
	return records[0]
}

// ids lists the ids of executions.
func ids(k *storeKit, q store.Query) []string {
	k.Helper()
	records, err := k.s.List(k.Context(), q)
	require.NoError(k, err)
	found := []string{}
	for _, r := range records {
		found = append(found, r.Execution)
	}
	return found
}

func poll(k *storeKit, p store.Poll) store.Polled {
	k.Helper()
	polled, err := k.s.Poll(k.Context(), p)
	require.NoError(k, err)
	return polled
}

// messageIDs returns the ids of messages, in order.
func messageIDs(messages []store.Message) []string {
	found := []string{}
	for _, m := range messages {
		found = append(found, m.ID)
	}
	return found
}

// dump returns everything that a store shows, as lines to compare.
func dump(k *storeKit) any {
	k.Helper()
	lines := []string{}
	for _, id := range ids(k, store.Query{Oldest: true, Limit: everything}) {
		parts, err := k.s.History(k.Context(), id, 0, everything)
		require.NoError(k, err)
		lines = append(lines, show(get(k, id)))
		lines = append(lines, showStored(load(k, id))...)
		for _, p := range parts {
			lines = append(lines, fmt.Sprintf("events %d to %d: %s", p.First, p.Last, brief(p.Data)))
		}
	}
	return lines
}

// showStored returns an execution as lines.
func showStored(x *store.Stored) []string {
	lines := []string{show(x.Record), fmt.Sprintf("revision %d owner %q writer %q state %s", x.Revision, x.Owner, x.Writer, brief(x.State))}
	for _, f := range x.Frames {
		lines = append(lines, fmt.Sprintf("frame %d: %s", f.Frame, brief(f.Data)))
	}
	for _, v := range x.Values {
		lines = append(lines, fmt.Sprintf("value %d.%d: %s", v.Frame, v.Number, brief(v.Data)))
	}
	return append(lines, showMessages(x.Messages)...)
}

func showMessages(messages []store.Message) (lines []string) {
	for _, m := range messages {
		lines = append(lines, fmt.Sprintf("message %q to %q from %q: %q of %s, %s", m.ID, m.To, m.From, m.Kind, m.Task, brief(m.Data)))
	}
	return lines
}

// show returns all fields of a record as text.
func show(r store.Record) string {
	input, output, meta := r.Input.String(), r.Output.String(), r.Meta
	r.Input, r.Output, r.Meta = store.Record{}.Input, store.Record{}.Output, nil
	return fmt.Sprintf("record %+v input %s output %s meta %s", r, brief([]byte(input)), brief([]byte(output)), brief(meta))
}

// brief returns short data whole, and of long data how long it is and a checksum.
func brief(data []byte) string {
	if len(data) <= 100 {
		return fmt.Sprintf("%q", data)
	}
	return fmt.Sprintf("%d bytes, %08x", len(data), crc32.ChecksumIEEE(data))
}

// census counts the rows of a store that can be counted, else 0.
func census(k *storeKit) int {
	k.Helper()
	counter, ok := k.s.(Counter)
	if !ok {
		return 0
	}
	n, err := counter.Rows(context.WithoutCancel(k.Context()))
	require.NoError(k, err)
	return n
}

func create(k *storeKit) {
	missing(k, "x")
	_, err := k.s.List(k.Context(), store.Query{ID: "x"})
	require.ErrorIs(k, err, store.ErrNotFound)
	_, err = k.s.History(k.Context(), "x", 0, 10)
	require.ErrorIs(k, err, store.ErrNotFound)

	c := created("x", "a")
	c.Frames = []store.Row{{Frame: 1, Data: []byte("frame")}}
	commit(k, c)
	x := load(k, "x")
	assert.Equal(k, "state of x", string(x.State))
	assert.Equal(k, int64(1), x.Revision)
	assert.Equal(k, "a", x.Owner)
	assert.Equal(k, "a", x.Writer)
	assert.Equal(k, start, x.Record.Start.UTC())
	assert.True(k, x.Record.Stop.IsZero())

	refuse(k, store.ErrExists, c)
	c.Frames, c.State, c.By = []store.Row{{Frame: 2, Data: []byte("other")}}, []byte("other"), "b"
	refuse(k, store.ErrExists, c)
	refuse(k, store.ErrConflict, step("y", "a", 1))
	missing(k, "y")
}

func revision(k *storeKit) {
	commit(k, created("x", "a"))
	c := step("x", "a", 1)
	c.State = []byte("two")
	commit(k, c)
	assert.Equal(k, int64(2), load(k, "x").Revision)
	refuse(k, store.ErrConflict, c) // twice
	refuse(k, store.ErrConflict, step("x", "a", 3))

	same := step("x", "a", 2)
	same.Revision = 2
	commit(k, same)
	assert.Equal(k, "two", string(load(k, "x").State), "a State that is nil stays")
	same.Revision, same.State = 7, []byte{}
	commit(k, same)
	assert.Empty(k, load(k, "x").State, "a State that is empty replaces")
	assert.Equal(k, int64(7), load(k, "x").Revision)
}

func owner(k *storeKit) {
	commit(k, created("x", "a"))
	refuse(k, store.ErrConflict, step("x", "b", 1))
	refuse(k, store.ErrConflict, step("x", "", 1))

	release := step("x", "a", 1)
	release.Owner = ""
	commit(k, release)
	assert.Empty(k, load(k, "x").Owner)

	claim := step("x", "b", 2)
	claim.Revision = 2
	commit(k, claim)
	assert.Equal(k, "b", load(k, "x").Owner)
	claim.By, claim.Owner = "a", "a"
	refuse(k, store.ErrConflict, claim)
	gift := step("x", "b", 2)
	gift.Owner = "c"
	commit(k, gift)
	refuse(k, store.ErrConflict, step("x", "b", 3))
	commit(k, step("x", "c", 3))
}

func writer(k *storeKit) {
	commit(k, created("x", "a"))
	release := step("x", "a", 1)
	release.Owner, release.Due = "", start
	commit(k, release)
	claimed := poll(k, store.Poll{Owner: "b", Lease: time.Hour, Now: start, Limit: 1}).Claimed
	assert.Equal(k, []string{"x"}, claimed)
	x := load(k, "x")
	assert.Equal(k, "a", x.Writer, "who polls writes no revision")
	assert.Equal(k, "b", x.Owner)
	assert.Equal(k, int64(2), x.Revision, "a change of owner is no revision")
	commit(k, step("x", "b", 2))
	assert.Equal(k, "b", load(k, "x").Writer)
}

func batch(k *storeKit) {
	commit(k, created("p", "a"), created("q", "a"), created("r", "a"))
	for i := range 3 {
		changes := []store.Change{step("p", "a", int64(i+1)), step("q", "a", int64(i+1)), step("r", "a", int64(i+1))}
		for j := range changes {
			changes[j].State = fmt.Appendf(nil, "round %d", i)
		}
		changes[i].By = "b"
		refused, err := k.s.Commit(k.Context(), changes)
		require.NoError(k, err)
		require.Len(k, refused, 3)
		for j, c := range changes {
			if j == i {
				assert.ErrorIs(k, refused[j], store.ErrConflict)
				commit(k, step(c.ID, "a", int64(i+1)))
				continue
			}
			assert.NoError(k, refused[j])
			assert.Equal(k, fmt.Sprintf("round %d", i), string(load(k, c.ID).State))
		}
	}
	commit(k)
}

func contradictions(k *storeKit) {
	good := created("good", "a")
	other := created("x", "a")
	other.Record = nil
	mixed := created("y", "a")
	mixed.Record.Execution = "z"
	backwards := step("x", "a", 3)
	backwards.Revision = 2
	parent := created("p", "a")
	parent.Children = []store.Change{created("good", "a")}
	for name, c := range map[string]store.Change{
		"a second change of one execution": good, "no record": other, "another's record": mixed, "a revision that goes back": backwards,
		"a child that another change creates": parent, "no id": {From: 1, Revision: 2},
		"a message without id":   {Send: []store.Message{{To: "x"}}},
		"a history of no events": {ID: "h", From: 1, Revision: 2, History: &store.HistoryPart{First: 3, Last: 2}},
	} {
		_, err := k.s.Commit(k.Context(), []store.Change{good, c})
		require.Error(k, err, name)
		missing(k, "good")
	}
	_, err := k.s.Poll(k.Context(), store.Poll{Lease: time.Hour, Limit: 1})
	require.Error(k, err, "a Poll without owner")
}

func children(k *storeKit) {
	child := created("child", "a")
	child.Frames = []store.Row{{Frame: 1, Data: []byte("frame")}}
	child.Record.Parent, child.Record.MapRun, child.Record.Item = "parent", "run", 3
	parent := created("parent", "a")
	parent.Children = []store.Change{child}
	parent.Send = []store.Message{{ID: "m", To: "child", Data: []byte("hello")}}
	commit(k, parent)
	x := load(k, "child")
	assert.Equal(k, "parent", x.Record.Parent)
	assert.Equal(k, []string{"m"}, messageIDs(x.Messages), "a message to a child of the same change")

	again := step("parent", "a", 1)
	child.State = []byte("other")
	child.Send = []store.Message{{ID: "n", To: "parent"}}
	again.Children = []store.Change{child, created("second", "a")}
	late := again
	late.From, late.Revision = 5, 6
	refuse(k, store.ErrConflict, late)
	missing(k, "second")
	commit(k, again)
	assert.Equal(k, "state of child", string(load(k, "child").State), "a child that exists is skipped")
	assert.Empty(k, load(k, "parent").Messages, "with its messages")
	load(k, "second")
}

func definitions(k *storeKit) {
	text := []byte("{\"StartAt\": \"\x00\xff\"}")
	hash := interp.Hash{0x5d, 0x1c}
	_, err := k.s.Definition(k.Context(), hash)
	require.ErrorIs(k, err, store.ErrNotFound)
	c := created("x", "a")
	c.Definition = text
	d := store.Change{Definition: text}
	commit(k, c, d)
	commit(k, d)
	found, err := k.s.Definition(k.Context(), sum(text))
	require.NoError(k, err)
	assert.Equal(k, text, found)
	found[0] = 'x'
	k.reopen()
	found, err = k.s.Definition(k.Context(), sum(text))
	require.NoError(k, err)
	assert.Equal(k, text, found)
}

// cancelled holds a context that ends to what it may do: end the waiting, and nothing by half.
func cancelled(k *storeKit) {
	over, cancel := context.WithCancel(k.Context())
	cancel()
	_, err := k.s.Commit(over, []store.Change{created("never", "a")})
	require.ErrorIs(k, err, context.Canceled)
	missing(k, "never")
	_, err = k.s.Load(over, "never")
	require.ErrorIs(k, err, context.Canceled)
	_, err = k.s.Poll(over, store.Poll{Owner: "a", Lease: time.Hour})
	require.ErrorIs(k, err, context.Canceled)

	for i := range 50 {
		ctx, cancel := context.WithCancel(k.Context())
		c := created(fmt.Sprintf("x%d", i), "a")
		for f := range 20 {
			c.Frames = append(c.Frames, store.Row{Frame: interp.FrameID(f + 1), Data: []byte("frame")})
		}
		go cancel()
		_, err := k.s.Commit(ctx, []store.Change{c})
		x, loadErr := k.s.Load(k.Context(), c.ID)
		if loadErr == nil {
			assert.Len(k, x.Frames, 20, "all of a change")
			continue
		}
		require.ErrorIs(k, loadErr, store.ErrNotFound)
		assert.Error(k, err, "what was committed without an error is there")
	}
}
