package asltemporal

import (
	"context"
	"errors"
	"slices"
	"sync"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// History returns up to limit events that follow the event with the id after. A negative limit
// returns events before that one, newest first; if after is 0, it begins with the last event.
//
// The server does not have these events: History reads the whole history of the workflow, and
// runs the execution again by it, unless that has not changed since. That needs no worker. It shows what is durable: what an execution has begun
// since its last workflow task is not there yet.
func (c *Client) History(ctx context.Context, id string, after int64, limit int) ([]history.Event, error) {
	made, err := c.replayed(ctx, id)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(made.events)
	if limit < 0 {
		slices.Reverse(all)
		if after > 0 {
			all = slices.DeleteFunc(all, func(e history.Event) bool { return e.ID >= after })
		}
		return all[:min(-limit, len(all))], nil
	}
	all = slices.DeleteFunc(all, func(e history.Event) bool { return e.ID <= after })
	return all[:min(limit, len(all))], nil
}

// replayed is what a replay of an execution has shown. Nobody changes it.
type replayed struct {
	id, run string // of its last run
	length  int64  // of the history of that

	events  []history.Event
	mapRuns []interp.MapRun // that have not ended, and those with which the execution ended
}

// mostReplayed is how many executions a Client keeps that it has replayed: pages of a history are asked for one
// after the other.
const mostReplayed = 4

// histories are executions that were replayed. The zero histories is ready to use, and safe for concurrent use.
type histories struct {
	mu   sync.Mutex
	kept []*replayed // the last one asked for first
}

// of returns what is kept of an execution, if that is still all; nil otherwise.
func (h *histories) of(id, run string, length int64) *replayed {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, r := range h.kept {
		if r.id == id && r.run == run && r.length == length {
			h.kept = slices.Insert(slices.Delete(h.kept, i, i+1), 0, r)
			return r
		}
	}
	return nil
}

// keep keeps an execution instead of the one that nobody has asked for for longest.
func (h *histories) keep(r *replayed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.kept = slices.DeleteFunc(h.kept, func(old *replayed) bool { return old.id == r.id })
	h.kept = slices.Insert(h.kept, 0, r)[:min(len(h.kept)+1, mostReplayed)]
}

// replayed replays all runs of an execution, if that is not known already.
func (c *Client) replayed(ctx context.Context, id string) (*replayed, error) {
	info, err := c.info(ctx, id)
	if err != nil {
		return nil, err
	}
	if r := c.histories.of(id, info.GetExecution().GetRunId(), info.GetHistoryLength()); r != nil {
		return r, nil
	}
	chain, err := c.chain(ctx, id)
	if err != nil {
		return nil, err
	}
	w := &Worker{Definitions: c.Definitions, DataConverter: c.DataConverter}
	r := &replayed{id: id}
	for _, run := range chain {
		seen := &watch{events: func(e history.Event) { r.events = append(r.events, e) }}
		if err := w.replay(run, seen); err != nil {
			return nil, err
		}
		if seen.run != nil {
			r.mapRuns = seen.run.x.MapRuns()
		}
	}
	last := chain[len(chain)-1].GetEvents()
	r.run, r.length = last[0].GetWorkflowExecutionStartedEventAttributes().GetOriginalExecutionRunId(), last[len(last)-1].GetEventId()
	c.histories.keep(r)
	return r, nil
}

// chain returns the histories of all runs of an execution, the first one first.
func (c *Client) chain(ctx context.Context, id string) (chain []*historypb.History, err error) {
	for run := ""; ; {
		h, err := c.history(ctx, id, run)
		if err != nil {
			return nil, err
		}
		chain = append(chain, h)
		var before string
		if before, err = c.before(h); err != nil {
			return nil, err
		}
		if before == "" {
			slices.Reverse(chain)
			return chain, nil
		}
		run = before
	}
}

// history reads the history of one run.
func (c *Client) history(ctx context.Context, id, run string) (*historypb.History, error) {
	h := new(historypb.History)
	all := c.Temporal.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for all.HasNext() {
		e, err := all.Next()
		if err != nil {
			return nil, naming(id, err)
		}
		h.Events = append(h.Events, e)
	}
	if len(h.Events) == 0 {
		return nil, errors.New("asltemporal: the history has no events")
	}
	return h, nil
}

// before returns the run that the run of a history has gone on from; "": none.
func (c *Client) before(h *historypb.History) (string, error) {
	begun := h.Events[0].GetWorkflowExecutionStartedEventAttributes()
	if run := begun.GetContinuedExecutionRunId(); run != "" {
		return run, nil
	}
	var in start
	if err := c.converter().FromPayloads(begun.GetInput(), &in); err != nil {
		return "", err
	}
	return in.Before, nil
}
