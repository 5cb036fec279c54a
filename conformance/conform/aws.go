package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

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

	// drive runs an execution instead of a replay; tests set it.
	drive func(r replay.Replay) (replay.Result, error)
}

// awsCase is one recorded case. It keeps AWS's answers as they were
// written: number forms count.
type awsCase struct {
	ID           string           `json:"id"`
	Kind         string           `json:"kind"`
	Tier         string           `json:"tier"`
	Needs        oneOrMore        `json:"needs"`
	Features     []string         `json:"features"`
	Type         string           `json:"type"`
	Definition   json.RawMessage  `json:"definition"`
	Text         string           `json:"definition_text"`
	Input        json.RawMessage  `json:"input"`
	Lambdas      []awsLambda      `json:"lambdas"`
	Mock         json.RawMessage  `json:"mock"`
	Logging      json.RawMessage  `json:"logging"`
	Calls        []awsCall        `json:"calls"`
	Refs         []awsRef         `json:"refs"`
	Executions   []awsExecution   `json:"executions"`
	Pairs        []awsExecution   `json:"pairs"`
	Expect       json.RawMessage  `json:"expect"`
	Expected     json.RawMessage  `json:"expected"`
	SkipVerify   []string         `json:"skip_verify"`
	Transformers []awsTransformer `json:"transformers"`
	Dynamic      []awsDynamic     `json:"dynamic"`
	Recorded     string           `json:"recorded_date"`
	Source       string           `json:"source"`
	Complete     *bool            `json:"complete"`
	Marker       string           `json:"aws_marker"`
	ClientSide   json.RawMessage  `json:"client_side_validation"`

	awsSingle
}

// oneOrMore is a list of texts, of which one may stand alone.
type oneOrMore []string

// UnmarshalJSON implements json.Unmarshaler.
func (o *oneOrMore) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*o = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(o))
}

type awsLambda struct {
	Name      string `json:"name"`
	ARN       string `json:"arn"`
	Behaviour string `json:"behaviour"`
}

type awsCall struct {
	I        int             `json:"i"`
	Op       string          `json:"op"`
	Args     json.RawMessage `json:"args"`
	Result   json.RawMessage `json:"result"`
	Match    string          `json:"match"`
	FromCall *int            `json:"from_call"`
	Derived  json.RawMessage `json:"derived"`

	Service     string  `json:"service"`
	ExpectError string  `json:"expect_error"`
	Fixture     string  `json:"fixture"`
	Helper      string  `json:"helper"`
	Await       string  `json:"await"`
	Waiter      string  `json:"waiter"`
	Sleep       float64 `json:"sleep"`
}

// awsExecution is one StartExecution.
type awsExecution struct {
	ID           string          `json:"pair_id"`
	StateMachine string          `json:"state_machine"`
	Definition   json.RawMessage `json:"definition"`
	Input        *string         `json:"input"`
	Sync         bool            `json:"sync"`
	Key          string          `json:"expected_key"`
	Expect       json.RawMessage `json:"expect"`
}

type awsTransformer struct {
	Kind        string `json:"kind"`
	Regex       string `json:"regex"`
	Replacement string `json:"replacement"`
}

type awsDynamic struct {
	Token   string  `json:"token"`
	Seconds float64 `json:"now_plus_seconds"`
	Format  string  `json:"format"`
	Suffix  string  `json:"suffix"`
}

func (s *awsRun) run(r *report, paths []string) error {
	if !slices.Contains([]string{"simulate", "restore", "api"}, s.mode) {
		return fmt.Errorf("no mode %q", s.mode)
	}
	s.report = r
	files, err := jsonFiles(paths)
	if err != nil {
		return err
	}
	var wanted []*awsCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var cases []awsCase
		if err := json.Unmarshal(text, &cases); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for i := range cases {
			if cases[i].Kind == "" {
				cases[i].Kind = "single"
			}
			if s.wanted(&cases[i]) {
				wanted = append(wanted, &cases[i])
			}
		}
	}
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

// jsonFiles returns the JSON files among paths and in the folders among them.
func jsonFiles(paths []string) ([]string, error) {
	var files []string
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && (name == path || strings.HasSuffix(name, ".json")) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (s *awsRun) wanted(c *awsCase) bool {
	listed := func(list, x string) bool { return list == "" || slices.Contains(strings.Split(list, ","), x) }
	return listed(s.kinds, c.Kind) && listed(s.tiers, c.Tier) && strings.Contains(c.ID, s.only)
}

// awsKinds run a case of each kind; the text they return is the first
// difference.
var awsKinds = map[string]func(s *awsRun, c *awsCase) error{
	"execution":    (*awsRun).executions,
	"choice":       (*awsRun).pairs,
	"intrinsic":    (*awsRun).pairs,
	"test_state":   (*awsRun).testStates,
	"validate":     (*awsRun).validations,
	"create_error": (*awsRun).creations,
	"single":       (*awsRun).single,
}

// one replays a case. What comes is the first difference, or what the case needs.
func (s *awsRun) one(c *awsCase) error {
	run := awsKinds[c.Kind]
	if s.overHTTP() {
		run = (*awsRun).overAPI
	}
	if run == nil {
		return needs("the HTTP API")
	}
	if why := s.unsupported(c); why != nil {
		return why
	}
	err := guarded(func() error { return run(s, c) })
	var skipped skip
	if err != nil && c.incomplete() && !errors.As(err, &skipped) {
		err = fmt.Errorf("its recording is incomplete: %w", err)
	}
	return err
}

// incomplete reports whether answers of the recording are not known.
func (c *awsCase) incomplete() bool { return c.Complete != nil && !*c.Complete }

// tell reports how a case went.
func (s *awsRun) tell(c *awsCase, err error) {
	var skipped skip
	switch {
	case errors.As(err, &skipped):
		s.skip(c, skipped.Error())
	case err != nil:
		s.report.fail(c.ID, err.Error())
	default:
		s.report.pass(c.ID)
	}
}

// skip is an error: it says why a case is not replayed.
type skip string

func (s skip) Error() string { return string(s) }

// needs returns a skip that names something that is not there.
func needs(what string) error { return skip("needs " + what) }

// guarded turns a panic into an error, so that one case cannot end the run.
func guarded(run func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v", value)
		}
	}()
	return run()
}

func (s *awsRun) skip(c *awsCase, why string) {
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
func (s *awsRun) unsupported(c *awsCase) error {
	for _, need := range c.Needs {
		simulated := s.simulates() && (need == "s3" && c.mapsObjects() || need == "distributed map")
		if !strings.HasPrefix(need, "lambda:") && !(s.overHTTP() && c.servedByAPI(need)) && !simulated {
			return needs(need)
		}
	}
	switch {
	case c.incomplete() && !s.overHTTP():
		return skip("its recording is incomplete")
	case c.Marker == "aws_needs_fixing":
		return skip("its recording may not be AWS's")
	case strings.Contains(string(c.Mock), "local_mock_config"):
		return needs("a mock file of Step Functions Local")
	case c.Kind == "test_state" && strings.Contains(string(c.Mock), "fieldValidationMode"):
		return nil
	}
	if c.calls("StartSyncExecution") && !s.overHTTP() {
		return needs("the operation StartSyncExecution")
	}
	return nil
}

// servedByAPI reports whether the API has what a case needs: it starts executions, hands out the
// tasks of activities, performs its own operations as tasks, and writes logs.
func (c *awsCase) servedByAPI(need string) bool {
	switch need {
	case "nested-sfn", "activity", "cloudwatch-logs":
		return true
	case "sync-job":
		return slices.Contains(c.Needs, "nested-sfn")
	}
	return strings.HasPrefix(need, "aws-sdk:sfn:")
}

// calls reports whether the case calls an operation.
func (c *awsCase) calls(operation string) bool {
	return slices.ContainsFunc(c.Calls, func(call awsCall) bool { return call.Op == operation })
}
