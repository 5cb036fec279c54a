package runtime

import (
	"container/list"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// resident is an execution in the memory of an Engine. Messages wake it; then it has
// a turn: it tells the machine what came, steps it, commits, and follows what the
// Step says. At most one turn is under way, its commit included.
type resident struct {
	underway
	inbox   inbox
	engine  *Engine
	id      string
	program *Program
	record  store.Record // as it is stored, without Input and Output
	created *creation    // what the first Change has besides; nil: it is stored

	revision int64         // that is stored
	texts    history.Texts // of the events that are stored

	shown bool  // the user's code has seen it since it is in memory
	crew  *crew // of the Step that is under way; nil: it needs none

	elsewhere *elsewhere // nil: nobody else has anything to do with it

	files map[interp.MapRunID]*mapFiles // of its Map Runs that are being written

	size    int64         // in bytes, if it waits in memory because it is large; else 0
	place   *list.Element // in Engine.kept, whose lock guards it
	worked  time.Time     // when it last had something to do
	leaving atomic.Bool   // it waits in the store from now on, unless something comes

	mu     sync.Mutex
	active bool          // it is loaded, or a turn is under way
	again  bool          // something came meanwhile
	gone   bool          // it was given back to the store
	left   chan struct{} // closed when Evicted was called, if it is gone; nil: nobody calls it
	timer  alarm
}

// elsewhere knows what an execution has to do with others through the store.
type elsewhere struct {
	offers   map[interp.TaskID]bool   // tasks that are offered to workers. Some may have begun
	children map[interp.TaskID]string // the executions that tasks wait for
	unsent   []store.Message          // that go into the next Change

	parent   interp.Parent // who waits for this execution; zero: nobody
	unwanted bool          // the parent has stopped it
}

// abroad returns it, to be changed.
func (r *resident) abroad() *elsewhere {
	if r.elsewhere == nil {
		r.elsewhere = &elsewhere{offers: make(map[interp.TaskID]bool), children: make(map[interp.TaskID]string)}
	}
	return r.elsewhere
}

// creation is what the Change has that makes an execution exist.
type creation struct {
	record     store.Record
	definition []byte // nil: it is in the store
	by         *Task  // that starts the execution; nil: none does
}

// soon is how long a wait is that an execution spends in memory.
const soon = 2 * time.Second

// notify wakes the execution: a message has come, or an instant.
func (r *resident) notify() { r.wake(r.engine.work.do) }

// ended does so on the goroutine of a task, which has nothing else to do.
func (r *resident) ended() {
	r.wake(func(f func()) bool {
		f()
		return true
	})
}

// wake has a turn, by way of do, unless one is under way; then another follows.
func (r *resident) wake(do func(func()) bool) {
	f := r.turn
	r.mu.Lock()
	switch {
	case r.gone:
		f = r.forward
	case r.active:
		r.again, f = true, nil
	default:
		r.active = true
	}
	r.mu.Unlock()
	begun := f == nil || do(f)
	if !begun {
		r.mail.close() // the Engine is closed
	}
}

// forward takes mail that came after the execution had left memory to where it is.
// What a task returned is for nobody there, and what is in the store comes from there.
func (r *resident) forward() {
	r.hasLeft()
	for _, m := range r.mail.take(nil) {
		switch {
		case m.id != "":
			r.engine.post(r.id, look())
		case m.kind != returned && m.kind != written:
			r.engine.post(r.id, m)
		}
	}
}

// guard keeps a panic to the execution in which it happens: the last commit stands,
// and the execution is taken up again a while later.
func (r *resident) guard(replies []asked, f func()) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		r.engine.log("an execution panicked", "execution", r.id, "panic", value, "stack", string(debug.Stack()))
		answerAll(replies, fmt.Errorf("runtime: the execution %s panicked: %v", r.id, value))
		r.drop()
		r.engine.takeUp(r.id, time.Minute)
	}()
	f()
}

// startAll starts tasks, unless the Engine is being closed: whoever takes the
// execution up starts them.
func (r *resident) startAll(tasks []interp.StartTask) {
	if len(tasks) == 0 || r.engine.isClosing() {
		return
	}
	for i := range tasks {
		if !r.offersIt(tasks[i].Index) {
			r.start(&tasks[i])
		}
	}
	if r.noted {
		r.noted = false
		r.mu.Lock()
		r.again = true
		r.mu.Unlock()
	}
}

// next has another turn if something came meanwhile, or lets the execution wait, in
// memory or in the store.
func (r *resident) next(wake time.Time, released bool, due time.Time) {
	e := r.engine
	e.mu.Lock()
	r.mu.Lock()
	if r.again {
		r.mu.Unlock()
		e.mu.Unlock()
		e.work.do(r.turn)
		return
	}
	var leaving []*resident
	if r.size > 0 && !released {
		leaving, wake = e.kept.add(r), r.until(wake)
	}
	r.active = false
	if released {
		r.gone = true
		r.mayLeave()
	}
	r.mu.Unlock()
	e.mu.Unlock()
	switch {
	case released:
		r.showEvicted()
		e.leases.dueAt(due)
	case !wake.IsZero():
		r.wakeAt(wake)
	}
	for _, other := range leaving {
		other.leaving.Store(true)
		other.notify()
	}
}

// wakeAt plans a turn.
func (r *resident) wakeAt(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	wait := max(at.Sub(r.engine.now()), 0)
	if r.timer != nil {
		r.timer.Reset(wait)
		return
	}
	r.timer = r.engine.alarm(wait, func() {
		if r.engine.enter() == nil {
			r.notify()
			r.engine.work.leave()
		}
	})
}

// lose forgets the execution: another process has it, and nothing of the turn is stored.
func (r *resident) lose(replies []asked, why error) {
	answerAll(replies, fmt.Errorf("%w: %w", errRefused, why))
	r.engine.logAt(slog.LevelInfo, "an execution is lost to another process, or was there before", "execution", r.id, "error", why)
	r.drop()
	r.engine.leases.doubt() // it may have been refused for another reason
}

// drop takes the execution out of memory, and ends the contexts of its tasks. Mail that
// has come meanwhile goes to where the execution is.
func (r *resident) drop() {
	e := r.engine
	for _, cancel := range r.running {
		cancel(ErrLost)
	}
	for run := range r.files {
		r.closeFiles(run)
	}
	e.mu.Lock()
	r.mu.Lock()
	r.gone, r.active = true, false
	r.mayLeave()
	if r.timer != nil {
		r.timer.Stop()
	}
	r.mu.Unlock()
	e.mu.Unlock()
	r.showEvicted()
	if r.mail.any() {
		e.work.do(r.forward)
	}
}

// equip gives the execution what its tasks need besides those who perform them.
func (r *resident) equip() {
	e := r.engine
	r.underway.execution, r.underway.tokens, r.underway.logger = r.id, true, e.config.Logger
	r.underway.ctx, r.underway.admit = e.ctx, e.slots.admit
	if e.config.Clock != nil {
		r.underway.admit, r.underway.ending = e.admitVirtually, e.config.Clock.ending
		r.underway.ctx = context.WithValue(e.ctx, ofTask{}, true)
	}
	r.underway.begin = func(run func()) { e.work.do(run) } // it never refuses: a turn is under way
	r.mail.tokens = r.x
}

// machine says how the execution runs. Children of the type EXPRESS have no history.
func (r *resident) machine(express bool) interp.Config {
	c := interp.Config{
		Limits: r.engine.config.Limits, History: !express, Children: true, Inline: inlineValues, Sparing: true, Each: r.each, Interrupted: r.interrupted,
		ScaleWait: inMillis(r.engine.config.ScaleWait),
	}
	if reach := r.engine.config.Reach; reach != nil {
		c.Reach = func(point int, visit int64) { reach(r.id, point, visit) }
	}
	if slices.ContainsFunc(r.performers, isOffered) {
		c.Parks = r.offersIt
		if exists := r.engine.config.Activity; exists != nil {
			c.Missing = func(activity string) bool {
				missing := false
				r.engine.call("Activity", func() {
					yes, err := exists(r.engine.ctx, activity)
					missing = err == nil && !yes
				})
				return missing
			}
		}
	}
	return c
}

// advance has the machine make its next Step.
func (r *resident) advance() interp.Ready {
	ready := r.x.Step(r.engine.now())
	if r.crew != nil {
		r.crew.close()
		r.crew = nil
	}
	return ready
}

// each works out the turns of many strands side by side, for which a Step gets a crew.
func (r *resident) each(n int, f func(int)) {
	if r.crew == nil {
		r.crew = new(crew)
	}
	r.crew.each(n, f)
}

// interrupted ends a Step early: the execution is to be stopped, its time is up, or the Engine
// is being closed. What the Step has done until then stands.
func (r *resident) interrupted() bool {
	if r.mail.stops.Load() > 0 || r.engine.ctx.Err() != nil {
		return true
	}
	deadline := r.x.Deadline()
	return !deadline.IsZero() && !r.engine.now().Before(deadline)
}

// inlineValues is up to how many bytes a value is stored in its frame.
const inlineValues = 1024
