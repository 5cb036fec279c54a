package recorded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
)

// Drive runs an execution of a case to its end.
type Drive func(c *Case, run replay.Replay) (replay.Result, error)

// Run runs the executions of a case, and returns the first difference from what was recorded. A case of
// a kind that starts none is a Skip.
func (c *Case) Run(drive Drive) error {
	switch c.Kind {
	case "single":
		return c.single(drive)
	case "execution":
		return c.executions(drive)
	case "choice", "intrinsic":
		return c.pairs(drive)
	}
	return Needs("the API of Step Functions")
}

func (c *Case) executions(drive Drive) error {
	if len(c.Executions) == 0 {
		return errors.New("the case starts no execution")
	}
	for i := range c.Executions {
		if err := c.execution(&c.Executions[i], drive); err != nil {
			return err
		}
	}
	return nil
}

// pairs runs a case that starts one small execution for each of many inputs.
func (c *Case) pairs(drive Drive) error {
	for i := range c.Pairs {
		if err := c.execution(&c.Pairs[i], drive); err != nil {
			return fmt.Errorf("%s: %w", c.Pairs[i].ID, err)
		}
	}
	return nil
}

func (c *Case) execution(e *Execution, drive Drive) error {
	program, err := compile(c.definition(e))
	if err != nil {
		return err
	}
	text := "{}"
	if e.Input != nil {
		text = FillIn(*e.Input, c.Dynamic)
	}
	input, err := jsonvalue.Parse([]byte(text))
	if err != nil {
		return err
	}
	result, err := drive(c, replay.Replay{
		Program: program, Header: interp.Header{Identity: c.identity(e)}, Input: input, Start: At, Perform: NewFunctions(c.Lambdas).perform,
	})
	if err != nil {
		return err
	}
	return compareExecution(c, e, &result)
}

// definition returns the text that was sent.
func (c *Case) definition(e *Execution) []byte {
	text := []byte(c.Definition)
	if c.Text != "" {
		return []byte(c.Text)
	}
	if d := bytes.TrimSpace(e.Definition); len(d) > 0 && string(d) != `"$same"` {
		text = d
	}
	var asText string
	if json.Unmarshal(text, &asText) == nil {
		return []byte(asText)
	}
	return text
}

func compile(definition []byte) (*interp.Program, error) {
	machine, err := asl.Parse(definition)
	if err != nil {
		return nil, fmt.Errorf("the definition is refused: %w", err)
	}
	return interp.Compile(machine)
}

// At is when replayed executions start.
var At = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// FillIn puts instants in that the recording made from its own clock.
func FillIn(text string, dynamic []Dynamic) string {
	for _, d := range dynamic {
		at := At.Add(time.Duration(d.Seconds * float64(time.Second)))
		layout := strings.NewReplacer("%Y", "2006", "%m", "01", "%d", "02", "%H", "15", "%M", "04", "%S", "05", "%f", "000000").Replace(d.Format)
		text = strings.ReplaceAll(text, d.Token, at.Format(layout)+d.Suffix)
	}
	return text
}

// identity returns the names that the recording's own run had, which its
// transformers know.
func (c *Case) identity(e *Execution) interp.Identity {
	id := interp.Identity{
		StateMachineName: e.StateMachine,
		StateMachine:     "arn:aws:states:us-east-1:111111111111:stateMachine:" + e.StateMachine,
		ExecutionName:    "00000000-0000-4000-8000-000000000000",
	}
	for i := range c.Calls {
		var args struct{ Name, RoleArn, StateMachineArn, Input string }
		call := &c.Calls[i]
		_ = json.Unmarshal(call.Args, &args)
		switch {
		case call.Op == "CreateStateMachine" && args.Name == e.StateMachine:
			id.RoleARN = args.RoleArn
		case call.Op == "StartExecution" && args.StateMachineArn == id.StateMachine && (e.Input == nil || args.Input == *e.Input):
			id.ExecutionName = fmt.Sprintf("00000000-0000-4000-8000-%012d", call.I)
		}
	}
	id.Execution = "arn:aws:states:us-east-1:111111111111:execution:" + e.StateMachine + ":" + id.ExecutionName
	return id
}

// compareExecution holds an execution to what was recorded of it.
func compareExecution(c *Case, e *Execution, got *replay.Result) error {
	n := NewNormaliser(c)
	if err := compareOutcome(n, e.Expect, got); err != nil {
		return err
	}
	expected, err := jsonvalue.Parse(c.Expected)
	if err != nil {
		return err
	}
	recorded, _ := expected.Get(e.Key)
	events, ok := recorded.Get("events")
	if !ok {
		return nil
	}
	return compareHistory(c, n, events, got.History)
}

func compareOutcome(n *Normaliser, expect []byte, got *replay.Result) error {
	want, err := jsonvalue.Parse(expect)
	if err != nil {
		return fmt.Errorf("the case expects nothing: %w", err)
	}
	if status, _ := want.Get("status"); status.Equal(jsonvalue.String("UNKNOWN")) {
		return nil // the recording ends before the execution did
	}
	members := []jsonvalue.Member{{Name: "status", Value: jsonvalue.String(string(got.Status))}}
	if got.Status == interp.Succeeded {
		members = append(members, jsonvalue.Member{Name: "output", Value: unfoldMember(jsonvalue.String(got.Output.String()))})
	} else if got.Status != interp.TimedOut { // DescribeExecution says nothing more of these (recorded)
		last := got.History[len(got.History)-1]
		if last.HasError {
			members = append(members, jsonvalue.Member{Name: "error", Value: jsonvalue.String(last.Error)})
		}
		if last.HasCause {
			members = append(members, jsonvalue.Member{Name: "cause", Value: jsonvalue.String(last.Cause)})
		}
	}
	have := jsonvalue.Object(members...)
	for _, name := range []string{"status", "output", "error", "cause"} {
		if err := compareMember(n, name, want, have); err != nil {
			return err
		}
	}
	return nil
}

func compareMember(n *Normaliser, name string, want, have jsonvalue.Value) error {
	w, wanted := want.Get(name)
	h, there := have.Get(name)
	switch {
	case !wanted && (name == "output" || !there):
		return nil
	case !there:
		return fmt.Errorf("%s: want %s, got nothing but %s", name, Brief(w), Brief(have))
	case !wanted:
		return fmt.Errorf("%s: want none, got %s", name, Brief(h))
	}
	// How a text was written down depends on the recording; compare values.
	if s, ok := w.AsString(); ok && name == "output" {
		if parsed, err := jsonvalue.Parse([]byte(s)); err == nil {
			w = parsed
		}
		if text, ok := h.AsString(); ok {
			if parsed, err := jsonvalue.Parse([]byte(text)); err == nil {
				h = parsed
			}
		}
	}
	if name == "output" && h.Kind() == jsonvalue.KindString && w.Kind() != jsonvalue.KindString {
		text, _ := h.AsString()
		if parsed, err := jsonvalue.Parse([]byte(text)); err == nil {
			h = parsed
		}
	}
	if w.Kind() == jsonvalue.KindObject && h.Kind() == jsonvalue.KindString {
		h = unfoldMember(h)
	}
	return n.Difference(name, w, h)
}

// compareHistory compares event by event, with ids and in order. A recording
// from which the order was taken out is compared as a set of events.
func compareHistory(c *Case, n *Normaliser, want jsonvalue.Value, history []history.Event) error {
	got, err := jsonvalue.Of(history)
	if err != nil {
		return err
	}
	return CompareEvents(c, n, want, Unfold(got))
}

// CompareEvents compares the events of a history.
func CompareEvents(c *Case, n *Normaliser, want, got jsonvalue.Value) error {
	if c.shortened() {
		return compareAsSet(n, want, got)
	}
	return compareInOrder(n, want, got, c.GoesOn())
}

// GoesOn reports whether the recording ends before the execution did.
func (c *Case) GoesOn() bool {
	var expect struct{ Status string }
	return json.Unmarshal(c.Expect, &expect) == nil && expect.Status == "UNKNOWN"
}

// shortened reports whether events of Parallel states were taken out of the
// recording, together with the order of what is inside.
func (c *Case) shortened() bool {
	return slices.ContainsFunc(c.Transformers, func(t Transformer) bool { return t.Kind == "SfnNoneRecursiveParallelTransformer" })
}

func compareInOrder(n *Normaliser, want, got jsonvalue.Value, goesOn bool) error {
	for i, w := range want.Elements() {
		g, ok := got.Index(i)
		if !ok {
			return fmt.Errorf("events: want %d, got %d", want.Len(), got.Len())
		}
		if err := n.Difference(fmt.Sprintf("events[%d]", i), w, withTolerance(w, g)); err != nil {
			return err
		}
	}
	if got.Len() != want.Len() && !goesOn {
		return fmt.Errorf("events: want %d, got %d", want.Len(), got.Len())
	}
	return nil
}

// withTolerance lets two types of events have either predecessor: AWS changed
// the rule between recordings, and the newer form is built.
func withTolerance(want, got jsonvalue.Value) jsonvalue.Value {
	kind, _ := want.Get("type")
	name, _ := kind.AsString()
	if previous, ok := want.Get("previousEventId"); ok && (name == "EvaluationFailed" || name == "MapStateExited") {
		return got.With("previousEventId", previous)
	}
	return got
}

// compareAsSet looks for each recorded event in the history. Only
// events of Parallel states may be left over.
func compareAsSet(n *Normaliser, want, got jsonvalue.Value) error {
	left := make([]jsonvalue.Value, 0, got.Len())
	for _, g := range got.Elements() {
		left = append(left, withoutOrder(g))
	}
	for i, w := range want.Elements() {
		w = withoutOrder(w)
		at := slices.IndexFunc(left, func(g jsonvalue.Value) bool { return n.Difference("", w, g) == nil })
		if at < 0 {
			return fmt.Errorf("events[%d]: nothing like %s", i, Brief(w))
		}
		left = slices.Delete(left, at, at+1)
	}
	for _, event := range left {
		if kind, _ := event.Get("type"); !strings.HasPrefix(TextOf(kind), "Parallel") {
			return fmt.Errorf("events: not wanted: %s", Brief(event))
		}
	}
	return nil
}

// withoutOrder takes out of an event what depends on the order of strands.
func withoutOrder(event jsonvalue.Value) jsonvalue.Value {
	event = event.Without("id").Without("previousEventId").Without("timestamp")
	v, err := jsonvalue.Parse(eventIDs.ReplaceAll(event.AppendJSON(nil), []byte("event id #0")))
	if err != nil {
		return event
	}
	return v
}

// TextOf returns the text of a value; "": it is none.
func TextOf(v jsonvalue.Value) string {
	s, _ := v.AsString()
	return s
}
