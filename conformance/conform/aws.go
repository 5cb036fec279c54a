package main

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/replay"
)

// awsSuite replays what AWS answered.
func awsSuite(flags *flag.FlagSet) func(r *report, paths []string) error {
	s := &awsRun{}
	flags.StringVar(&s.mode, "mode", "simulate", "simulate; restore: throw everything away after each step and go on from what was stored; api: call the Step Functions API, in this process")
	flags.StringVar(&s.endpoint, "endpoint", "", "call the Step Functions API of the server at this `URL`, signed if AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set; cases with functions are skipped")
	flags.BoolVar(&s.slow, "slow", false, "at an endpoint, wait for executions that take more than a minute, and sleep more than 5 s")
	flags.StringVar(&s.kinds, "kind", "", "only cases of these kinds, separated by commas")
	flags.StringVar(&s.tiers, "tier", "", "only cases of these tiers, separated by commas")
	flags.StringVar(&s.only, "id", "", "only cases whose id contains this text")
	flags.BoolVar(&s.operations, "operations", false, "with the API, print for each operation how often it was called and how many of its answers were compared")
	flags.BoolVar(&s.verbose, "v", false, "print the history of failing executions, and why cases are skipped")
	return s.run
}

// awsRun is one run of the suite.
type awsRun struct {
	mode, kinds, tiers, only string
	endpoint                 string
	verbose, slow            bool
	operations               bool
	calls                    tally
	report                   *report
	replayed                 atomic.Int64 // cases at the endpoint

	// drive runs an execution instead of a replay; nil: a replay does.
	drive func(r replay.Replay) (replay.Result, error)
}

func (s *awsRun) run(r *report, paths []string) error {
	if !slices.Contains([]string{"simulate", "restore", "api"}, s.mode) {
		return fmt.Errorf("no mode %q", s.mode)
	}
	s.report = r
	cases, err := recorded.Read(paths...)
	if err != nil {
		return err
	}
	wanted := slices.DeleteFunc(cases, func(c *recorded.Case) bool { return !s.wanted(c) })
	outcomes := make([]error, len(wanted))
	if s.endpoint != "" {
		s.atOnce(wanted, outcomes)
	}
	for i, c := range wanted {
		if s.endpoint == "" {
			outcomes[i] = s.one(c)
		}
		s.tell(c, outcomes[i])
	}
	if s.operations {
		s.calls.print(r.out)
	}
	return nil
}

func (s *awsRun) wanted(c *recorded.Case) bool {
	listed := func(list, x string) bool { return list == "" || slices.Contains(strings.Split(list, ","), x) }
	return listed(s.kinds, c.Kind) && listed(s.tiers, c.Tier) && strings.Contains(c.ID, s.only)
}

// awsKinds run the cases of the kinds that start no execution; the error that they return is the first
// difference.
var awsKinds = map[string]func(s *awsRun, c *recorded.Case) error{
	"test_state":   (*awsRun).testStates,
	"validate":     (*awsRun).validations,
	"create_error": (*awsRun).creations,
}

// one replays a case. What comes is the first difference, or what the case needs.
func (s *awsRun) one(c *recorded.Case) error {
	run := (*awsRun).alone
	if s.overHTTP() {
		run = (*awsRun).overAPI
	}
	if why := s.unsupported(c); why != nil {
		return why
	}
	err := recorded.Guarded(func() error { return run(s, c) })
	var skipped recorded.Skip
	if err != nil && c.Incomplete() && !errors.As(err, &skipped) {
		err = fmt.Errorf("its recording is incomplete: %w", err)
	}
	return err
}

// alone replays a case whose calls are not made.
func (s *awsRun) alone(c *recorded.Case) error {
	if run := awsKinds[c.Kind]; run != nil {
		return run(s, c)
	}
	return s.executions(c)
}

// tell reports how a case went.
func (s *awsRun) tell(c *recorded.Case, err error) {
	var skipped recorded.Skip
	switch {
	case errors.As(err, &skipped):
		s.skip(c, skipped.Error())
	case err != nil:
		s.report.fail(c.ID, err.Error())
	default:
		s.report.pass(c.ID)
	}
}

func (s *awsRun) skip(c *recorded.Case, why string) {
	s.report.skip(c.ID, why)
	if s.verbose {
		fmt.Fprintf(s.report.out, "SKIP %s\n     %s\n", c.ID, why)
	}
}

// overHTTP reports whether cases are replayed by the Step Functions API.
func (s *awsRun) overHTTP() bool { return s.mode == "api" || s.endpoint != "" }

// simulates reports whether a Runner may run a case.
func (s *awsRun) simulates() bool { return s.mode == "simulate" && !s.overHTTP() && s.drive == nil }

// unsupported says why a case cannot be run here, by what it needs.
func (s *awsRun) unsupported(c *recorded.Case) error {
	err := c.Unfit(func(need string) bool {
		return s.overHTTP() && servedByAPI(c, need) || s.makesStack(c, need) || s.simulates() && (need == "s3" && c.MapsObjects() || need == "distributed map")
	})
	switch {
	case err != nil || s.overHTTP():
		return err
	case c.Incomplete():
		return recorded.Skip("its recording is incomplete")
	case c.Kind == "test_state" && strings.Contains(string(c.Mock), "fieldValidationMode"):
		return nil
	case c.Makes("StartSyncExecution"):
		return recorded.Needs("the operation StartSyncExecution")
	}
	return nil
}

// makesStack reports whether a case needs CloudFormation for a state machine alone, and may find that one in a list of all.
func (s *awsRun) makesStack(c *recorded.Case, need string) bool {
	return s.mode == "api" && s.endpoint == "" && need == "cloudformation" && c.Makes("CreateStack")
}

// servedByAPI reports whether the API has what a case needs: it starts executions, hands out the
// tasks of activities, performs its own operations as tasks, and writes logs.
func servedByAPI(c *recorded.Case, need string) bool {
	switch need {
	case "nested-sfn", "activity", "cloudwatch-logs":
		return true
	case "sync-job":
		return slices.Contains(c.Needs, "nested-sfn")
	}
	return strings.HasPrefix(need, "aws-sdk:sfn:")
}
