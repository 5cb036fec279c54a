package storetest

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

func consume(k *storeKit) {
	commit(k, created("x", "a"), created("y", "a"))
	commit(k, store.Change{Send: []store.Message{
		{ID: "1", To: "x", From: "y", Kind: "answer", Task: interp.TaskID{Frame: 7, Attempt: 2}, Data: []byte("data")},
		{ID: "2", To: "x"},
		{ID: "offer", To: "activity:pack"},
	}})
	want := store.Message{ID: "1", To: "x", From: "y", Kind: "answer", Task: interp.TaskID{Frame: 7, Attempt: 2}, Data: []byte("data")}
	sent := load(k, "x").Messages
	require.Len(k, sent, 2)
	assert.Equal(k, want, sent[0], "a message comes as it was sent")

	c := step("x", "a", 1)
	c.State, c.Consume = []byte("new"), []string{"1", "none"}
	refuse(k, store.ErrConflict, c)
	other := step("y", "a", 1)
	other.Consume = []string{"1"}
	refuse(k, store.ErrConflict, other) // it is to x
	refuse(k, store.ErrConflict, store.Change{Consume: []string{"2"}})

	// Two changes of one Commit consume one message: the first has it.
	take := store.Change{Consume: []string{"offer"}, Send: []store.Message{{ID: "begun", To: "x"}}}
	late := store.Change{Consume: []string{"offer"}, Send: []store.Message{{ID: "begun twice", To: "x"}}}
	refused, err := k.s.Commit(k.Context(), []store.Change{take, late})
	require.NoError(k, err)
	require.Len(k, refused, 2)
	assert.NoError(k, refused[0])
	assert.ErrorIs(k, refused[1], store.ErrConflict)
	assert.Equal(k, []string{"1", "2", "begun"}, messageIDs(load(k, "x").Messages))

	c.Consume, c.Send = []string{"1", "begun"}, []store.Message{{ID: "1", To: "x", Data: []byte("again")}}
	commit(k, c)
	x := load(k, "x")
	require.Equal(k, []string{"2", "1"}, messageIDs(x.Messages), "an id that was consumed is free")
	assert.Equal(k, "again", string(x.Messages[1].Data))
}

// consumeInParallel lets many take each of some offers: one gets it.
func consumeInParallel(k *storeKit) {
	const offers, takers = 20, 8
	commit(k, created("x", "a"))
	var send store.Change
	for i := range offers {
		send.Send = append(send.Send, store.Message{ID: fmt.Sprint("offer ", i), To: "activity:pack"})
	}
	commit(k, send)
	var wg sync.WaitGroup
	won := make([][]string, takers)
	for taker := range takers {
		wg.Go(func() {
			for i := range offers {
				offer := fmt.Sprint("offer ", i)
				c := store.Change{Consume: []string{offer}, Send: []store.Message{{ID: fmt.Sprintf("%s taken by %d", offer, taker), To: "x"}}}
				refused, err := k.s.Commit(k.Context(), []store.Change{c})
				if assert.NoError(k, err) && refused == nil {
					won[taker] = append(won[taker], offer)
				}
			}
		})
	}
	wg.Wait()
	total := 0
	for _, w := range won {
		total += len(w)
	}
	assert.Equal(k, offers, total, "each offer is taken once")
	assert.Len(k, load(k, "x").Messages, offers, "and leads to one message")
}

func messages(k *storeKit) {
	release := created("idle", "a")
	release.Owner = ""
	commit(k, release, created("busy", "a"))
	a := store.Poll{Owner: "a", Lease: time.Hour, Now: start, Limit: 10}
	b := store.Poll{Owner: "b", Lease: time.Hour, Now: start, Limit: 10}
	assert.Empty(k, poll(k, a).Claimed)
	assert.Empty(k, poll(k, b).Claimed)

	rowsBefore := census(k)
	commit(k, store.Change{Send: []store.Message{{ID: "lost", To: "nobody"}}})
	assert.Equal(k, rowsBefore, census(k), "a message to an execution that is not there is not stored")

	commit(k, store.Change{Send: []store.Message{{ID: "1", To: "idle"}, {ID: "2", To: "busy"}}})
	commit(k, store.Change{Send: []store.Message{{ID: "1", To: "busy", Data: []byte("other")}}})
	found := poll(k, b)
	assert.Equal(k, []string{"idle"}, found.Claimed, "a message makes an execution without owner need one")
	assert.Equal(k, []string{"1"}, messageIDs(found.Messages), "messages to executions of the owner, those just claimed included")
	assert.Equal(k, []string{"2"}, messageIDs(poll(k, a).Messages), "sending an id that is there does nothing")
	assert.Equal(k, []string{"1"}, messageIDs(poll(k, b).Messages), "a message comes again until it is consumed")

	// Released with a message that is not consumed, the execution needs an owner still.
	give := step("idle", "b", 1)
	give.Owner, give.Due = "", start.Add(time.Hour)
	commit(k, give)
	assert.Equal(k, []string{"idle"}, poll(k, b).Claimed)
	give = step("idle", "b", 2)
	give.Owner, give.Consume = "", []string{"1"}
	commit(k, give)
	assert.Empty(k, poll(k, b).Claimed)
}

// messagesBetween sends messages in the changes that create executions and step them.
func messagesBetween(k *storeKit) {
	parent := created("parent", "a")
	parent.Owner = ""
	commit(k, parent)
	poll(k, store.Poll{Owner: "a", Lease: time.Hour, Now: start})
	child := created("child", "a")
	child.Send = []store.Message{{ID: "started", To: "parent", From: "child"}, {ID: "ended", To: "parent", From: "child"}}
	commit(k, child)
	found := poll(k, store.Poll{Owner: "b", Lease: time.Hour, Now: start, Limit: 10})
	assert.Equal(k, []string{"parent"}, found.Claimed)
	assert.Equal(k, []string{"started", "ended"}, messageIDs(found.Messages))

	child.Send = []store.Message{{ID: "started again", To: "parent"}}
	refuse(k, store.ErrExists, child)
	reply := step("parent", "a", 1) // b has it
	reply.Consume, reply.Send = []string{"started"}, []store.Message{{ID: "stop", To: "child"}}
	refuse(k, store.ErrConflict, reply)
	assert.Equal(k, []string{"started", "ended"}, messageIDs(load(k, "parent").Messages), "a refused change sends and consumes nothing")
	assert.Empty(k, load(k, "child").Messages)

	reply.By, reply.Owner = "b", "b"
	commit(k, reply)
	assert.Equal(k, []string{"ended"}, messageIDs(load(k, "parent").Messages))
	assert.Equal(k, []string{"stop"}, messageIDs(load(k, "child").Messages))
}

func queues(k *storeKit) {
	commit(k, created("x", "a"))
	var send store.Change
	for i := range 5 {
		send.Send = append(send.Send,
			store.Message{ID: fmt.Sprint("p", i), To: "activity:pack", From: "x"},
			store.Message{ID: fmt.Sprint("q", i), To: "activity:quote"},
			store.Message{ID: fmt.Sprint("x", i), To: "x"})
	}
	commit(k, send)
	p := store.Poll{Owner: "a", Lease: time.Hour, Now: start, Queues: []string{"activity:quote", "activity:none", "activity:pack"}}
	found := poll(k, p)
	require.Equal(k, []string{"x0", "x1", "x2", "x3", "x4", "q0", "q1", "q2", "q3", "q4", "p0", "p1", "p2", "p3", "p4"}, messageIDs(found.Messages))
	assert.False(k, found.More)
	assert.Equal(k, "activity:pack", found.Messages[10].To)
	p.Messages = 2
	found = poll(k, p)
	assert.Equal(k, []string{"x0", "x1", "q0", "q1", "p0", "p1"}, messageIDs(found.Messages))
	assert.True(k, found.More, "there are more messages to executions")
	p.Owner = "b"
	found = poll(k, p)
	assert.Equal(k, []string{"q0", "q1", "p0", "p1"}, messageIDs(found.Messages))
	assert.False(k, found.More, "messages of queues wait for somebody who wants them")
}

func deadProcess(k *storeKit) {
	a := store.Poll{Owner: "a", Lease: time.Hour, Now: start, Queues: []string{"process:a", "process:z"}}
	poll(k, a)
	before := census(k)
	commit(k, store.Change{Send: []store.Message{{ID: "alive", To: "process:a"}, {ID: "dead", To: "process:z"}}})
	assert.Equal(k, []string{"alive"}, messageIDs(poll(k, a).Messages))
	if before > 0 {
		assert.Equal(k, before+1, census(k), "messages to dead processes are deleted")
	}
	a.Lease = 0
	assert.Zero(k, poll(k, a), "nothing comes of giving everything back")
	a.Lease = time.Hour
	assert.Empty(k, poll(k, a).Messages)
}

func notify(k *storeKit) {
	notifier, ok := k.s.(store.Notifier)
	if !ok {
		k.Skip("the store is no Notifier")
	}
	commit(k, created("x", "a"))
	ctx, cancel := context.WithCancel(k.Context())
	defer cancel()
	first, second := notifier.Notify(ctx), notifier.Notify(ctx)
	for i := range 3 {
		commit(k, store.Change{Send: []store.Message{{ID: fmt.Sprint(i), To: "x"}}})
	}
	for _, channel := range []<-chan struct{}{first, second} {
		select {
		case <-channel:
		case <-time.After(time.Minute):
			k.Fatal("no value came although messages were stored")
		}
	}
}
