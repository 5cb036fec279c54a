package sqlstore

import (
	"slices"

	"github.com/statemill/statemill/runtime/store"
)

// wave stores changes of which none depends on another: it locks what they name, decides, and
// writes. That takes two round trips, and a third if there are children.
type wave struct {
	*commission
	which       []int
	first, last bool

	there    map[string]place // the executions that are locked or were created, by id
	created  map[string]bool
	messages map[string]int64 // the executions of the messages that are locked, by id; of those of queues 0
}

func (w *wave) run() error {
	w.there, w.created, w.messages = make(map[string]place), make(map[string]bool), make(map[string]int64)
	if err := w.look(); err != nil {
		return err
	}
	var children []*store.Change
	for _, i := range w.which {
		change := &w.changes[i]
		if w.refused[i] = w.admit(change); w.refused[i] != nil {
			continue
		}
		for n := range change.Children {
			children = append(children, &change.Children[n])
		}
	}
	if err := w.create(w.pipeline(), children); err != nil {
		return err
	}
	return w.write()
}

func (w *wave) pipeline() *pipeline { return &pipeline{store: w.store} }

// look begins the transaction, locks what the changes name, in an order in which nobody gets
// into the way of others, and creates executions.
func (w *wave) look() error {
	p := w.pipeline()
	if w.first {
		p.add(beginWriting)
		p.add(settings)
	}
	w.lock(p)
	var creates []*store.Change
	for _, i := range w.which {
		change := &w.changes[i]
		if change.ID == "" || change.From != 0 {
			continue
		}
		if change.Consume != nil { // only if the messages are there
			if err := p.send(w.ctx, w.conn); err != nil {
				return err
			}
			if p = w.pipeline(); !w.canConsume(change, 0) {
				continue
			}
		}
		creates = append(creates, change)
	}
	return w.create(p, creates)
}

// lock locks executions that are to be changed or that messages go to, and messages that are to be consumed.
func (w *wave) lock(p *pipeline) {
	var executions, messages []string
	for _, i := range w.which {
		change := &w.changes[i]
		if change.From != 0 {
			executions = append(executions, change.ID)
		}
		messages = append(messages, change.Consume...)
		eachSent(change, func(m *store.Message) {
			if !m.Queued() {
				executions = append(executions, m.To)
			}
		})
	}
	if executions != nil {
		p.rows(func(row columns) error {
			w.there[row.text(0)] = placeOf(row[1:])
			return nil
		}, "select id, "+placeColumns+" from main.execution where id = any(?) order by number for no key update", executions)
	}
	if messages != nil {
		p.rows(func(row columns) error {
			w.messages[row.text(0)] = row.number(1)
			return nil
		}, "select id, execution from main.message where id = any(?) order by id for update", messages)
	}
}

// create creates executions, except those that exist.
func (w *wave) create(p *pipeline, changes []*store.Change) error {
	var creations creations
	for _, change := range changes {
		creations.add(change, w.names)
	}
	creations.store(p, func(id string, number int64) {
		w.created[id] = true
		w.there[id] = place{number: number}
	})
	return p.send(w.ctx, w.conn)
}

// admit checks the conditions of a change.
func (w *wave) admit(change *store.Change) error {
	x, there := w.there[change.ID]
	switch {
	case change.ID != "" && change.From == 0 && !w.created[change.ID]:
		if w.canConsume(change, 0) {
			return store.ErrExists
		}
		return store.ErrConflict
	case change.ID != "" && (!there || x.revision != change.From || x.owner != "" && x.owner != change.By):
		return store.ErrConflict
	case !w.canConsume(change, x.number):
		return store.ErrConflict
	}
	return nil
}

// canConsume reports whether the messages that a change consumes are there for it.
func (w *wave) canConsume(change *store.Change, execution int64) bool {
	for _, id := range change.Consume {
		if to, there := w.messages[id]; !there || to != 0 && to != execution {
			return false
		}
	}
	return true
}

// consumed returns how many of the messages that a change consumes are to its execution.
func (w *wave) consumed(change *store.Change) (n int64) {
	counted := make(map[string]bool)
	for _, id := range change.Consume {
		if w.messages[id] != 0 && !counted[id] {
			counted[id] = true
			n++
		}
	}
	return n
}

// write writes what the admitted changes ask for.
func (w *wave) write() error {
	var all writes
	for _, i := range w.which {
		if w.refused[i] == nil {
			w.gather(&all, &w.changes[i], nil)
		}
	}
	p := w.pipeline()
	all.store(p, nil)
	if w.last {
		p.add(endWriting)
	}
	if err := p.send(w.ctx, w.conn); err != nil {
		return err
	}
	for id, x := range all.after {
		w.remember(id, x)
	}
	w.sent = w.sent || len(all.sent.id) > 0
	return nil
}

// gather gathers what a change asks for, of its children first. A child that sends a message which is
// there sends nothing, also if the parent then consumes it.
func (w *wave) gather(all *writes, change *store.Change, there []string) {
	for i := range change.Children {
		if child := &change.Children[i]; w.created[child.ID] {
			w.gather(all, child, change.Consume)
		}
	}
	x := w.there[change.ID]
	switch {
	case change.ID == "":
	case change.Delete:
		all.delete(change.ID, x)
		delete(w.there, change.ID) // no message reaches it
	case change.From == 0:
		all.addRows(x, change)
	default:
		all.updates.add(x, change, w.consumed(change))
		all.addRows(x, change)
	}
	all.consume = append(all.consume, change.Consume...)
	for i := range change.Send {
		m := &change.Send[i]
		if x, known := w.there[m.To]; (known || m.Queued()) && !slices.Contains(there, m.ID) {
			all.sent.add(m, x.number)
		}
	}
	if change.Definition != nil {
		all.define(change.Definition)
	}
}
