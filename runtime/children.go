package runtime

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/statemill/statemill/internal/dataset"
	"github.com/statemill/statemill/internal/mapresults"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// beginChildren makes the children that a Step begins. Each has its first turn with that of its parent,
// and one commit stores both: a child is there if and only if its parent counts it.
func (t *turn) beginChildren() {
	m := t.ready.Mapping
	if m == nil {
		return
	}
	for i := range m.Children {
		if s := &m.Children[i]; !s.Pending {
			t.beginChild(s)
		}
	}
}

func (t *turn) beginChild(s *interp.StartChild) {
	child := t.r.newChild(s)
	e := child.engine
	e.mu.Lock()
	e.resident[child.id] = child
	e.mu.Unlock()
	first := turns.Get().(*turn)
	first.r, first.to = child, first
	first.ready = child.advance()
	first.prepare()
	own := first.change.Children // they stand beside it
	first.change.Children = nil
	t.change.Children = append(append(t.change.Children, first.change), own...)
	t.born = append(append(t.born, first), first.born...)
	first.born = nil
}

// newChild makes a child of a Map Run.
func (r *resident) newChild(s *interp.StartChild) *resident {
	e := r.engine
	child := &resident{engine: e, id: s.Header.Execution, program: r.program, active: true}
	child.mail.driver, child.performers = child, r.performers
	child.record = store.Record{
		Identity: s.Header.Identity, Status: interp.Running, Definition: r.program.Hash(), InputHash: sha256.Sum256(s.Input.AppendJSON(nil)),
		Input: s.Input, Start: e.now(), Meta: r.record.Meta, Parent: r.id, Item: s.Index, ParentRedrives: s.Redrives,
	}
	child.abroad().parent = s.Header.Parent
	child.x = r.program.New(s.Header, child.machine(s.Header.Parent.Express))
	child.x.Begin(s.Input)
	child.created = &creation{record: child.record}
	child.equip()
	return child
}

// followChildren does what the first turns of the children say, which are stored.
func (t *turn) followChildren() {
	born := t.born
	t.born = nil
	for _, first := range born {
		first.r.guard(nil, first.follow)
	}
}

// dropChildren forgets the children that a turn has begun, because it may not be stored. If it is,
// a Poll finds them.
func (t *turn) dropChildren() {
	for _, first := range t.born {
		first.r.drop()
	}
	if t.born = nil; t.change.Children != nil {
		t.r.engine.leases.doubt()
	}
}

// childLetter returns the message of the last commit of a child.
func (r *resident) childLetter(record *store.Record, again bool) store.Message {
	parent := &r.elsewhere.parent
	run, err := interp.ParseMapRunID(parent.Run)
	if err != nil {
		panic(err) // the machine has named it
	}
	size := 0
	if record.Status == interp.Succeeded {
		size = r.resultSize(record)
	}
	m := message{kind: childOver, task: interp.TaskID{Frame: run.Frame, Attempt: run.Number}, name: string(record.Status),
		output: jsonvalue.Array(jsonvalue.Int(parent.Items), jsonvalue.Int(int64(size)), jsonvalue.Bool(again))}
	return m.stored(fmt.Sprintf("child:%s:%d", r.id, record.Redrives), parent.Execution, r.id)
}

// resultSize returns how many bytes a child that succeeded adds to the results of its Map Run, if those do not go
// to objects.
func (r *resident) resultSize(record *store.Record) int {
	for _, m := range r.program.Distributed() {
		if m.Name == r.elsewhere.parent.Map && !writesObjects(m) {
			c := childOf(record, m.Express)
			c.Input = r.x.Input()
			return c.Size(transformation(m))
		}
	}
	return 0
}

// childOf returns what a child contributes to the results of its Map Run.
func childOf(r *store.Record, express bool) *mapresults.Child {
	return &mapresults.Child{
		Index: r.Item, Input: r.Input, Identity: r.Identity, Express: express, Status: r.Status, Output: r.Output,
		Failure: r.ErrorInfo, Began: r.Start, Ended: r.Stop, Redrives: r.Redrives, RedriveAt: r.Redriven,
	}
}

// takeRedrive goes on with an execution. A child that cannot, because it had ended before it was to
// be stopped, tells its parent so.
func (r *resident) takeRedrive(m *message) (taken bool) {
	taken = r.note(m)
	x := r.elsewhere
	if x == nil || x.parent.Run == "" || m.from != x.parent.Execution {
		return taken
	}
	if n, _ := m.output.AsInt64(); taken {
		r.record.ParentRedrives = int(n)
	}
	if x.unwanted = false; !taken {
		letter := r.childLetter(&r.record, true)
		letter.ID += ":" + m.id
		x.unsent = append(x.unsent, letter)
	}
	return taken
}

// takeChild counts a child that is over.
func (r *resident) takeChild(m *message) (taken bool) {
	items, _ := m.output.Index(0)
	size, _ := m.output.Index(1)
	end := interp.ChildEnd{Run: runOf(m.task), Status: interp.Status(m.name)}
	end.Items, _ = items.AsInt64()
	bytes, _ := size.AsInt64()
	end.Size = int(bytes)
	again, _ := m.output.Index(2)
	end.Redriven, _ = again.AsBool()
	return r.x.ChildDone(end)
}

// runOf returns the Map Run that a message is about.
func runOf(id interp.TaskID) interp.MapRunID {
	return interp.MapRunID{Frame: id.Frame, Number: id.Attempt}
}

// askStore finds the children of Map Runs that are to end or to be redriven, and goes on with the
// turn.
func (t *turn) askStore() {
	letters, err := t.childLetters()
	if err != nil {
		answerAll(t.replies, err)
		t.r.drop()
		return
	}
	t.letter = letters
	t.commitStep()
}

// childLetters returns the messages that stop the running children of Map Runs, and those that
// redrive others.
func (t *turn) childLetters() (send []store.Message, err error) {
	r, e := t.r, t.r.engine
	for _, stop := range t.ready.Mapping.Stop {
		q := store.Query{MapRun: stop.ARN, Status: interp.Running}
		err := e.eachChild(e.commits.ctx, q, func(child *store.Record) error {
			send = append(send, r.stopChildLetter(child.Execution, stop.ARN))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, again := range t.ready.Mapping.Redrive {
		letters, err := r.redriveLetters(again)
		if err != nil {
			return nil, err
		}
		send = append(send, letters...)
	}
	return send, nil
}

// redriveLetters returns the messages to the children that are redriven, and the one that tells
// the execution itself which those are. One that still runs is about to be stopped.
func (r *resident) redriveLetters(again interp.RedriveChildren) (send []store.Message, err error) {
	next, full := again.From, errors.New("enough")
	err = r.engine.eachChild(r.engine.commits.ctx, store.Query{MapRun: again.ARN}, func(child *store.Record) error {
		switch {
		case child.Item < again.From || child.Status == interp.Succeeded:
			return nil
		case int64(len(send)) == again.N:
			return full
		}
		m := message{kind: redriven, output: jsonvalue.Int(int64(again.Redrives))}
		send = append(send, m.stored(fmt.Sprintf("redrive:%s:%d", child.Execution, again.Redrives), child.Execution, r.id))
		next = child.Item + 1
		return nil
	})
	if err != nil && err != full {
		return nil, err
	}
	told := message{kind: childrenRedriven, task: interp.TaskID{Frame: again.Run.Frame, Attempt: again.Run.Number},
		output: jsonvalue.Array(jsonvalue.Int(next), jsonvalue.Int(again.N-int64(len(send))))}
	return append(send, told.stored(fmt.Sprintf("redriven:%s:%s:%d:%d", r.id, again.Run, again.Redrives, again.From), r.id, r.id)), nil
}

func (r *resident) stopChildLetter(child, run string) store.Message {
	m := message{kind: aborted, cause: "The map run execution [" + run + "] which was managing this resource was aborted"}
	return m.stored("stop:"+child, child, r.id)
}

// eachChild calls f with the children of a Map Run that a Query asks for, in the order of their
// indices. The store may be away for a while.
func (e *Engine) eachChild(ctx context.Context, q store.Query, f func(*store.Record) error) error {
	return eachRecord(q, f, func(q store.Query) (page []store.Record, err error) {
		err = e.insist(ctx, "the children of a Map Run cannot be listed", q.MapRun, func() (err error) {
			page, err = e.store.List(ctx, q)
			return err
		})
		return page, err
	})
}

// eachRecord calls f with the records that a Query asks for, the oldest first.
func eachRecord(q store.Query, f func(*store.Record) error, list func(store.Query) ([]store.Record, error)) error {
	q.Oldest, q.Limit = true, cmp.Or(q.Limit, store.PageSize)
	for {
		page, err := list(q)
		if err != nil {
			return err
		}
		for i := range page {
			if err := f(&page[i]); err != nil {
				return err
			}
		}
		if len(page) < q.Limit {
			return nil
		}
		q.After = page[len(page)-1].Execution
	}
}

// dataPage is how many records with Input and Output are read at a time: each may have half a megabyte.
const dataPage = 100

// insist does what needs the store until it is done: the store may be away for a while. The error is
// ErrClosed, or that of ctx.
func (e *Engine) insist(ctx context.Context, trouble, about string, do func() error) error {
	for pause := 10 * time.Millisecond; ; pause = min(2*pause, time.Minute) {
		err := do()
		if err == nil || ctx.Err() != nil {
			return err
		}
		e.log(trouble, "about", about, "error", err)
		if e.sleep(pause); e.isClosing() {
			return ErrClosed
		}
	}
}

// serve does what the Map Runs want that is not part of the commit.
func (r *resident) serve(m *interp.Mapping) {
	if m == nil {
		return
	}
	for i := range m.Children {
		if s := &m.Children[i]; s.Pending {
			r.keepPending(s)
		}
	}
	for _, where := range m.Write {
		r.write(where)
	}
	for _, run := range m.Ended {
		r.closeFiles(run)
	}
	for i := range m.Read {
		ask := m.Read[i]
		r.engine.work.do(func() { r.readItems(&ask) })
	}
	for i := range m.Collect {
		ask := m.Collect[i]
		r.engine.work.do(func() { r.collectResults(&ask) })
	}
}

// readItems reads the next items of a Map Run. What the store of objects says against it is the
// failure of the run.
func (r *resident) readItems(ask *interp.ReadItems) {
	m := message{kind: itemsRead, run: ask.Run}
	var chunk interp.Chunk
	err := guarded(func() (err error) {
		chunk, err = r.engine.read(ask)
		return err
	})
	if err != nil && r.engine.ctx.Err() != nil {
		return // whoever takes the execution up asks again
	}
	if m.chunk = &chunk; err != nil {
		m.chunk, m.cause = nil, err.Error()
	}
	r.engine.post(r.id, m)
}

func (e *Engine) read(ask *interp.ReadItems) (interp.Chunk, error) {
	reader, err := dataset.New(e.config.Objects, e.config.Formats, ask)
	if err != nil {
		return interp.Chunk{}, err
	}
	defer reader.Close()
	return reader.Read(e.ctx, ask)
}

// collectResults brings the results of a Map Run together.
func (r *resident) collectResults(ask *interp.CollectResults) {
	e := r.engine
	var elements []jsonvalue.Value
	q := store.Query{MapRun: ask.ARN, Status: interp.Succeeded, Data: true, Limit: dataPage}
	err := e.eachChild(e.ctx, q, func(record *store.Record) error {
		elements = slices.AppendSeq(elements, mapresults.Contributions(childOf(record, ask.Express).Result(ask.Transformation), ask.Transformation))
		return nil
	})
	if err == nil {
		e.post(r.id, message{kind: collected, run: ask.Run, output: jsonvalue.Array(elements...)})
	}
}

// noteRun tells the machine what came for a Map Run.
func (r *resident) noteRun(m *message) (taken bool) {
	switch {
	case m.kind == childrenRedriven:
		next, _ := m.output.Index(0)
		fewer, _ := m.output.Index(1)
		from, _ := next.AsInt64()
		n, _ := fewer.AsInt64()
		return r.x.ChildrenRedriven(runOf(m.task), from, n)
	case m.kind == written:
		return r.takeWritten(m)
	case m.kind == collected:
		return r.x.Collected(m.run, m.output)
	case m.chunk != nil:
		return r.x.ItemsRead(m.run, *m.chunk)
	}
	return r.x.ReadFailed(m.run, m.cause)
}
