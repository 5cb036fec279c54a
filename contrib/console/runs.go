package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// runsOf is of how many executions of a state machine Map Runs are listed: the newest.
const runsOf = 20

// runRow is a Map Run.
type runRow struct {
	ARN         string    `json:"arn"`
	Execution   string    `json:"execution"`
	Status      string    `json:"status"`
	Start       int64     `json:"start"`
	Stop        int64     `json:"stop,omitempty"`
	Redrives    int       `json:"redrives,omitempty"`
	Children    countsRow `json:"children"`
	Items       countsRow `json:"items"`
	Concurrency int64     `json:"concurrency"`
	Count       *int64    `json:"toleratedCount,omitempty"`
	Percentage  *float64  `json:"toleratedPercentage,omitempty"`
}

type countsRow struct {
	Pending        int64 `json:"pending"`
	Running        int64 `json:"running"`
	Succeeded      int64 `json:"succeeded"`
	Failed         int64 `json:"failed"`
	TimedOut       int64 `json:"timedOut"`
	Aborted        int64 `json:"aborted"`
	PendingRedrive int64 `json:"pendingRedrive"`
}

// runs lists Map Runs: the one that is asked for, those of an execution, or those of the newest
// executions of all state machines that have distributed Map states.
func (c *console) runs(r *http.Request) (any, error) {
	values := r.URL.Query()
	var found []runtime.MapRun
	var err error
	switch {
	case values.Get("run") != "":
		var one runtime.MapRun
		one, err = c.config.API.Engine().MapRun(r.Context(), values.Get("run"))
		if errors.Is(err, store.ErrNotFound) {
			err = &refusal{http.StatusNotFound, "NotFound", "There is no such Map Run."}
		}
		found = append(found, one)
	case values.Get("arn") != "":
		found, err = c.config.API.Engine().MapRuns(r.Context(), values.Get("arn"))
	default:
		found, err = c.latestRuns(r, values.Get("region"))
	}
	if err != nil {
		return nil, err
	}
	rows := []runRow{}
	for i := range found {
		rows = append(rows, runOf(&found[i]))
	}
	return struct {
		Runs []runRow `json:"runs"`
	}{rows}, nil
}

func (c *console) latestRuns(r *http.Request, region string) (found []runtime.MapRun, err error) {
	engine := c.config.API.Engine()
	for token := any(nil); ; {
		var page struct {
			StateMachines []struct {
				ARN string `json:"stateMachineArn"`
			} `json:"stateMachines"`
			NextToken string `json:"nextToken"`
		}
		in := map[string]any{"maxResults": 100}
		if token != nil {
			in["nextToken"] = token
		}
		if err := c.ask(r.Context(), "ListStateMachines", region, in, &page); err != nil {
			return nil, err
		}
		for _, machine := range page.StateMachines {
			if !c.distributes(r, machine.ARN) {
				continue
			}
			records, err := engine.List(r.Context(), store.Query{StateMachine: machine.ARN, Limit: runsOf})
			if err != nil {
				return nil, err
			}
			for i := range records {
				runs, err := c.hub.runs.of(r.Context(), engine, &records[i])
				if err != nil {
					return nil, err
				}
				found = append(found, runs...)
			}
		}
		if page.NextToken == "" {
			return found, nil
		}
		token = page.NextToken
	}
}

// finished keeps the Map Runs of executions that are over: to find them, a whole history is read.
type finished struct {
	mu   sync.Mutex
	kept map[finishedKey][]runtime.MapRun
}

// finishedKey changes when an execution is redriven.
type finishedKey struct {
	execution string
	stop      int64
}

// keptFinished is of how many executions Map Runs are kept.
const keptFinished = 1000

// of returns the Map Runs of an execution.
func (f *finished) of(ctx context.Context, engine *runtime.Engine, r *store.Record) ([]runtime.MapRun, error) {
	key := finishedKey{r.Execution, millis(r.Stop)}
	f.mu.Lock()
	runs, known := f.kept[key]
	f.mu.Unlock()
	if known {
		return runs, nil
	}
	runs, err := engine.MapRuns(ctx, r.Execution)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err == nil && !r.Stop.IsZero() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.kept == nil || len(f.kept) >= keptFinished {
			f.kept = make(map[finishedKey][]runtime.MapRun)
		}
		f.kept[key] = runs
	}
	return runs, err
}

// distributes reports whether a state machine has a distributed Map state.
func (c *console) distributes(r *http.Request, machine string) bool {
	text, err := c.definitionText(r, "DescribeStateMachine", "stateMachineArn", machine)
	if err != nil || !strings.Contains(text, "DISTRIBUTED") { // most have none, and need not be read
		return false
	}
	sm, err := asl.Parse([]byte(text))
	if err != nil {
		return false
	}
	for state := range sm.All() {
		if m, ok := state.(*asl.Map); ok && m.Distributed {
			return true
		}
	}
	return false
}

func runOf(r *runtime.MapRun) runRow {
	return runRow{
		ARN: r.ARN, Execution: r.Execution, Status: string(r.Status), Start: millis(r.Start), Stop: millis(r.Stop), Redrives: r.Redrives,
		Children: countsOf(&r.Children), Items: countsOf(&r.Items),
		Concurrency: r.Limits.MaxConcurrency, Count: r.Limits.ToleratedFailureCount, Percentage: r.Limits.ToleratedFailurePercentage,
	}
}

func countsOf(c *interp.MapRunCounts) countsRow {
	return countsRow{c.Pending, c.Running, c.Succeeded, c.Failed, c.TimedOut, c.Aborted, c.PendingRedrive}
}
