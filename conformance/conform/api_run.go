package main

import (
	"context"
	"errors"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/statemill/statemill/internal/recorded"
)

// atOnce replays cases at an endpoint, many at a time: they wait most of the time. Those
// that list all there is come last, alone.
func (s *awsRun) atOnce(cases []*recorded.Case, outcomes []error) {
	var group errgroup.Group
	group.SetLimit(64)
	for i, c := range cases {
		if !listsAll(c) {
			group.Go(func() error {
				outcomes[i] = s.one(c)
				return nil
			})
		}
	}
	_ = group.Wait() // errors are outcomes
	for i, c := range cases {
		if listsAll(c) {
			outcomes[i] = s.one(c)
		}
	}
}

func listsAll(c *recorded.Case) bool {
	return c.Makes("ListStateMachines") || c.Makes("ListActivities")
}

// overAPI replays a case by calls of the Step Functions API: those that the recording
// made or, where it has none, those that run one execution.
func (s *awsRun) overAPI(c *recorded.Case) (err error) {
	if s.endpoint != "" {
		if len(c.Lambdas) > 0 || len(c.Tasks) > 0 {
			return recorded.Needs("functions, which cannot be created at an endpoint")
		}
		return s.overCaller(c, newEndpoint(s.endpoint), s.suffix(), nil)
	}
	s.report.virtual(func() {
		err = recorded.Guarded(func() error {
			<-time.After(time.Until(recorded.At)) // virtual time begins in the year 2000
			written := new(logs)
			via, handler, err := openHandler(c, written)
			if err != nil {
				return err
			}
			err = s.overCaller(c, via, "", written)
			return errors.Join(err, handler.Close(context.Background()))
		})
	})
	return err
}

func (s *awsRun) overCaller(c *recorded.Case, via recorded.Caller, suffix string, written *logs) error {
	if len(c.Calls) > 0 {
		w := recorded.Walk{Caller: via, Case: c, Suffix: suffix, Tally: &s.calls}
		if written != nil {
			w.Logs = written
		}
		if s.endpoint != "" && !s.slow { // where time is real
			w.Patience, w.Sleeps = time.Minute, 5*time.Second
		}
		return w.Run()
	}
	via = &counted{via, &s.calls}
	alone := &awsRun{report: s.report, verbose: s.verbose, drive: driveBy(via, suffix)}
	return alone.alone(c)
}

// suffix makes the names of a case its own at an endpoint.
func (s *awsRun) suffix() string {
	return "-" + strconv.FormatInt(time.Now().UnixMilli()%1e6, 36) + "-" + strconv.FormatInt(s.replayed.Add(1), 36)
}
