package sqlstore

import (
	"crypto/sha256"
	"slices"

	"github.com/statemill/statemill/runtime/store"
)

// writes are what changes ask for, besides the rows of new executions: for each statement the
// arrays of its parameters. One statement writes what many changes have for one table.
type writes struct {
	after   map[string]place // of the executions that are changed or created
	updates updates

	cleared        [2][]int64 // executions whose frames, or values, are deleted
	frames, values rows
	removed        [2]rows // frames to delete, and frames whose values are deleted
	dropped        rows
	payloads       rows    // the keys of the table stand as executions
	unpayloads     []int64 // keys to delete
	parts          rows    // of histories: the keys stand as executions, the last events as numbers
	deleted        []int64 // executions
	consume        []string
	sent           messages
	definitions    rows // only data
	hashes         [][]byte
}

// rows are parameters of statements about rows of executions.
type rows struct {
	execution, frame, number []int64
	data                     [][]byte
	places                   map[[3]int64]int // where each row is, if rows are set
}

// set adds a row, or replaces it: one statement cannot write a row twice.
func (r *rows) set(execution, frame, number int64, data []byte) {
	key := [3]int64{execution, frame, number}
	if i, there := r.places[key]; there {
		r.data[i] = data
		return
	}
	if r.places == nil {
		r.places = make(map[[3]int64]int)
	}
	r.places[key] = len(r.data)
	r.add(execution, frame, number, data)
}

func (r *rows) add(execution, frame, number int64, data []byte) {
	r.execution, r.frame, r.number = append(r.execution, execution), append(r.frame, frame), append(r.number, number)
	r.data = append(r.data, data)
}

// addRows gathers the rows of a change that are not that of its execution.
func (w *writes) addRows(x place, c *store.Change) {
	next := x.after(c)
	if w.after == nil {
		w.after = make(map[string]place)
	}
	w.after[c.ID] = next
	if c.Clear {
		for i, bit := range [...]int64{framesApart, valuesApart} {
			if x.apart&bit != 0 {
				w.cleared[i] = append(w.cleared[i], x.number)
			}
		}
	}
	for _, f := range c.Frames {
		if f.Frame != root {
			w.frames.set(x.number, int64(f.Frame), 0, full(f.Data))
		}
	}
	for _, v := range c.Values {
		w.values.set(x.number, int64(v.Frame), int64(v.Number), full(v.Data))
	}
	w.addDeletions(x, next, c)
	if h := c.History; h != nil && x.packedSize(h) == 0 {
		w.parts.add(x.number<<20|h.First, 0, h.Last, full(h.Data))
	}
	w.addPayloads(x, c)
}

func (w *writes) addDeletions(x, next place, c *store.Change) {
	for _, id := range c.Removed {
		if next.apart&framesApart != 0 && id != root {
			w.removed[0].add(x.number, int64(id), 0, nil)
		}
		if next.apart&valuesApart != 0 {
			w.removed[1].add(x.number, int64(id), 0, nil)
		}
	}
	if next.apart&valuesApart != 0 {
		for _, id := range c.Dropped {
			w.dropped.add(x.number, int64(id.Frame), int64(id.Number), nil)
		}
	}
}

// addPayloads gathers inputs and outputs that are too long for the row of the execution.
func (w *writes) addPayloads(x place, c *store.Change) {
	if c.Record == nil {
		return
	}
	if c.From == 0 && isLong(c.Record.Input) {
		_, long := encode(c.Record.Input)
		w.payloads.add(x.number*2+inputPayload, 0, 0, long)
	}
	if isLong(c.Record.Output) {
		_, long := encode(c.Record.Output)
		w.payloads.add(x.number*2+outputPayload, 0, 0, long)
	} else if x.apart&outputApart != 0 {
		w.unpayloads = append(w.unpayloads, x.number*2+outputPayload)
	}
}

// delete gathers the deletion of an execution with everything that belongs to it.
func (w *writes) delete(id string, x place) {
	if w.after == nil {
		w.after = make(map[string]place)
	}
	w.after[id] = place{}
	w.deleted = append(w.deleted, x.number)
}

// define gathers a definition.
func (w *writes) define(text []byte) {
	hash := sha256.Sum256(text)
	if !slices.ContainsFunc(w.hashes, func(h []byte) bool { return string(h) == string(hash[:]) }) {
		w.hashes, w.definitions.data = append(w.hashes, hash[:]), append(w.definitions.data, text)
	}
}

// besidesRows reports whether there is more to write than the rows of executions.
func (w *writes) besidesRows() bool {
	n := len(w.cleared[0]) + len(w.cleared[1]) + len(w.frames.execution) + len(w.values.execution) + len(w.removed[0].execution) +
		len(w.removed[1].execution) + len(w.dropped.execution) + len(w.payloads.execution) + len(w.unpayloads) + len(w.parts.execution)
	return n > 0
}

// store adds the statements that write all this to a pipeline. updated, if it is not nil, is called with the
// number of each execution that was changed.
func (w *writes) store(p *pipeline, updated func(number int64)) {
	w.updates.store(p, updated)
	w.storeRows(p)
	w.storePayloads(p)
	if len(w.parts.execution) > 0 {
		p.add("insert into main.history(key, last, data) select * from unnest(?::bigint[], ?::bigint[], ?::bytea[])", w.parts.execution, w.parts.number, w.parts.data)
	}
	w.storeDeleted(p)
	if len(w.consume) > 0 {
		p.add("delete from main.message where id = any(?)", w.consume)
	}
	w.sent.store(p)
	if len(w.hashes) > 0 {
		p.add("insert into main.definition(hash, text) select * from unnest(?::bytea[], ?::bytea[]) on conflict do nothing", w.hashes, w.definitions.data)
	}
}

func (w *writes) storeRows(p *pipeline) {
	for i, statement := range [...]string{"delete from main.frame where execution = any(?)", "delete from main.value where execution = any(?)"} {
		if len(w.cleared[i]) > 0 {
			p.add(statement, w.cleared[i])
		}
	}
	if r := &w.frames; len(r.execution) > 0 {
		p.add(`insert into main.frame(execution, frame, data) select * from unnest(?::bigint[], ?::bigint[], ?::bytea[])
			on conflict (execution, frame) do update set data = excluded.data`, r.execution, r.frame, r.data)
	}
	if r := &w.values; len(r.execution) > 0 {
		p.add(`insert into main.value(execution, frame, number, data) select * from unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bytea[])
			on conflict (execution, frame, number) do update set data = excluded.data`, r.execution, r.frame, r.number, r.data)
	}
	for i, statement := range [...]string{
		"delete from main.frame f using unnest(?::bigint[], ?::bigint[]) as d(execution, frame) where f.execution = d.execution and f.frame = d.frame",
		"delete from main.value v using unnest(?::bigint[], ?::bigint[]) as d(execution, frame) where v.execution = d.execution and v.frame = d.frame",
	} {
		if r := &w.removed[i]; len(r.execution) > 0 {
			p.add(statement, r.execution, r.frame)
		}
	}
	if r := &w.dropped; len(r.execution) > 0 {
		p.add(`delete from main.value v using unnest(?::bigint[], ?::bigint[], ?::bigint[]) as d(execution, frame, number)
			where v.execution = d.execution and v.frame = d.frame and v.number = d.number`, r.execution, r.frame, r.number)
	}
}

func (w *writes) storePayloads(p *pipeline) {
	if len(w.unpayloads) > 0 {
		p.add("delete from main.payload where key = any(?)", w.unpayloads)
	}
	if len(w.payloads.execution) > 0 {
		p.add(`insert into main.payload(key, data) select * from unnest(?::bigint[], ?::bytea[])
			on conflict (key) do update set data = excluded.data`, w.payloads.execution, w.payloads.data)
	}
}

// storeDeleted deletes executions with everything that belongs to them.
func (w *writes) storeDeleted(p *pipeline) {
	if len(w.deleted) == 0 {
		return
	}
	for _, statement := range []string{
		"delete from main.frame where execution = any(?)",
		"delete from main.value where execution = any(?)",
		"delete from main.history h using unnest(?::bigint[]) as d(number) where h.key between d.number << 20 and d.number << 20 | 1048575",
		"delete from main.payload p using unnest(?::bigint[]) as d(number) where p.key between d.number * 2 and d.number * 2 + 1",
		"delete from main.message where execution = any(?)",
		"delete from main.execution where number = any(?)",
	} {
		p.add(statement, w.deleted)
	}
}

// creations are the parameters of the statement that creates executions.
type creations struct {
	id, name                                   []string
	machine, machineName, role, version, alias []*int64
	trace                                      []*string
	status                                     []string
	definition, inputHash, input, output       [][]byte
	failure                                    failures
	start, stop, redriven                      []*int64
	redrives, parentRedrives                   []int64
	meta                                       [][]byte
	parent, mapRun                             []*string
	item, revision                             []int64
	owner                                      []*string
	writer                                     []string
	due                                        []*int64
	apart                                      []int64
	state, root, history                       [][]byte
}

// failures are the columns that say why an execution failed.
type failures struct{ error, cause, state, path [][]byte }

func (f *failures) add(r *store.Record) {
	f.error = append(f.error, optionalBytes(r.Error, r.HasError))
	f.cause = append(f.cause, optionalBytes(r.Cause, r.HasCause))
	f.state = append(f.state, optionalBytes(r.FailedState, r.FailedState != ""))
	f.path = append(f.path, optionalBytes(r.FailedPath, r.FailedPath != ""))
}

func optionalBytes(text string, there bool) []byte {
	data, _ := optional(text, there).([]byte)
	return data
}

// pointer returns a column that may be NULL as pgx has it.
func pointer[T any](column any) *T {
	value, ok := column.(T)
	if !ok {
		return nil
	}
	return &value
}

// inline returns the column of an input or output; one that is too long goes elsewhere.
func inline(column any, _ []byte) []byte {
	data, _ := column.([]byte)
	return data
}

// add adds the execution that a change creates. names has the numbers of names.
func (c *creations) add(change *store.Change, names map[string]int64) {
	r, next := change.Record, place{}.after(change)
	number := func(name string) *int64 {
		if name == "" {
			return nil
		}
		n := names[name]
		return &n
	}
	c.id, c.name = append(c.id, change.ID), append(c.name, r.ExecutionName)
	c.machine, c.machineName = append(c.machine, number(r.StateMachine)), append(c.machineName, number(r.StateMachineName))
	c.role, c.version, c.alias = append(c.role, number(r.RoleARN)), append(c.version, number(r.StateMachineVersion)), append(c.alias, number(r.StateMachineAlias))
	c.trace, c.status = append(c.trace, pointer[string](text(r.TraceHeader))), append(c.status, string(r.Status))
	c.definition, c.inputHash = append(c.definition, r.Definition[:]), append(c.inputHash, r.InputHash[:])
	c.input, c.output = append(c.input, inline(encode(r.Input))), append(c.output, inline(encode(r.Output)))
	c.failure.add(r)
	c.start, c.stop = append(c.start, pointer[int64](instant(r.Start))), append(c.stop, pointer[int64](instant(r.Stop)))
	c.redrives, c.parentRedrives = append(c.redrives, int64(r.Redrives)), append(c.parentRedrives, int64(r.ParentRedrives))
	c.redriven, c.meta = append(c.redriven, pointer[int64](instant(r.Redriven))), append(c.meta, some(r.Meta))
	c.parent, c.mapRun, c.item = append(c.parent, pointer[string](text(r.Parent))), append(c.mapRun, pointer[string](text(r.MapRun))), append(c.item, r.Item)
	c.revision, c.writer = append(c.revision, change.Revision), append(c.writer, change.By)
	c.owner, c.due = append(c.owner, pointer[string](text(change.Owner))), append(c.due, pointer[int64](dueAfter(change)))
	c.apart, c.state = append(c.apart, next.apart), append(c.state, some(change.State))
	rootColumn, _ := rootOf(change)
	c.root, c.history = append(c.root, inline(rootColumn, nil)), append(c.history, (&place{}).pack(change.History))
}

// some returns bytes, nil if there are none.
func some(data []byte) []byte {
	if len(data) == 0 {
		return nil
	}
	return data
}

// creating creates executions: arrays that are unnested in the list of columns cost half of what
// they do in the list of tables.
var creating = newUnnesting(`insert into main.execution(id, name, machine, machine_name, role, version, alias, trace,
	status, definition, input_hash, input, output, error, cause, failed_state, failed_path, start, stop, redrives, redriven, meta, parent, map_run, item, parent_redrives,
	revision, owner, writer, due, apart, state, root, history)
	select unnest(?::text[]), unnest(?::text[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::text[]),
		unnest(?::text[]), unnest(?::bytea[]), unnest(?::bytea[]), unnest(?::bytea[]), unnest(?::bytea[]), unnest(?::bytea[]), unnest(?::bytea[]), unnest(?::bytea[]),
		unnest(?::bytea[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bytea[]), unnest(?::text[]), unnest(?::text[]), unnest(?::bigint[]), unnest(?::bigint[]),
		unnest(?::bigint[]), unnest(?::text[]), unnest(?::text[]), unnest(?::bigint[]), unnest(?::bigint[]), unnest(?::bytea[]), unnest(?::bytea[]), unnest(?::bytea[])
	on conflict do nothing returning id, number`)

// store adds the statement that creates the executions. created is called for each that did
// not exist.
func (c *creations) store(p *pipeline, created func(id string, number int64)) {
	if len(c.id) == 0 {
		return
	}
	p.unnest(func(row columns) error {
		created(row.text(0), row.number(1))
		return nil
	}, creating, len(c.id),
		c.id, c.name, c.machine, c.machineName, c.role, c.version, c.alias, c.trace,
		c.status, c.definition, c.inputHash, c.input, c.output, c.failure.error, c.failure.cause, c.failure.state, c.failure.path, c.start, c.stop, c.redrives, c.redriven, c.meta,
		c.parent, c.mapRun, c.item, c.parentRedrives, c.revision, c.owner, c.writer, c.due, c.apart, c.state, c.root, c.history)
}

// updates are the parameters of the statement that changes rows of executions.
type updates struct {
	number, from, revision []int64
	writer                 []string
	owner                  []*string
	apart, consumed        []int64
	due                    []*int64
	state                  [][]byte // nil: it stays
	rooted                 []bool   // the root changes
	root                   [][]byte
	history                [][]byte // to append

	status      []*string // nil: this and the rest stay
	output      [][]byte
	failure     failures
	start, stop []*int64
	redriven    []*int64
	meta        [][]byte

	redrives, parentRedrives []int64
}

// add adds a change of an execution, which consumes so many of the messages to it.
func (u *updates) add(x place, c *store.Change, consumed int64) {
	u.number, u.from, u.revision = append(u.number, x.number), append(u.from, c.From), append(u.revision, c.Revision)
	u.writer, u.owner = append(u.writer, c.By), append(u.owner, pointer[string](text(c.Owner)))
	u.apart, u.consumed = append(u.apart, x.after(c).apart), append(u.consumed, consumed)
	u.due, u.state = append(u.due, pointer[int64](dueAfter(c))), append(u.state, c.State)
	column, rooted := rootOf(c)
	u.rooted, u.root = append(u.rooted, rooted), append(u.root, inline(column, nil))
	u.history = append(u.history, x.pack(c.History))
	r, status := c.Record, (*string)(nil)
	if r == nil {
		r = &store.Record{}
	} else {
		status = pointer[string](string(r.Status))
	}
	u.status, u.output = append(u.status, status), append(u.output, inline(encode(r.Output)))
	u.failure.add(r)
	u.start, u.stop = append(u.start, pointer[int64](instant(r.Start))), append(u.stop, pointer[int64](instant(r.Stop)))
	u.redrives, u.parentRedrives = append(u.redrives, int64(r.Redrives)), append(u.parentRedrives, int64(r.ParentRedrives))
	u.redriven, u.meta = append(u.redriven, pointer[int64](instant(r.Redriven))), append(u.meta, some(r.Meta))
}

// updating changes the rows of executions. The conditions are in it, so that it may be
// sent before anybody has looked. An execution that is given up with messages left
// is due because of them: a row knows how many there are, because a statement that has waited for another transaction
// sees what that has done to the row, and not what it has done to other tables.
var updating = newUnnesting(`update main.execution e set revision = c.revision, writer = c.writer, owner = c.owner, apart = c.apart, inbox = e.inbox - c.consumed,
	due = case when c.owner is null and e.inbox > c.consumed then ? else c.due end,
	state = coalesce(c.state, e.state), root = case when c.rooted then c.root else e.root end,
	history = case when c.history is null then e.history when e.history is null then c.history else e.history || c.history end,
	status = coalesce(c.status, e.status), output = case when c.status is null then e.output else c.output end,
	error = case when c.status is null then e.error else c.error end, cause = case when c.status is null then e.cause else c.cause end,
	failed_state = case when c.status is null then e.failed_state else c.failed_state end,
	failed_path = case when c.status is null then e.failed_path else c.failed_path end,
	start = case when c.status is null then e.start else c.start end, stop = case when c.status is null then e.stop else c.stop end,
	redrives = case when c.status is null then e.redrives else c.redrives end,
	redriven = case when c.status is null then e.redriven else c.redriven end,
	parent_redrives = case when c.status is null then e.parent_redrives else c.parent_redrives end, meta = case when c.status is null then e.meta else c.meta end
	from (select unnest(?::bigint[]) as number, unnest(?::bigint[]) as source, unnest(?::bigint[]) as revision, unnest(?::text[]) as writer,
		unnest(?::text[]) as owner, unnest(?::bigint[]) as apart, unnest(?::bigint[]) as consumed, unnest(?::bigint[]) as due,
		unnest(?::bytea[]) as state, unnest(?::boolean[]) as rooted, unnest(?::bytea[]) as root, unnest(?::bytea[]) as history,
		unnest(?::text[]) as status, unnest(?::bytea[]) as output, unnest(?::bytea[]) as error, unnest(?::bytea[]) as cause,
		unnest(?::bytea[]) as failed_state, unnest(?::bytea[]) as failed_path, unnest(?::bigint[]) as start, unnest(?::bigint[]) as stop,
		unnest(?::bigint[]) as redrives, unnest(?::bigint[]) as redriven, unnest(?::bigint[]) as parent_redrives, unnest(?::bytea[]) as meta) c
	where e.number = c.number and e.revision = c.source and (e.owner is null or e.owner = c.writer) returning e.number`)

// store adds the statement that changes the rows of executions.
func (u *updates) store(p *pipeline, updated func(number int64)) {
	if len(u.number) == 0 {
		return
	}
	p.unnest(func(row columns) error {
		if updated != nil {
			updated(row.number(0))
		}
		return nil
	}, updating, len(u.number),
		int64(dueMessage), u.number, u.from, u.revision, u.writer, u.owner, u.apart, u.consumed, u.due, u.state, u.rooted, u.root, u.history,
		u.status, u.output, u.failure.error, u.failure.cause, u.failure.state, u.failure.path, u.start, u.stop, u.redrives, u.redriven, u.parentRedrives, u.meta)
}

// messages are the parameters of the statement that sends.
type messages struct {
	id             []string
	execution      []*int64
	queue          []*string
	source, kind   []string
	frame, attempt []int64
	data           [][]byte
}

// add adds a message to the execution with the number, or to a queue.
func (m *messages) add(sent *store.Message, number int64) {
	execution, queue := &number, (*string)(nil)
	if sent.Queued() {
		execution, queue = nil, &sent.To
	}
	m.id, m.execution, m.queue = append(m.id, sent.ID), append(m.execution, execution), append(m.queue, queue)
	m.source, m.kind = append(m.source, sent.From), append(m.kind, sent.Kind)
	m.frame, m.attempt = append(m.frame, int64(sent.Task.Frame)), append(m.attempt, int64(sent.Task.Attempt))
	m.data = append(m.data, some(sent.Data))
}

// store adds the statement that sends messages, and counts them in the rows of their executions.
func (m *messages) store(p *pipeline) {
	if len(m.id) == 0 {
		return
	}
	p.add(`with sent as (
			insert into main.message(id, execution, queue, source, kind, frame, attempt, data)
			select id, execution, queue, source, kind, frame, attempt, data
			from unnest(?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bytea[])
			with ordinality as m(id, execution, queue, source, kind, frame, attempt, data, place) order by place
			on conflict do nothing returning execution)
		update main.execution e set inbox = e.inbox + s.count, due = case when e.owner is null and e.inbox + s.count > 0 then ? else e.due end
		from (select execution, count(*) from sent where execution is not null group by execution) s where e.number = s.execution`,
		m.id, m.execution, m.queue, m.source, m.kind, m.frame, m.attempt, m.data, int64(dueMessage))
}
