package recorded

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// Single holds AWS's answer to one small definition and its input, without a
// history. One of Refused, Error and the members about the output is there.
type Single struct {
	Tasks map[string]singleTask `json:"tasks"` // by the pattern of a resource

	Refused  oneOrMore        `json:"refused"` // the messages of the errors in order; "*": any
	Error    *string          `json:"error"`   // "*": any; "": none
	Cause    *string          `json:"cause"`
	CauseHas string           `json:"cause_has"`
	Output   *jsonvalue.Value `json:"output"`
	Between  []float64        `json:"between"` // low <= n < high
	Pattern  string           `json:"pattern"`
	Samples  []float64        `json:"samples"` // a list of these numbers and no others
}

// singleTask is how a task answers at every call.
type singleTask struct {
	OK    jsonvalue.Value `json:"ok"`
	Error *string         `json:"error"`
	Cause string          `json:"cause"`
}

// single runs a case without a history.
func (c *Case) single(drive Drive) error {
	program, err := compile(c.definition(&Execution{}))
	if c.Refused != nil {
		return c.compareRefusal(err)
	}
	if err != nil {
		return err
	}
	input, err := jsonvalue.Parse(c.Input)
	if err != nil {
		return err
	}
	result, err := drive(c, replay.Replay{
		Program: program, Header: interp.Header{Identity: c.identity(&Execution{StateMachine: "single"})}, Input: input, Start: At, Perform: c.perform,
	})
	if err != nil {
		return err
	}
	return c.compareAnswer(&result)
}

// compareRefusal compares the messages of the errors, which are the texts of AWS
// without our own ones behind them.
func (c *Single) compareRefusal(err error) error {
	if err == nil {
		return errors.New("the definition is accepted")
	}
	var got []string
	var found asl.Diagnostics
	errors.As(err, &found)
	for _, d := range found {
		if !d.Warning {
			got = append(got, d.Message)
		}
	}
	if !slices.Equal(c.Refused, oneOrMore{"*"}) && !slices.Equal(c.Refused, got) {
		return fmt.Errorf("refused: want %q, got %q", []string(c.Refused), got)
	}
	return nil
}

// perform answers as the task of the longest pattern does that fits.
func (c *Single) perform(s *interp.StartTask) replay.Answer {
	answer := c.AnswerTo(s.Task.Resource.Text)
	answer.After = Delay(s.ID)
	return answer
}

// AnswerTo says what a task with a resource answers.
func (c *Single) AnswerTo(resource string) (answer replay.Answer) {
	answer.Err = &runtime.TaskError{Name: asl.StatesTaskFailed, Cause: "no task " + resource}
	longest := -1
	for pattern, task := range c.Tasks {
		if len(pattern) <= longest || !fits(pattern, resource) {
			continue
		}
		longest = len(pattern)
		answer.Output, answer.Err = task.OK, nil
		if task.Error != nil {
			answer.Err = &runtime.TaskError{Name: *task.Error, Cause: task.Cause}
		}
	}
	return answer
}

// fits reports whether text fits a pattern, in which "*" is any text.
func fits(pattern, text string) bool {
	parts := strings.Split(regexp.QuoteMeta(pattern), `\*`)
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(text)
}

func (c *Single) compareAnswer(got *replay.Result) error {
	if c.Error == nil && c.Cause == nil && c.CauseHas == "" {
		if got.Status != interp.Succeeded {
			return fmt.Errorf("want success, got %s %q: %q", got.Status, got.Error, got.Cause)
		}
		return c.compareOutput(got.Output)
	}
	switch {
	case got.Status == interp.Succeeded:
		return fmt.Errorf("want a failure, got %s", Brief(got.Output))
	case c.Error != nil && *c.Error != "*" && *c.Error != got.Error:
		return fmt.Errorf("error: want %q, got %q: %q", *c.Error, got.Error, got.Cause)
	case c.Cause != nil && *c.Cause != got.Cause:
		return fmt.Errorf("cause: want %q, got %q", *c.Cause, got.Cause)
	case !strings.Contains(got.Cause, c.CauseHas):
		return fmt.Errorf("cause: want a text with %q, got %q", c.CauseHas, got.Cause)
	}
	return nil
}

// compareOutput looks at the output or, unless it is known as a whole, at its
// member v. Such cases do not tell 1 from 1.0, nor the order of members.
func (c *Single) compareOutput(out jsonvalue.Value) error {
	if c.Output != nil {
		if !out.Equal(*c.Output) {
			return fmt.Errorf("output: want %s, got %s", Brief(*c.Output), Brief(out))
		}
		return nil
	}
	for _, name := range []string{"v", "value"} {
		if member, ok := out.Get(name); ok {
			out = member
		}
	}
	ok := false
	switch text, _ := out.AsString(); {
	case c.Between != nil:
		n, isNumber := out.AsFloat64()
		ok = isNumber && c.Between[0] <= n && n < c.Between[1]
	case c.Pattern != "":
		ok, _ = regexp.MatchString(c.Pattern, text)
	case c.Samples != nil:
		ok = c.justSamples(out)
	}
	if !ok {
		return fmt.Errorf("output: want %s, got %s", c.wanted(), Brief(out))
	}
	return nil
}

func (c *Single) justSamples(list jsonvalue.Value) bool {
	seen := make(map[float64]bool)
	for _, element := range list.Elements() {
		n, ok := element.AsFloat64()
		if !ok || !slices.Contains(c.Samples, n) {
			return false
		}
		seen[n] = true
	}
	return len(seen) == len(c.Samples)
}

// wanted prints what the case wants of the output.
func (c *Single) wanted() string {
	text, err := json.Marshal(map[string]any{"between": c.Between, "pattern": c.Pattern, "samples": c.Samples})
	if err != nil {
		return err.Error()
	}
	return string(text)
}
