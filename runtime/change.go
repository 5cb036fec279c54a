package runtime

import (
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// prepare makes the change that stores a Step, and says who has the execution then. It
// copies what it takes of the Ready, which the next Step writes over.
func (t *turn) prepare() {
	r, ready, c := t.r, &t.ready, &t.change
	*c = store.Change{
		By: r.engine.config.Name, ID: r.id, From: r.revision, Revision: ready.Header.Revision,
		Frames: c.Frames, Values: c.Values, Removed: c.Removed, Dropped: c.Dropped,
	}
	if r.revision == 0 {
		c.Record, c.Definition = &r.created.record, r.created.definition
	}
	if c.From != c.Revision {
		t.encode()
	}
	t.beginChildren()
	c.Send = append(t.letters(), t.letter...)
	if r.idle(ready) && !t.stays() {
		c.Due = ready.Wake
	} else {
		c.Owner = r.engine.config.Name
	}
}

// letters returns the messages to others: offers to workers, what a child tells its parent,
// and what a parent tells a child whose task is cut.
func (t *turn) letters() (send []store.Message) {
	r, ready := t.r, &t.ready
	for i := range ready.Start {
		if s := &ready.Start[i]; r.offersIt(s.Index) {
			send = append(send, r.offer(s))
		}
	}
	if r.created != nil && r.created.by != nil {
		send = append(send, r.startedLetter())
	}
	x := r.elsewhere
	if x == nil {
		return send
	}
	send, x.unsent = append(send, x.unsent...), nil
	for _, id := range ready.Cancel {
		if child := x.children[id]; child != "" {
			send = append(send, r.stopLetter(child))
			delete(x.children, id)
		}
	}
	if ready.Outcome != nil && x.parent.Run != "" && !x.unwanted {
		send = append(send, r.childLetter(t.change.Record, t.change.Record.Redrives > 0))
	}
	if ready.Outcome != nil && x.parent.Task != (interp.TaskID{}) && ready.Header.Redrives == 0 && !x.unwanted {
		send = append(send, r.endedLetter(t.change.Record))
	}
	return send
}

// encode appends all that is stored as bytes to the memory of the turn.
func (t *turn) encode() {
	r, ready, c := t.r, &t.ready, &t.change
	t.bytes, _ = ready.Header.AppendBinary(t.bytes)
	c.State = t.bytes
	if len(ready.History) > 0 {
		from := len(t.bytes)
		t.bytes = r.texts.AppendEvents(t.bytes, ready.History)
		t.history = store.HistoryPart{First: ready.History[0].ID, Last: ready.History[len(ready.History)-1].ID, Data: t.bytes[from:]}
		c.History = &t.history
	}
	if ready.Outcome != nil || ready.Header.Redrives != r.record.Redrives {
		c.Record = r.changed(ready, c.Record)
	}
	if ready.Outcome != nil && ready.Outcome.Status == interp.Succeeded {
		c.Clear = true
		return
	}
	for _, f := range ready.Changed {
		from := len(t.bytes)
		var err error
		if t.bytes, err = f.AppendBinary(t.bytes); err != nil {
			panic(err) // a frame of a Ready holds something
		}
		c.Frames = append(c.Frames, store.Row{Frame: f.ID, Data: t.bytes[from:]})
	}
	for _, v := range ready.Values {
		from := len(t.bytes)
		t.bytes = v.Value.AppendJSON(t.bytes)
		c.Values = append(c.Values, store.Row{Frame: v.ID.Frame, Number: v.ID.Number, Data: t.bytes[from:]})
	}
	c.Removed = append(c.Removed, ready.Removed...)
	c.Dropped = append(c.Dropped, ready.Dropped...)
}

// changed returns the record of an execution that has ended or was redriven.
func (r *resident) changed(ready *interp.Ready, record *store.Record) *store.Record {
	if record == nil {
		copied := r.record
		record = &copied
	}
	if record.Redrives != ready.Header.Redrives {
		record.Redriven = ready.Header.Now()
	}
	record.Status, record.Redrives = ready.Header.Status, ready.Header.Redrives
	record.Output, record.ErrorInfo, record.Stop = jsonvalue.Value{}, history.ErrorInfo{}, time.Time{}
	record.FailedState, record.FailedPath = "", ""
	if o := ready.Outcome; o != nil {
		record.Output, record.ErrorInfo, record.Stop = o.Output, o.ErrorInfo, ready.Header.Now()
		record.FailedState, record.FailedPath = o.State, o.Path
	}
	return record
}

// idle reports whether nothing is left to do in this process after a Step: no task
// runs here, and nothing is due soon. Tasks that are answered by token do not run. When
// the Engine is being closed, tasks may be out that were not started: Close gives the
// execution back.
func (r *resident) idle(ready *interp.Ready) bool {
	if ready.Outcome != nil {
		return true
	}
	if r.engine.isClosing() || len(r.files) > 0 || hasFiles(ready.Mapping) {
		return false
	}
	running := 0
	for i := range ready.Start {
		if !r.offersIt(ready.Start[i].Index) {
			running++
		}
	}
	for id := range r.running {
		running++
		for _, cancelled := range ready.Cancel {
			if id == cancelled {
				running--
			}
		}
	}
	return running == 0 && (ready.Wake.IsZero() || ready.Wake.Sub(r.engine.now()) > soon)
}

// parseRows reads frames and values as change stores them.
func parseRows(stored *store.Stored) ([]interp.Frame, []interp.FrameValue, error) {
	frames := make([]interp.Frame, len(stored.Frames))
	for i, row := range stored.Frames {
		frames[i].ID = row.Frame
		if err := frames[i].UnmarshalBinary(row.Data); err != nil {
			return nil, nil, err
		}
	}
	values := make([]interp.FrameValue, len(stored.Values))
	for i, row := range stored.Values {
		v, err := jsonvalue.Parse(row.Data)
		if err != nil {
			return nil, nil, err
		}
		values[i] = interp.FrameValue{ID: interp.ValueID{Frame: row.Frame, Number: row.Number}, Value: v}
	}
	return frames, values, nil
}
