package runtime

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

// Offers go to those who wait, in the order in which they came, and one that comes to
// somebody who leaves goes to the next.
func TestWorkers(t *testing.T) {
	const queue = "activity:sew"
	offer := func(id string) *store.Message { return &store.Message{ID: id, To: queue} }
	var w workers
	w.deal(offer("nobody has waited yet"))
	first, ask := w.wait(queue)
	require.True(t, ask, "the queue was never polled")
	second, _ := w.wait(queue)
	require.Equal(t, []string{queue}, w.wanted())
	w.polled(w.wanted(), time.Now())
	w.deal(offer("1"))
	w.deal(offer("1"))
	require.Equal(t, "1", (<-first).ID)
	require.Empty(t, second, "an offer is given once")
	w.deal(offer("2"))
	third, ask := w.wait(queue)
	require.False(t, ask, "it was polled just now")
	w.leave(queue, second)
	require.Equal(t, "2", (<-third).ID)
	require.False(t, w.any())

	w.deal(offer("3"))
	w.deal(offer("4"))
	fourth, ask := w.wait(queue)
	require.False(t, ask)
	require.Equal(t, "3", (<-fourth).ID, "it was remembered")
	w.polled([]string{queue}, time.Now())
	fifth, _ := w.wait(queue)
	require.Empty(t, fifth, "the Poll has not shown it again")
	w.deal(offer("5"))
	w.queues[queue].polled = time.Now().Add(-time.Hour)
	require.Empty(t, w.wanted())
	require.Empty(t, w.queues, "nobody has waited lately")
	w.leave(queue, fifth)
}

// How many offers are remembered is bounded.
func TestWorkersRememberLittle(t *testing.T) {
	var w workers
	waits, _ := w.wait("activity:sew")
	w.leave("activity:sew", waits)
	for range 2 * mostKnown {
		w.deal(&store.Message{ID: "offer", To: "activity:sew"})
	}
	require.Len(t, w.queues["activity:sew"].known, mostKnown)
}
