// Package recorded has what AWS was recorded to answer, in the form of the recordings: cases, the tasks
// and objects that they ask for, and how what an execution came to is compared with them. Whoever
// drives executions can be held to it.
package recorded

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Case is one recorded case. It keeps AWS's answers as they were
// written: number forms count.
type Case struct {
	ID           string          `json:"id"`
	Kind         string          `json:"kind"`
	Tier         string          `json:"tier"`
	Needs        oneOrMore       `json:"needs"`
	Features     []string        `json:"features"`
	Type         string          `json:"type"`
	Definition   json.RawMessage `json:"definition"`
	Text         string          `json:"definition_text"`
	Input        json.RawMessage `json:"input"`
	Lambdas      []Lambda        `json:"lambdas"`
	Mock         json.RawMessage `json:"mock"`
	Logging      json.RawMessage `json:"logging"`
	Calls        []Call          `json:"calls"`
	Refs         []Ref           `json:"refs"`
	Executions   []Execution     `json:"executions"`
	Pairs        []Execution     `json:"pairs"`
	Expect       json.RawMessage `json:"expect"`
	Expected     json.RawMessage `json:"expected"`
	SkipVerify   []string        `json:"skip_verify"`
	Transformers []Transformer   `json:"transformers"`
	Dynamic      []Dynamic       `json:"dynamic"`
	Recorded     string          `json:"recorded_date"`
	Source       string          `json:"source"`
	Complete     *bool           `json:"complete"`
	Marker       string          `json:"aws_marker"`
	ClientSide   json.RawMessage `json:"client_side_validation"`

	Single
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

// Lambda is a function that a case creates.
type Lambda struct {
	Name      string `json:"name"`
	ARN       string `json:"arn"`
	Behaviour string `json:"behaviour"`
}

// Call is a call that a case makes, or what it does between two of them.
type Call struct {
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
	Thread      string  `json:"thread"` // that made the call beside the others
	Poll        bool    `json:"poll"`   // it was made until the answer was what was waited for

	StateMachine json.RawMessage `json:"cfn_state_machine"` // that CreateStack made: the arguments of CreateStateMachine
}

// Execution is one StartExecution.
type Execution struct {
	ID           string          `json:"pair_id"`
	StateMachine string          `json:"state_machine"`
	Definition   json.RawMessage `json:"definition"`
	Input        *string         `json:"input"`
	Sync         bool            `json:"sync"`
	Key          string          `json:"expected_key"`
	Expect       json.RawMessage `json:"expect"`
}

// Transformer says what a volatile text became in the recording.
type Transformer struct {
	Kind        string `json:"kind"`
	Regex       string `json:"regex"`
	Replacement string `json:"replacement"`
}

// Dynamic is an instant that the recording made from its own clock.
type Dynamic struct {
	Token   string  `json:"token"`
	Seconds float64 `json:"now_plus_seconds"`
	Format  string  `json:"format"`
	Suffix  string  `json:"suffix"`
}

// Ref is a text in the arguments of calls that comes from an earlier answer.
type Ref struct {
	Value string `json:"value"`
	Step  int    `json:"step"`
	Path  string `json:"path"` // "response.stateMachineArn"
}

// Read returns the cases in the JSON files among paths, and in the folders among them.
func Read(paths ...string) (all []*Case, err error) {
	files, err := jsonFiles(paths)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var cases []*Case
		if err := json.Unmarshal(text, &cases); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, c := range cases {
			if c.Kind == "" {
				c.Kind = "single"
			}
		}
		all = append(all, cases...)
	}
	return all, nil
}

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

// Skip is an error: it says why a case is not replayed.
type Skip string

func (s Skip) Error() string { return string(s) }

// Needs returns a Skip that names something that is not there.
func Needs(what string) error { return Skip("needs " + what) }

// Guarded turns a panic into an error, so that one case cannot end the run.
func Guarded(run func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("panic: %v", value)
		}
	}()
	return run()
}

// Unfit says why no driver of executions can run a case as it was recorded; nil: it can. has tells
// whether there is what the case needs; the functions of Lambda always are.
func (c *Case) Unfit(has func(need string) bool) error {
	for _, need := range c.Needs {
		if !strings.HasPrefix(need, "lambda:") && !has(need) {
			return Needs(need)
		}
	}
	switch {
	case c.Marker == "aws_needs_fixing":
		return Skip("its recording may not be AWS's")
	case strings.Contains(string(c.Mock), "local_mock_config"):
		return Needs("a mock file of Step Functions Local")
	}
	return nil
}

// Incomplete reports whether answers of the recording are not known.
func (c *Case) Incomplete() bool { return c.Complete != nil && !*c.Complete }

// Makes reports whether the case calls an operation.
func (c *Case) Makes(operation string) bool {
	return slices.ContainsFunc(c.Calls, func(call Call) bool { return call.Op == operation })
}

// before reports whether the recording was made before a day.
func (c *Case) before(day time.Time) bool {
	at, err := time.Parse("02-01-2006", strings.TrimSpace(strings.Split(c.Recorded, ",")[0]))
	return err == nil && at.Before(day)
}
