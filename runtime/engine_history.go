package runtime

import (
	"context"
	"slices"

	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// History returns up to limit events that follow the event with the id after. A negative limit
// returns events before that one, newest first; if after is 0, it begins with the last event.
func (e *Engine) History(ctx context.Context, id string, after int64, limit int) ([]history.Event, error) {
	parts, err := e.store.History(ctx, id, after, limit)
	if err != nil {
		return nil, naming(id, err)
	}
	r := historyReader{store: e.store, ctx: ctx, execution: id}
	var events []history.Event
	for _, part := range parts {
		found, err := history.ParseEvents(part.Data, id, r.event)
		if err != nil {
			return nil, err
		}
		if limit < 0 {
			slices.Reverse(found)
		}
		for i := range found {
			if id := found[i].ID; limit >= 0 && id <= after || limit < 0 && after > 0 && id >= after {
				continue
			}
			if len(events) == max(limit, -limit) {
				return events, nil
			}
			events = append(events, found[i])
		}
	}
	return events, nil
}

// historyReader finds the events of earlier parts that hold what a part does not repeat.
type historyReader struct {
	store     store.Store
	ctx       context.Context
	execution string
	events    map[int64]*history.Event // of the parts that were read, without what other parts hold
}

func (r *historyReader) event(id int64) (*history.Event, error) {
	if e := r.events[id]; e != nil {
		return e, nil
	}
	parts, err := r.store.History(r.ctx, r.execution, id-1, 1)
	if err != nil {
		return nil, err
	}
	if r.events == nil {
		r.events = make(map[int64]*history.Event)
	}
	for _, part := range parts {
		// A text is where it occurred first: no other part is needed to read it.
		found, err := history.ParseEvents(part.Data, r.execution, func(int64) (*history.Event, error) { return new(history.Event), nil })
		if err != nil {
			return nil, err
		}
		for i := range found {
			r.events[found[i].ID] = &found[i]
		}
	}
	return r.events[id], nil
}
