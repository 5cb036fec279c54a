package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

// executions replays the executions of a case.
func (s *awsRun) executions(c *recorded.Case) error {
	var last []history.Event
	err := c.Run(func(c *recorded.Case, run replay.Replay) (replay.Result, error) {
		result, err := s.drives(c, run)
		last = result.History
		return result, err
	})
	if err != nil && s.verbose {
		printHistory(s.report, last)
	}
	return err
}

// drives runs an execution to its end.
func (s *awsRun) drives(c *recorded.Case, run replay.Replay) (replay.Result, error) {
	run.Restore = s.mode == "restore"
	switch distributed := len(run.Program.Distributed()) > 0; {
	case s.drive != nil:
		return s.drive(run)
	case distributed && run.Restore:
		return replay.Result{}, recorded.Needs("a distributed Map state that is restored")
	case distributed:
		return mapped(c, run)
	}
	return run.Run()
}

// mapped runs a program with distributed Map states, whose children are executions of
// their own: a Runner drives them, in virtual time, over the objects of the case.
func mapped(c *recorded.Case, run replay.Replay) (replay.Result, error) {
	buckets, err := c.Objects()
	if err != nil {
		return replay.Result{}, err
	}
	clock := runtime.NewVirtualClock(run.Start)
	return recorded.ByRunner(context.Background(), run, runtime.Runner{Clock: clock, Objects: buckets, Formats: recorded.Formats}, clock.Sleep)
}

func printHistory(r *report, history []history.Event) {
	for _, e := range history {
		text, _ := json.Marshal(e)
		fmt.Fprintf(r.out, "     %s\n", text)
	}
}
