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

	"github.com/statemill/statemill/internal/replay"
)

// awsSuite replays what AWS answered.
func awsSuite(flags *flag.FlagSet) func(r *report, paths []string) error {
	s := &awsRun{}
	flags.StringVar(&s.mode, "mode", "simulate", "simulate, or restore: throw everything away after each step and go on from what was stored")
	flags.StringVar(&s.kinds, "kind", "", "only cases of these kinds, separated by commas")
	flags.StringVar(&s.tiers, "tier", "", "only cases of these tiers, separated by commas")
	flags.StringVar(&s.only, "id", "", "only cases whose id contains this text")
	flags.BoolVar(&s.verbose, "v", false, "print the history of failing executions, and why cases are skipped")
	return s.run
}

// awsRun is one run of the suite.
type awsRun struct {
	mode, kinds, tiers, only string
	verbose                  bool
	report                   *report

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
	Executions   []awsExecution   `json:"executions"`
	Pairs        []awsExecution   `json:"pairs"`
	Expect       json.RawMessage  `json:"expect"`
	Expected     json.RawMessage  `json:"expected"`
	SkipVerify   []string         `json:"skip_verify"`
	Transformers []awsTransformer `json:"transformers"`
	Dynamic      []awsDynamic     `json:"dynamic"`
	Recorded     string           `json:"recorded_date"`
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
	Error    bool            `json:"error"`
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
	if s.mode != "simulate" && s.mode != "restore" {
		return fmt.Errorf("no mode %q", s.mode)
	}
	s.report = r
	files, err := jsonFiles(paths)
	if err != nil {
		return err
	}
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
				s.one(&cases[i])
			}
		}
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

func (s *awsRun) one(c *awsCase) {
	run := awsKinds[c.Kind]
	why := unsupported(c)
	switch {
	case run == nil:
		s.skip(c, "needs the HTTP API")
		return
	case why != "":
		s.skip(c, why)
		return
	}
	err := guarded(func() error { return run(s, c) })
	var missing needs
	switch {
	case errors.As(err, &missing):
		s.skip(c, missing.Error())
	case err != nil:
		s.report.fail(c.ID, err.Error())
	default:
		s.report.pass(c.ID)
	}
}

// needs is an error: it names something that a case needs and that is not there.
type needs string

func (n needs) Error() string { return "needs " + string(n) }

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

// unsupported says why a case cannot be run here, by what it needs.
func unsupported(c *awsCase) string {
	for _, need := range c.Needs {
		if !strings.HasPrefix(need, "lambda:") {
			return "needs " + need
		}
	}
	switch {
	case c.Complete != nil && !*c.Complete:
		return "its recording is incomplete"
	case c.Marker == "aws_needs_fixing":
		return "its recording may not be AWS's"
	case strings.Contains(string(c.Mock), "local_mock_config"):
		return "needs a mock file of Step Functions Local"
	case c.Kind == "test_state" && strings.Contains(string(c.Mock), "fieldValidationMode"):
		return ""
	}
	for i := range c.Calls {
		if c.Calls[i].Op == "StartSyncExecution" {
			return "needs the answer of StartSyncExecution"
		}
	}
	return ""
}
