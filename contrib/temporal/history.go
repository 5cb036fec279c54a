package asltemporal

import (
	"context"
	"errors"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/statemill/statemill/runtime/history"
)

// History returns up to limit events that follow the event with the id after. A negative limit
// returns events before that one, newest first; if after is 0, it begins with the last event.
//
// The server does not have these events: History reads the whole history of the workflow, and
// runs the execution again by it. That needs no worker. It shows what is durable: what an execution has begun
// since its last workflow task is not there yet.
func (c *Client) History(ctx context.Context, id string, after int64, limit int) ([]history.Event, error) {
	all, err := c.events(ctx, id)
	if err != nil {
		return nil, err
	}
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

// events makes all events of an execution.
func (c *Client) events(ctx context.Context, id string) (all []history.Event, err error) {
	chain, err := c.chain(ctx, id)
	if err != nil {
		return nil, err
	}
	w := &Worker{Definitions: c.Definitions, DataConverter: c.DataConverter}
	for _, run := range chain {
		seen := &watch{events: func(e history.Event) { all = append(all, e) }}
		if err := w.replay(run, seen); err != nil {
			return nil, err
		}
	}
	return all, nil
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
