package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/store"
)

// execution is all that the page of an execution begins with: a frame of its stream.
func (c *console) execution(r *http.Request) (any, error) {
	f, done, err := c.hub.folded(r.Context(), r.URL.Query().Get("arn"))
	if err != nil {
		return nil, err
	}
	defer done()
	f.mu.Lock()
	defer f.mu.Unlock()
	return change{Execution: rowOf(&f.record), Visits: f.since(-1), Last: f.last}, nil
}

// visitData is the data of a visit. Values are texts of JSON: a browser would round numbers.
type visitData struct {
	Input     *string       `json:"input,omitempty"`
	Output    *string       `json:"output,omitempty"`
	Variables *string       `json:"variables,omitempty"`
	Error     *string       `json:"error,omitempty"`
	Cause     *string       `json:"cause,omitempty"`
	Attempts  []attemptData `json:"attempts,omitempty"`
	Left      int           `json:"left,omitempty"` // how many attempts before these are left out
}

type attemptData struct {
	Input  *string `json:"input,omitempty"`
	Output *string `json:"output,omitempty"`
	Error  *string `json:"error,omitempty"`
	Cause  *string `json:"cause,omitempty"`
}

func textOf(v jsonvalue.Value) *string {
	text := v.String()
	return &text
}

// shownEvents is from how many events of a visit data are read: the first, and the last ones.
const shownEvents = 120

// visit reads the data of a visit, which the feed does not keep.
func (c *console) visit(r *http.Request) (any, error) {
	f, done, err := c.hub.folded(r.Context(), r.URL.Query().Get("arn"))
	if err != nil {
		return nil, err
	}
	defer done()
	event, err := number(r, "event", 0)
	if err != nil {
		return nil, err
	}
	kept, ids := f.eventsOf(event)
	if kept == nil {
		return nil, &refusal{http.StatusNotFound, "NotFound", "The execution has no such visit."}
	}
	var visits history.Visits // of this visit alone
	var last *history.Event
	for _, id := range ids {
		events, err := c.config.API.Engine().History(r.Context(), f.id, id-1, 1)
		if err != nil {
			return nil, err
		}
		if len(events) == 1 && events[0].ID == id {
			visits.Add(events[0])
			last = &events[0]
		}
	}
	if last == nil || len(visits.All()) == 0 {
		return nil, store.ErrNotFound
	}
	return dataOf(kept, visits.All()[0], last), nil
}

// eventsOf returns a copy of a visit and the events from which its data is read.
func (f *feed) eventsOf(event int64) (*history.Visit, []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, found := slices.BinarySearchFunc(f.rows, event, func(r *row, event int64) int { return int(r.visit.Event - event) })
	if !found {
		return nil, nil
	}
	r := f.rows[i]
	ids := slices.Clone(r.events)
	if r.visit.Type == "Parallel" || r.visit.Type == "Map" { // what is between is of its children
		ids = slices.Compact([]int64{ids[0], ids[len(ids)-1]})
	}
	if len(ids) > shownEvents {
		ids = append(ids[:1], ids[len(ids)-shownEvents+1:]...)
	}
	copied := *r.visit
	return &copied, ids
}

// dataOf puts together what the feed knows of a visit, and what its events say.
func dataOf(kept, read *history.Visit, last *history.Event) visitData {
	data := visitData{Input: textOf(read.Input)}
	_, exited := last.StateExited()
	if exited {
		data.Output = textOf(last.Output)
		if last.Variables.Len() > 0 {
			data.Variables = textOf(last.Variables)
		}
	}
	data.Error, data.Cause = failureOf(kept.ErrorInfo)
	for i := range read.Attempts {
		a := &read.Attempts[i]
		one := attemptData{}
		if !a.Input.IsNull() {
			one.Input = textOf(a.Input)
		}
		if !a.Output.IsNull() || a.Status == history.Exited && exited {
			one.Output = textOf(a.Output)
		}
		one.Error, one.Cause = failureOf(a.ErrorInfo)
		data.Attempts = append(data.Attempts, one)
	}
	if kept.Type == "Task" {
		data.Left = max(0, len(kept.Attempts)-len(data.Attempts))
	} else {
		data.Attempts = nil
	}
	return data
}

func failureOf(e history.ErrorInfo) (name, cause *string) {
	if e.HasError {
		name = &e.Error
	}
	if e.HasCause {
		cause = &e.Cause
	}
	return name, cause
}

// eventRow is a line in the list of events.
type eventRow struct {
	ID       int64  `json:"id"`
	Previous int64  `json:"previous,omitempty"`
	Type     string `json:"type"`
	Time     int64  `json:"time"`
	Name     string `json:"name,omitempty"`
	Index    *int   `json:"index,omitempty"` // of iterations
	Resource string `json:"resource,omitempty"`
	Error    string `json:"error,omitempty"`
}

const maxEvents = 1000

// history is a part of the events, without their data.
func (c *console) history(r *http.Request) (any, error) {
	after, err := number(r, "after", 0)
	if err != nil {
		return nil, err
	}
	limit, err := number(r, "limit", 100)
	if err != nil {
		return nil, err
	}
	if after < 0 || limit < 1 || limit > maxEvents {
		return nil, invalid("after must be 0 or more, limit from 1 to 1000.")
	}
	events, err := c.config.API.Engine().History(r.Context(), r.URL.Query().Get("arn"), after, int(limit))
	if err != nil {
		return nil, err
	}
	rows := []eventRow{}
	for i := range events {
		e := &events[i]
		shown := eventRow{ID: e.ID, Previous: e.PreviousID, Type: e.Type, Time: millis(e.Time), Name: e.Name, Resource: e.Resource, Error: e.Error}
		if len(e.Type) > 12 && e.Type[:12] == "MapIteration" {
			shown.Index = &e.Index
		}
		rows = append(rows, shown)
	}
	return struct {
		Events []eventRow `json:"events"`
	}{rows}, nil
}

// event is one event with its data, in the form of the API.
func (c *console) event(r *http.Request) (any, error) {
	id, err := number(r, "id", 0)
	if err != nil {
		return nil, err
	}
	events, err := c.config.API.Engine().History(r.Context(), r.URL.Query().Get("arn"), id-1, 1)
	if err != nil {
		return nil, err
	}
	if len(events) == 0 || events[0].ID != id {
		return nil, &refusal{http.StatusNotFound, "NotFound", "The execution has no such event."}
	}
	text, err := json.Marshal(events[0])
	return json.RawMessage(text), err
}

// millis returns the milliseconds since 1970; 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
