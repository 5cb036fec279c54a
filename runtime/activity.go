package runtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// ActivityTask is a task of an activity that a worker has got from
// [Engine.PollActivity].
type ActivityTask struct {
	Token string          // for SucceedTask, FailTask and HeartbeatTask
	Input jsonvalue.Value // of the task
}

// offered stands for the workers of an activity: a task that it performs is offered to
// them by a message.
type offered struct{}

var errOffered = errors.New("runtime: the task is for the workers of an activity")

// InvokeTask is never called.
func (offered) InvokeTask(context.Context, *Task) (jsonvalue.Value, error) {
	return jsonvalue.Value{}, errOffered
}

// offerPrefix begins the ids of offers. The rest is the ID of the task.
const offerPrefix = "offer:"

func isOffered(performer TaskInvoker) bool {
	_, yes := performer.(offered)
	return yes
}

// offersIt reports whether a task, by its index in the program, is offered to workers.
func (r *resident) offersIt(index int) bool { return isOffered(r.performers[index]) }

// offer returns the message that offers a task to the workers of its activity.
func (r *resident) offer(s *interp.StartTask) store.Message {
	r.abroad().offers[s.ID] = true
	return store.Message{ID: r.offerID(s.ID), To: store.ActivityQueue + s.Task.Resource.Text, From: r.id, Kind: "offer", Task: s.ID}
}

func (r *resident) offerID(id interp.TaskID) string { return offerPrefix + taskID(r.id, id) }

// give notes that a worker has taken the offer of a task, and returns what it gets.
func (r *resident) give(m *message) given {
	s, ok := r.x.Task(m.task)
	if !ok || !r.x.Started(m.task, m.worker) {
		return given{err: ErrTaskOver}
	}
	delete(r.abroad().offers, m.task)
	return given{task: &ActivityTask{Token: r.x.Token(m.task), Input: s.Input}}
}

// withdraw deletes the offer of a task that is over, unless a worker has taken it. An offer
// that stays because the process dies here does no harm: whoever takes it is told that the
// task is over.
func (r *resident) withdraw(id interp.TaskID) {
	if r.elsewhere == nil || !r.elsewhere.offers[id] {
		return
	}
	delete(r.elsewhere.offers, id)
	r.engine.commit(store.Change{By: r.engine.config.Name, Consume: []string{r.offerID(id)}}, func(_, err error) {
		if err != nil {
			r.engine.log("an offer cannot be deleted", "execution", r.id, "task", id, "error", err)
		}
	})
}

// PollActivity waits until a task of an activity is there for a worker, and returns it. The
// history gets the name of the worker, and the clocks of the task (TimeoutSeconds,
// HeartbeatSeconds) begin. Only one worker gets a task, whatever process it is in. If that
// worker dies, the clocks end the task; a task without clocks waits for ever, as on AWS.
//
// If ctx ends first, PollActivity returns its cause. If it ends while a task is handed out,
// PollActivity waits a moment longer for the task.
func (e *Engine) PollActivity(ctx context.Context, activity, worker string) (*ActivityTask, error) {
	if e.isClosing() || !e.work.begin() {
		return nil, ErrClosed
	}
	defer e.work.end()
	queue := store.ActivityQueue + activity
	for ctx.Err() == nil {
		offer, look := e.workers.wait(queue)
		if look {
			e.leases.hint()
		}
		select {
		case m := <-offer:
			g := e.takeOffer(ctx, m, worker)
			e.workers.done(m)
			if g.task != nil || g.err != nil && !errors.Is(g.err, ErrTaskOver) {
				return g.task, g.err
			}
		case <-ctx.Done():
			e.workers.leave(queue, offer)
		case <-e.ctx.Done():
			e.workers.leave(queue, offer)
			return nil, ErrClosed
		}
	}
	return nil, context.Cause(ctx)
}

// handOver is how long a worker waits for a task that it has taken, after its context has
// ended.
const handOver = 2 * time.Second

// takeOffer takes an offer and asks its execution for the task. The error is ErrTaskOver if
// another worker was quicker, or the task is over.
func (e *Engine) takeOffer(ctx context.Context, offer *store.Message, worker string) given {
	got := make(chan given, 1)
	sent, err := e.register(offer.From, &message{kind: begun, task: offer.Task, worker: worker}, func(g given) { got <- g })
	if err != nil {
		return given{err: err}
	}
	take := store.Change{By: e.config.Name, Consume: []string{offer.ID}, Send: []store.Message{sent}}
	e.commit(take, func(refused, err error) {
		switch {
		case refused != nil:
			e.asks.reply(sent.ID, given{err: ErrTaskOver})
		case err == nil:
			e.deliver(take.Send, 0)
		default:
			e.work.do(func() { e.takeAgain(&take) })
		}
	})
	select {
	case g := <-got:
		return g.overIfLost()
	case <-ctx.Done():
	}
	select {
	case g := <-got:
		return g.overIfLost()
	case <-time.After(handOver):
		e.asks.drop(sent.ID)
		return given{err: context.Cause(ctx)}
	}
}

// takeAgain takes an offer of which it is not known whether it was taken. If the change is
// refused now, it was, by this worker or another: then the execution replies, or lookForAsks
// finds that it will not.
func (e *Engine) takeAgain(take *store.Change) {
	for pause := 10 * time.Millisecond; !e.isClosing(); pause = min(2*pause, time.Minute) {
		refused, err := e.commits.alone(take)
		switch {
		case err == nil && refused == nil:
			e.deliver(take.Send, 0)
			return
		case err == nil:
			e.leases.hint() // a Poll shows the message if it is stored
			return
		}
		e.log("an offer cannot be taken", "offer", take.Consume[0], "error", err)
		e.sleep(pause)
	}
}

// overIfLost takes an execution that was deleted, and a reply that was lost, for the end of
// the task.
func (g given) overIfLost() given {
	if errors.Is(g.err, ErrLost) || errors.Is(g.err, store.ErrNotFound) {
		g.err = ErrTaskOver
	}
	return g
}

// workers are those who wait in this process for tasks of activities.
type workers struct {
	mu     sync.Mutex
	queues map[string]*workersQueue
	dealt  map[string]bool // ids of offers that somebody here is about to take
}

// workersQueue is a queue for which somebody has waited lately.
type workersQueue struct {
	waiting []chan *store.Message // in the order in which they came; each gets one offer
	known   []knownOffer          // that nobody here has got, the oldest first
	drained bool                  // all that the last Poll has shown are gone: there may be more
	polled  time.Time             // when the last Poll began
}

// knownOffer is an offer that a Poll has shown, or that this process has made.
type knownOffer struct {
	*store.Message
	since time.Time
}

// mostKnown is how many offers of a queue are remembered. A Poll shows the others.
const mostKnown = 1000

// wait returns where the next offer of a queue comes, and whether the store is to be asked
// for one.
func (w *workers) wait(queue string) (offer chan *store.Message, ask bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queues[queue]
	if q == nil {
		if w.queues == nil {
			w.queues, w.dealt = make(map[string]*workersQueue), make(map[string]bool)
		}
		q = new(workersQueue)
		w.queues[queue] = q
	}
	offer = make(chan *store.Message, 1)
	q.waiting = append(q.waiting, offer)
	for len(q.known) > 0 && len(q.waiting) > 0 {
		next := q.known[0]
		q.known, q.drained = q.known[1:], len(q.known) == 1
		w.give(q, next.Message)
	}
	return offer, len(q.waiting) > 0 && (q.drained || time.Since(q.polled) > workPause)
}

// deal gives an offer to the one who has waited longest. If nobody waits, it is remembered
// until the next Poll.
func (w *workers) deal(m *store.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.queues[m.To]
	switch {
	case q == nil:
	case len(q.waiting) > 0:
		w.give(q, m)
	case len(q.known) < mostKnown:
		q.known = append(q.known, knownOffer{m, time.Now()})
	default:
		q.drained = true
	}
}

// give does so, unless the offer was given already. The lock is held, and somebody waits.
func (w *workers) give(q *workersQueue, m *store.Message) {
	if w.dealt[m.ID] {
		return
	}
	w.dealt[m.ID] = true
	q.waiting[0] <- m
	q.waiting = q.waiting[1:]
}

// done notes that an offer was taken, or could not be.
func (w *workers) done(m *store.Message) {
	w.mu.Lock()
	delete(w.dealt, m.ID)
	w.mu.Unlock()
}

// leave ends the waiting. An offer that has come meanwhile is for another.
func (w *workers) leave(queue string, offer chan *store.Message) {
	w.mu.Lock()
	if q := w.queues[queue]; q != nil { // it may be forgotten if the offer has come
		q.waiting = slices.DeleteFunc(q.waiting, func(other chan *store.Message) bool { return other == offer })
	}
	w.mu.Unlock()
	select {
	case m := <-offer:
		w.done(m)
		w.deal(m)
	default:
	}
}

// wanted returns the queues for which somebody waits, in order, before a Poll. It forgets
// those for which nobody has waited lately.
func (w *workers) wanted() (queues []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, q := range w.queues {
		switch {
		case len(q.waiting) > 0:
			queues = append(queues, name)
		case time.Since(q.polled) > workPause:
			delete(w.queues, name)
		}
	}
	slices.Sort(queues)
	return queues
}

// polled notes that a Poll has answered: what was known when it began it shows again, if
// it is there.
func (w *workers) polled(queues []string, began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range queues {
		if q := w.queues[name]; q != nil {
			q.known = slices.DeleteFunc(q.known, func(k knownOffer) bool { return k.since.Before(began) })
			q.drained, q.polled = false, began
		}
	}
}

// any reports whether somebody waits.
func (w *workers) any() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, q := range w.queues {
		if len(q.waiting) > 0 {
			return true
		}
	}
	return false
}
