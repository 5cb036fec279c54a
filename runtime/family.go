package runtime

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/mapresults"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// family drives the children of the distributed Map states of an execution, and the children
// of those, on the goroutine of its driver. What is due at one instant is done in the order in
// which the children began, so that with a VirtualClock two runs are alike.
type family struct {
	driver *driver
	root   kin
	maps   map[string]*asl.Map // the distributed Map states, by name
	born   int64
	alive  map[*child]bool
	due    []*child // have something to do
	wakes  wakes

	mu      sync.Mutex
	mail    []*child // somebody has reported to them
	answers []answer // what has come of errands
	errands sync.WaitGroup
}

// kin is an execution that may have children.
type kin struct {
	x     *interp.Execution
	child *child // nil: it is the execution that Run was asked for
	runs  map[interp.MapRunID]*childRun
}

// child is an execution that a Map Run has started.
type child struct {
	underway
	kin
	family *family
	run    *childRun
	start  interp.StartChild
	number int64
	began  time.Time
	wake   time.Time // when it is to have a turn; zero: when it is told
	queued bool      // it is in family.due
	posted bool      // it is in family.mail; guarded by family.mu
	ready  interp.Ready
}

func newFamily(d *driver) *family {
	f := &family{driver: d, root: kin{x: d.x}, maps: make(map[string]*asl.Map), alive: make(map[*child]bool)}
	for _, m := range d.program.Distributed() {
		f.maps[m.Name] = m
	}
	return f
}

// act does what the Map Runs of an execution want.
func (f *family) act(of *kin, m *interp.Mapping) error {
	if m == nil {
		return nil
	}
	for _, s := range m.Stop {
		f.stop(of, s.Run)
	}
	for i := range m.Children {
		if err := f.begin(of, &m.Children[i]); err != nil {
			return err
		}
	}
	for _, r := range m.Read {
		f.read(of, r)
	}
	for _, w := range m.Write {
		f.write(of, w)
	}
	for _, c := range m.Collect {
		f.collect(of, c)
	}
	for _, id := range m.Ended {
		f.run(of, id).close()
		delete(of.runs, id)
	}
	return nil
}

// run returns what is known of a Map Run.
func (f *family) run(of *kin, id interp.MapRunID) *childRun {
	r := of.runs[id]
	if r == nil {
		if of.runs == nil {
			of.runs = make(map[interp.MapRunID]*childRun)
		}
		r = f.newRun(of, id)
		of.runs[id] = r
	}
	return r
}

// begin begins a child.
func (f *family) begin(of *kin, s *interp.StartChild) error {
	d, run := f.driver, f.run(of, s.Run)
	run.transformation = transformation(f.maps[s.Header.Parent.Map])
	if s.Pending && run.writer == nil {
		return nil
	}
	if s.Pending {
		run.add(&mapresults.Child{Index: s.Index, Pending: true, Input: s.Input})
		return nil
	}
	c := &child{family: f, run: run, start: *s, number: f.born, began: d.Now(), queued: true}
	c.start.Input = jsonvalue.Value{} // its execution has it
	f.born++
	c.underway = underway{
		performers: d.performers, execution: s.Header.Execution, tokens: d.tokens, workers: d.workers,
		clock: d.clock, enter: d.enter, logger: d.logger, ctx: d.ctx,
	}
	config := interp.Config{
		Limits: d.runner.Limits, History: d.runner.Observe != nil && !s.Header.Parent.Express, Forget: true, Loose: true, Reach: d.runner.reach(s.Header.Execution),
		Children: true, Interrupted: d.interrupted, ScaleWait: inMillis(d.runner.ScaleWait),
	}
	c.underway.x = d.program.New(s.Header, config)
	c.kin = kin{x: c.underway.x, child: c}
	c.mail.driver, c.mail.tokens = c, c.underway.x
	if callbacks := d.runner.Callbacks; callbacks != nil {
		if err := callbacks.register(c.execution, &c.mail); err != nil {
			return err
		}
	}
	c.underway.x.Begin(s.Input)
	run.children[s.Index] = c
	f.alive[c] = true
	f.due = append(f.due, c)
	return nil
}

// stop aborts the children of a Map Run.
func (f *family) stop(of *kin, id interp.MapRunID) {
	run := f.run(of, id)
	for _, index := range sortedKeys(run.children) {
		c := run.children[index]
		c.underway.x.Abort("", fmt.Sprintf("The map run execution [%s] which was managing this resource was aborted", c.start.Header.MapRun))
		f.turn(c)
	}
}

func sortedKeys[V any](m map[int64]V) []int64 {
	keys := make([]int64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// told makes an execution have a turn: its machine was told something.
func (f *family) told(k *kin) {
	if k.child == nil {
		f.driver.noted = true
		return
	}
	f.turn(k.child)
}

// turn puts a child into the list of those that have something to do.
func (f *family) turn(c *child) {
	if !c.queued && f.alive[c] {
		c.queued = true
		f.due = append(f.due, c)
	}
}

// settle gives turns to children until nobody has anything to do at this instant, or the
// execution at the root has.
func (f *family) settle() error {
	for {
		f.gatherDue()
		if len(f.due) == 0 || f.driver.noted {
			return nil
		}
		if err := f.round(); err != nil {
			return err
		}
	}
}

// gatherMail lets those have turns to whom somebody has reported. With a VirtualClock all tasks
// rest then: which of them have reported is no chance.
func (f *family) gatherMail() {
	f.mu.Lock()
	mail := f.mail
	f.mail = nil
	for _, c := range mail {
		c.posted = false
	}
	f.mu.Unlock()
	f.gatherAnswers()
	for _, c := range mail {
		if f.alive[c] {
			c.deliver()
			f.turn(c)
		}
	}
}

// gatherDue does so with those whose time has come.
func (f *family) gatherDue() {
	now := f.driver.Now()
	for c := f.wakes.next(); c != nil && !c.wake.After(now); c = f.wakes.next() {
		heap.Pop(&f.wakes)
		c.wake = time.Time{}
		f.turn(c)
	}
}

// round gives all that have something to do a turn: their machines side by side, then what
// follows in the order of their beginnings.
func (f *family) round() error {
	due := f.due
	f.due = nil
	slices.SortFunc(due, func(a, b *child) int { return cmp.Compare(a.number, b.number) })
	now := f.driver.Now()
	step := func(i int) { due[i].ready = due[i].underway.x.Step(now) }
	if each := f.driver.each; each != nil {
		each(len(due), step)
	} else {
		for i := range due {
			step(i)
		}
	}
	for _, c := range due {
		c.queued = false
		if err := f.follow(c); err != nil {
			return err
		}
	}
	return nil
}

// follow does what the Step of a child says.
func (f *family) follow(c *child) error {
	ready := c.ready
	c.ready = interp.Ready{}
	for i := range ready.History {
		f.driver.runner.Observe(ready.History[i])
	}
	if err := f.act(&c.kin, ready.Mapping); err != nil {
		return err
	}
	if ready.Outcome != nil {
		f.over(c, ready.Outcome)
		return nil
	}
	c.forget()
	for _, id := range ready.Cancel {
		c.cancel(id)
	}
	for i := range ready.Start {
		c.underway.start(&ready.Start[i])
	}
	if c.noted {
		c.noted = false
		f.turn(c)
	}
	c.underway.x.Rest()
	if c.wake = ready.Wake; !c.wake.IsZero() {
		heap.Push(&f.wakes, wakeOf{c.wake, c})
	}
	return nil
}

// over ends a child, and tells its parent.
func (f *family) over(c *child, o *interp.Outcome) {
	f.forsake(c)
	run, start := c.run, &c.start
	delete(run.children, start.Index)
	end := interp.ChildEnd{Run: run.id, Status: o.Status, Items: start.Items}
	result := mapresults.Child{
		Index: start.Index, Input: c.underway.x.Input(), Identity: start.Header.Identity, Express: start.Header.Parent.Express,
		Status: o.Status, Output: o.Output, Failure: o.ErrorInfo, Began: c.began, Ended: f.driver.Now(),
	}
	switch {
	case run.writer != nil:
		run.add(&result)
	case o.Status == interp.Succeeded:
		end.Size = run.keep(&result, payloadOf(f.driver.runner.Limits))
	}
	if run.of.x.ChildDone(end) {
		f.told(run.of)
	}
	f.finish(run)
}

// payloadOf returns the limit of what leaves a state.
func payloadOf(l Limits) int {
	switch {
	case l.Payload < 0:
		return int(^uint(0) >> 1)
	case l.Payload == 0:
		return 262144
	}
	return l.Payload
}

// forsake ends what a child has under way.
func (f *family) forsake(c *child) {
	delete(f.alive, c)
	c.wake = time.Time{}
	c.underway.close()
	if callbacks := f.driver.runner.Callbacks; callbacks != nil {
		callbacks.unregister(c.execution)
	}
	for _, run := range c.runs {
		run.close()
		for _, own := range run.children {
			f.forsake(own)
		}
	}
}

// close ends all children, and waits until no object is open.
func (f *family) close() {
	for c := range f.alive {
		f.forsake(c)
	}
	for _, run := range f.root.runs {
		run.close()
	}
	f.errands.Wait()
}

// wake returns the earlier of an instant and that at which a child is due; zero is never.
func (f *family) wake(at time.Time) time.Time {
	if c := f.wakes.next(); c != nil && (at.IsZero() || c.wake.Before(at)) {
		return c.wake
	}
	return at
}

// hasMail reports whether somebody has reported to a child, or an errand is done.
func (f *family) hasMail() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.mail)+len(f.answers) > 0
}

// notify implements listener.
func (c *child) notify() {
	f := c.family
	f.mu.Lock()
	if !c.posted {
		c.posted = true
		f.mail = append(f.mail, c)
	}
	f.mu.Unlock()
	f.driver.notify()
}

// ended implements listener.
func (c *child) ended() { c.notify() }

// wakes holds children that are due at an instant, the earliest first. An entry whose child
// is due at another instant by now is skipped.
type wakes []wakeOf

type wakeOf struct {
	at    time.Time
	child *child
}

func (w wakes) Len() int { return len(w) }
func (w wakes) Less(i, j int) bool {
	if !w[i].at.Equal(w[j].at) {
		return w[i].at.Before(w[j].at)
	}
	return w[i].child.number < w[j].child.number
}
func (w wakes) Swap(i, j int) { w[i], w[j] = w[j], w[i] }

// Push implements heap.Interface.
func (w *wakes) Push(e any) { *w = append(*w, e.(wakeOf)) }

// Pop implements heap.Interface.
func (w *wakes) Pop() any {
	last := len(*w) - 1
	e := (*w)[last]
	(*w)[last] = wakeOf{}
	*w = (*w)[:last]
	return e
}

// next returns the child that is due first; nil: none is due.
func (w *wakes) next() *child {
	for len(*w) > 0 && !(*w)[0].at.Equal((*w)[0].child.wake) {
		heap.Pop(w)
	}
	if len(*w) == 0 {
		return nil
	}
	return (*w)[0].child
}

// end ends the children of an execution that is over, in the history as well.
func (f *family) end(m *interp.Mapping) error {
	if err := f.act(&f.root, m); err != nil || m == nil {
		return err
	}
	return f.round()
}
