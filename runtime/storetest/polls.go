package storetest

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

// at returns the instant some seconds after the start.
func at(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// sleeper returns a Change that creates an execution which nobody owns.
func sleeper(id string, due time.Time) store.Change {
	c := created(id, "a")
	c.Owner, c.Due = "", due
	return c
}

func due(k *storeKit) {
	commit(k, sleeper("thirty", at(30)), sleeper("ten", at(10)), sleeper("never", time.Time{}), sleeper("twenty", at(20)), sleeper("early", time.UnixMilli(-5)))
	busy := created("busy", "a")
	busy.Due = at(1)
	commit(k, busy)
	poll(k, store.Poll{Owner: "a", Lease: time.Hour, Now: at(0)})

	p := store.Poll{Owner: "b", Lease: time.Hour, Now: at(10).Add(-time.Millisecond), Limit: 10}
	found := poll(k, p)
	assert.Equal(k, []string{"early"}, found.Claimed, "what is due is claimed, what is owned is not")
	assert.Equal(k, at(10), found.Next.UTC())
	assert.False(k, found.More)
	p.Now, p.Limit = at(20), 0
	found = poll(k, p)
	assert.Empty(k, found.Claimed)
	assert.True(k, found.More, "there is something to claim")
	assert.Equal(k, at(30), found.Next.UTC(), "Next is after Now")
	p.Limit = 1
	assert.Equal(k, []string{"ten"}, poll(k, p).Claimed, "earliest first")
	asks := p
	asks.Limit, asks.Held = 0, true
	found = poll(k, asks)
	assert.ElementsMatch(k, []string{"early", "ten"}, found.Held, "those that the owner had before")
	assert.Empty(k, found.Claimed)
	found = poll(k, p)
	assert.Empty(k, found.Held, "nobody asks for them")
	assert.Equal(k, []string{"twenty"}, found.Claimed)
	assert.False(k, found.More)
	p.Now = at(100)
	found = poll(k, p)
	assert.Equal(k, []string{"thirty"}, found.Claimed)
	assert.True(k, found.Next.IsZero())
	p.Limit = 10
	assert.Empty(k, poll(k, p).Claimed)

	again := step("ten", "b", 1)
	again.Owner, again.Due = "", at(200)
	commit(k, again)
	assert.Equal(k, at(200), poll(k, p).Next.UTC())
	again = step("ten", "b", 2) // a claim that is no Poll takes it out of those that are due
	commit(k, again)
	found = poll(k, p)
	assert.True(k, found.Next.IsZero())
}

// claims lets owners poll at once: each execution is given to one of them.
func claims(k *storeKit) {
	const n = 200
	var changes []store.Change
	for i := range n {
		changes = append(changes, sleeper(fmt.Sprintf("x%03d", i), at(i)))
	}
	commit(k, changes...)
	var wg sync.WaitGroup
	claimed := make([][]string, 4)
	for i := range claimed {
		wg.Go(func() {
			for {
				found, err := k.s.Poll(k.Context(), store.Poll{Owner: fmt.Sprint("owner ", i), Lease: time.Hour, Now: at(n), Limit: 7})
				if !assert.NoError(k, err) || len(found.Claimed) == 0 {
					return
				}
				claimed[i] = append(claimed[i], found.Claimed...)
			}
		})
	}
	wg.Wait()
	all := slices.Concat(claimed...)
	slices.Sort(all)
	require.Len(k, all, n)
	require.Len(k, slices.Compact(all), n, "no execution is given to two owners")
	for i, own := range claimed {
		for _, id := range own {
			assert.Equal(k, fmt.Sprint("owner ", i), load(k, id).Owner)
		}
	}
}

func lease(k *storeKit) {
	commit(k, created("x", "a"), created("y", "a"), sleeper("late", at(50)))
	a := store.Poll{Owner: "a", Lease: time.Hour, Now: start}
	b := store.Poll{Owner: "b", Lease: time.Hour, Now: start, Limit: 10}
	poll(k, a)
	found := poll(k, b)
	assert.Empty(k, found.Claimed, "the lease of a is not over")
	assert.Positive(k, found.Lapse, "and ends some time")
	assert.LessOrEqual(k, found.Lapse, time.Hour)

	a.Lease = time.Millisecond
	poll(k, a)
	a.Lease = time.Hour
	poll(k, a)
	assert.Empty(k, poll(k, b).Claimed, "the lease of a was renewed")

	a.Lease = time.Nanosecond
	poll(k, a)
	b.Limit = 1
	assert.Equal(k, []string{"x"}, waitForClaim(k, b), "the lease of a is over")
	assert.Zero(k, poll(k, store.Poll{Owner: "b", Lease: time.Hour, Now: start}).Lapse, "nobody else has a lease")
	b.Limit = 10
	assert.Equal(k, []string{"y"}, poll(k, b).Claimed)

	b.Lease, b.Now = 0, at(60)
	assert.Zero(k, poll(k, b))
	assert.Empty(k, load(k, "x").Owner, "a Lease of 0 gives everything back")
	c := store.Poll{Owner: "c", Lease: time.Hour, Now: at(60), Limit: 10}
	assert.Equal(k, []string{"late", "x", "y"}, poll(k, c).Claimed)
	commit(k, created("z", "unknown"))
	assert.Equal(k, []string{"z"}, poll(k, c).Claimed, "an owner that never polled has no lease")
}

// waitForClaim polls until something is claimed.
func waitForClaim(k *storeKit, p store.Poll) []string {
	k.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if found := poll(k, p); len(found.Claimed) > 0 {
			return found.Claimed
		}
	}
	k.Fatal("nothing is claimed")
	return nil
}

// pausedOwner commits after another has taken over.
func pausedOwner(k *storeKit) {
	commit(k, created("x", "a"))
	poll(k, store.Poll{Owner: "a", Lease: time.Nanosecond, Now: start})
	waitForClaim(k, store.Poll{Owner: "b", Lease: time.Hour, Now: start, Limit: 1})
	refuse(k, store.ErrConflict, step("x", "a", 1))
	commit(k, step("x", "b", 1))
	refuse(k, store.ErrConflict, step("x", "a", 2))
}

// twoProcesses does the same with a second store that another process would have.
func twoProcesses(k *storeKit) {
	other := k.second()
	commit(k, created("x", "a"), sleeper("y", start))
	poll(k, store.Poll{Owner: "a", Lease: time.Hour, Now: start})
	assert.Equal(k, int64(1), load(other, "x").Revision, "the other process sees what was committed")
	assert.Equal(k, []string{"y"}, poll(other, store.Poll{Owner: "b", Lease: time.Hour, Now: start, Limit: 9}).Claimed)
	refuse(k, store.ErrConflict, step("y", "a", 1))
	commit(other, step("y", "b", 1))
	assert.Equal(k, int64(2), load(k, "y").Revision)

	commit(other, store.Change{Send: []store.Message{{ID: "m", To: "x"}}})
	assert.Equal(k, []string{"m"}, messageIDs(poll(k, store.Poll{Owner: "a", Lease: time.Nanosecond, Now: start}).Messages))
	assert.Equal(k, []string{"x"}, waitForClaim(other, store.Poll{Owner: "b", Lease: time.Hour, Now: start, Limit: 9}))
	refuse(k, store.ErrConflict, step("x", "a", 1))
	refuse(other, store.ErrExists, created("x", "b"))
}
