package storetest

import (
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// loadIsOneInstant loads an execution while it changes: all its parts are of one revision.
func loadIsOneInstant(k *storeKit) {
	const revisions = 200
	c := created("x", "a")
	stamp(&c)
	commit(k, c)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(done)
		for i := range int64(revisions) {
			c := step("x", "a", i+1)
			stamp(&c)
			refused, err := k.s.Commit(k.Context(), []store.Change{c})
			if !assert.NoError(k, err) || !assert.Nil(k, refused) {
				return
			}
		}
	})
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		checkStamp(k, load(k, "x"))
	}
	wg.Wait()
}

// stamp puts the revision into every row of a change.
func stamp(c *store.Change) {
	text := fmt.Appendf(nil, "revision %d", c.Revision)
	c.State = text
	c.Send = []store.Message{{ID: string(text), To: c.ID}}
	if c.From > 0 {
		c.Consume = []string{fmt.Sprintf("revision %d", c.From)}
	}
	for f := range interp.FrameID(4) {
		c.Frames = append(c.Frames, store.Row{Frame: f, Data: text})
		c.Values = append(c.Values, store.Row{Frame: f, Number: uint32(c.Revision), Data: text})
		if c.From > 0 {
			c.Dropped = append(c.Dropped, interp.ValueID{Frame: f, Number: uint32(c.From)})
		}
	}
}

// checkStamp holds the rows of an execution to be of its revision.
func checkStamp(k *storeKit, x *store.Stored) {
	k.Helper()
	want := fmt.Sprintf("revision %d", x.Revision)
	require.Equal(k, want, string(x.State))
	require.Equal(k, []string{want}, messageIDs(x.Messages))
	require.Len(k, x.Frames, 4)
	require.Len(k, x.Values, 4)
	for i := range x.Frames {
		require.Equal(k, want, string(x.Frames[i].Data))
		require.Equal(k, want, string(x.Values[i].Data))
	}
}

// randomChanges does the same to the store and to one in memory.
func randomChanges(k *storeKit) {
	seed := rand.Uint64()
	k.Logf("seed %d", seed)
	g := &changer{rng: rand.New(rand.NewPCG(seed, 0)), prefix: "x", revisions: make(map[string]int64)}
	model := &storeKit{TB: k.TB, s: store.Memory()}
	for range 300 {
		changes := g.batch()
		want, err := model.s.Commit(k.Context(), changes)
		require.NoError(k, err)
		refused, err := k.s.Commit(k.Context(), changes)
		require.NoError(k, err)
		require.Equal(k, fmt.Sprint(want), fmt.Sprint(refused))
		g.learn(changes, refused)
		if g.rng.IntN(4) == 0 {
			p := g.poll()
			require.Equal(k, showPolled(poll(model, p)), showPolled(poll(k, p)), "%+v", p)
		}
		if g.rng.IntN(20) == 0 {
			require.Equal(k, dump(model), dump(k))
		}
	}
	require.Equal(k, dump(model), dump(k))
}

// showPolled returns what a Poll found as lines.
func showPolled(p store.Polled) []string {
	line := fmt.Sprintf("claimed %q next %d more %t", p.Claimed, p.Next.UnixMilli(), p.More)
	return append([]string{line}, showMessages(p.Messages)...)
}

// randomChangesAtOnce lets 64 goroutines change their own executions, and each compares
// with a model of its own.
func randomChangesAtOnce(k *storeKit) {
	seed := rand.Uint64()
	k.Logf("seed %d", seed)
	var wg sync.WaitGroup
	models := make([]*store.MemoryStore, 64)
	for i := range models {
		models[i] = store.Memory()
		wg.Go(func() {
			g := &changer{rng: rand.New(rand.NewPCG(seed, uint64(i))), prefix: fmt.Sprintf("g%02d-", i), revisions: make(map[string]int64)}
			for range 6 {
				changes := g.batch()
				want, err := models[i].Commit(k.Context(), changes)
				assert.NoError(k, err)
				refused, err := k.s.Commit(k.Context(), changes)
				if !assert.NoError(k, err) || !assert.Equal(k, fmt.Sprint(want), fmt.Sprint(refused)) {
					return
				}
				g.learn(changes, refused)
			}
		})
	}
	wg.Wait()
	for _, m := range models {
		model := &storeKit{TB: k.TB, s: m}
		for _, id := range ids(model, store.Query{Limit: everything}) {
			require.Equal(k, showStored(load(model, id)), showStored(load(k, id)))
			require.Equal(k, show(get(model, id)), show(get(k, id)))
		}
	}
}
