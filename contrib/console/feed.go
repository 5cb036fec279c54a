package console

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// feed is the history of one execution, folded into visits, without the data of states. All
// who look at the execution share it.
type feed struct {
	engine *runtime.Engine
	id     string
	users  int // of the hub, whose lock holds it

	mu     sync.Mutex // held while the history is read
	record store.Record
	visits history.Visits
	rows   []*row
	of     map[*history.Visit]*row
	open   []*row
	last   int64 // the event that was folded last
	life   int   // how many executions with this name were deleted before
}

// row is what the page shows of a visit.
type row struct {
	visit   *history.Visit
	status  history.VisitStatus
	changed int64 // not later than this event it was what it is
	text    json.RawMessage
	events  []int64 // that belong to the visit

	executions []string // that it has started
	run        string   // the ARN of its Map Run
}

// So many events are read at a time, and so many bytes of them: each may have 256 KiB.
const (
	fewEvents   = 50
	manyEvents  = 1000
	eventsBytes = 16 << 20
)

// update reads what has happened since the last time.
func (f *feed) update(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	records, err := f.engine.List(ctx, store.Query{ID: f.id})
	if err != nil {
		return err
	}
	if len(records) == 0 {
		return store.ErrNotFound
	}
	if f.last > 0 && !same(&records[0], &f.record) { // another execution that has its name
		f.visits, f.rows, f.of, f.open, f.last = history.Visits{}, nil, nil, nil, 0
		f.life++
	}
	f.record = records[0]
	for page := fewEvents; ; {
		events, err := f.engine.History(ctx, f.id, f.last, page)
		if err != nil {
			return err
		}
		f.fold(events)
		if len(events) < page {
			return nil
		}
		each := 1 + sizeOf(events)/page
		page = max(fewEvents, min(2*page, manyEvents, eventsBytes/each))
	}
}

// same reports whether two records are of one execution. Two that have the same name may begin in the same
// millisecond.
func same(a, b *store.Record) bool {
	return a.Start.Equal(b.Start) && a.Definition == b.Definition && a.InputHash == b.InputHash
}

// sizeOf returns about how many bytes the data of events has.
func sizeOf(events []history.Event) (size int) {
	for i := range events {
		size += events[i].Input.Size() + events[i].Output.Size() + events[i].Parameters.Size()
	}
	return size
}

// fold takes the next events.
func (f *feed) fold(events []history.Event) {
	changed := make(map[*row]bool)
	for i := range events {
		e := &events[i]
		started, run := startedBy(e), e.MapRunARN
		bare := e.Redacted()
		bare.Parameters = jsonvalue.Value{}
		visit := f.visits.Add(bare)
		f.last = e.ID
		f.addRows(changed)
		for at := visit; at != nil; at = at.Parent {
			r := f.of[at]
			if at == visit {
				r.note(e.ID, started, run)
			}
			changed[r] = true
		}
	}
	f.tell(changed)
}

// addRows makes rows of the visits that are new.
func (f *feed) addRows(changed map[*row]bool) {
	if f.of == nil {
		f.of = make(map[*history.Visit]*row)
	}
	for _, visit := range f.visits.All()[len(f.rows):] {
		r := &row{visit: visit, status: visit.Status}
		f.rows, f.of[visit] = append(f.rows, r), r
		f.open = append(f.open, r)
		changed[r] = true
	}
}

func (r *row) note(event int64, started, run string) {
	r.events = append(r.events, event)
	if started != "" && !slices.Contains(r.executions, started) {
		r.executions = append(r.executions, started)
	}
	if run != "" {
		r.run = run
	}
}

// tell writes anew the rows that have changed, and those that the end of another has closed.
func (f *feed) tell(changed map[*row]bool) {
	for _, r := range f.open {
		if r.visit.Status != r.status {
			changed[r] = true
		}
	}
	for r := range changed {
		r.text = r.write()
		r.changed = f.last
		r.status = r.visit.Status
	}
	f.open = f.open[:0]
	for _, r := range f.rows {
		if r.status == history.Open {
			f.open = append(f.open, r)
		}
	}
}

// since returns the rows that have changed after an event, in order.
func (f *feed) since(event int64) []json.RawMessage {
	rows := []json.RawMessage{}
	for _, r := range f.rows {
		if r.changed > event {
			rows = append(rows, r.text)
		}
	}
	return rows
}

// startedBy returns the ARN of the execution that a task has started.
func startedBy(e *history.Event) string {
	if e.Type != "TaskSubmitted" && e.Type != "TaskSucceeded" || !strings.HasPrefix(e.Resource, "startExecution") {
		return ""
	}
	arn, _ := e.Output.Get("ExecutionArn")
	text, _ := arn.AsString()
	return text
}

// visitRow is the JSON form of a row. Times are milliseconds since 1970.
type visitRow struct {
	Event      int64        `json:"id"`
	State      string       `json:"state"`
	Type       string       `json:"type"`
	Parent     int64        `json:"parent,omitempty"` // event of the visit around it
	Child      int          `json:"child,omitempty"`
	Status     string       `json:"status"`
	Entered    int64        `json:"entered"`
	Left       int64        `json:"left,omitempty"`
	Error      string       `json:"error,omitempty"`
	Cause      string       `json:"cause,omitempty"` // its beginning
	Attempts   []attemptRow `json:"attempts,omitempty"`
	Length     int          `json:"length,omitempty"`
	Iterations string       `json:"iterations,omitempty"` // the first letter of each status; ".": it has not started
	Executions []string     `json:"executions,omitempty"`
	MapRun     string       `json:"mapRun,omitempty"`
}

type attemptRow struct {
	Status    string `json:"status"`
	Scheduled int64  `json:"scheduled,omitempty"`
	Started   int64  `json:"started,omitempty"`
	Ended     int64  `json:"ended,omitempty"`
	Error     string `json:"error,omitempty"`
}

// shownCause is how much of a cause is in a row, in bytes. Task tokens are hidden before it is cut: nobody
// would know the beginning of one as such.
const shownCause = 300

func (r *row) write() json.RawMessage {
	v := r.visit
	shown := visitRow{
		Event: v.Event, State: v.State, Type: v.Type, Child: v.Child, Status: string(v.Status), Entered: millis(v.Entered), Left: millis(v.Left),
		Error: v.Error, Cause: beginning(string(hideTokens([]byte(v.Cause))), shownCause), Length: v.Length, Executions: r.executions, MapRun: r.run,
	}
	if v.Parent != nil {
		shown.Parent = v.Parent.Event
	}
	for i := range v.Attempts {
		a := &v.Attempts[i]
		shown.Attempts = append(shown.Attempts, attemptRow{string(a.Status), millis(a.Scheduled), millis(a.Started), millis(a.Ended), a.Error})
	}
	letters := make([]byte, len(v.Iterations))
	for i := range v.Iterations {
		letters[i] = '.'
		if it := &v.Iterations[i]; it.Event != 0 {
			letters[i] = string(it.Status)[0]
		}
	}
	shown.Iterations = string(letters)
	text, err := json.Marshal(shown)
	if err != nil {
		panic(err) // all fields can be encoded
	}
	return text
}

// beginning returns at most n bytes of a text, whole characters.
func beginning(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// executionRow is what lists and the head of an execution show of a record.
type executionRow struct {
	ARN         string `json:"arn"`
	Name        string `json:"name"`
	Machine     string `json:"machine"`
	MachineName string `json:"machineName"`
	Version     string `json:"version,omitempty"`
	Alias       string `json:"alias,omitempty"`
	Status      string `json:"status"`
	Start       int64  `json:"start"`
	Stop        int64  `json:"stop,omitempty"`
	Redrives    int    `json:"redrives,omitempty"`
	Error       string `json:"error,omitempty"`
	Cause       string `json:"cause,omitempty"`
	FailedState string `json:"failedState,omitempty"`
	FailedPath  string `json:"failedPath,omitempty"`
	Parent      string `json:"parent,omitempty"` // the execution that has started it
	MapRun      string `json:"mapRun,omitempty"`
	Item        int64  `json:"item,omitempty"`
}

func rowOf(r *store.Record) executionRow {
	parent, _, _ := strings.Cut(r.Parent, "#") // the task that has started it may follow
	shown := executionRow{
		ARN: r.Execution, Name: r.ExecutionName, Machine: r.StateMachine, MachineName: r.StateMachineName, Version: r.StateMachineVersion, Alias: r.StateMachineAlias,
		Status: string(r.Status), Start: millis(r.Start), Stop: millis(r.Stop), Redrives: r.Redrives, FailedState: r.FailedState, FailedPath: r.FailedPath,
		Parent: parent, MapRun: r.MapRun, Item: r.Item,
	}
	if r.Status != interp.Running {
		shown.Error, shown.Cause = r.Error, r.Cause
	}
	return shown
}
