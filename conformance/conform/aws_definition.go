package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/teststate"
	"github.com/statemill/statemill/jsonvalue"
)

// validations replays ValidateStateMachineDefinition.
func (s *awsRun) validations(c *recorded.Case) error {
	expected, err := jsonvalue.Parse(c.Expected)
	if err != nil {
		return err
	}
	for i := range c.Calls {
		call := &c.Calls[i]
		if call.Match == "" || call.FromCall == nil {
			continue
		}
		want, _ := expected.Get(call.Match)
		got, err := validate(c.Calls[*call.FromCall].Args)
		if err != nil {
			return err
		}
		if err := recorded.NewNormaliser(c).Difference(call.Match, want.Without("ResponseMetadata"), got); err != nil {
			return err
		}
	}
	return nil
}

// validate answers as the operation does.
func validate(args []byte) (jsonvalue.Value, error) {
	var request struct {
		Definition, Type, Severity string
		MaxResults                 int
	}
	if err := json.Unmarshal(args, &request); err != nil {
		return jsonvalue.Value{}, err
	}
	limit := 100
	if request.MaxResults > 0 {
		limit = request.MaxResults
	}
	found := asl.Validator{Express: request.Type == "EXPRESS"}.Validate([]byte(request.Definition))
	result, diagnostics := "OK", []jsonvalue.Value{}
	for _, d := range found {
		if !d.Warning {
			result = "FAIL"
		}
		if !d.Warning || request.Severity == "WARNING" && !strings.HasPrefix(d.Code, "STATEMILL_") {
			diagnostics = append(diagnostics, diagnostic(d))
		}
	}
	truncated := len(diagnostics) > limit
	return jsonvalue.Object(
		jsonvalue.Member{Name: "result", Value: jsonvalue.String(result)},
		jsonvalue.Member{Name: "diagnostics", Value: jsonvalue.Array(diagnostics[:min(limit, len(diagnostics))]...)},
		jsonvalue.Member{Name: "truncated", Value: jsonvalue.Bool(truncated)},
	), nil
}

func diagnostic(d asl.Diagnostic) jsonvalue.Value {
	text := jsonvalue.String
	severity := "ERROR"
	if d.Warning {
		severity = "WARNING"
	}
	members := []jsonvalue.Member{
		{Name: "severity", Value: text(severity)},
		{Name: "code", Value: text(d.Code)},
		{Name: "message", Value: text(d.Message)},
	}
	if d.Location != "" {
		members = append(members, jsonvalue.Member{Name: "location", Value: text(d.Location)})
	}
	return jsonvalue.Object(members...)
}

// creations replays CreateStateMachine calls that are refused.
func (s *awsRun) creations(c *recorded.Case) error {
	var want struct{ Exception, Message string }
	if err := json.Unmarshal(c.Expect, &want); err != nil {
		return err
	}
	if want.Exception != "InvalidDefinition" {
		return recorded.Needs("the HTTP API")
	}
	for i := range c.Calls {
		if c.Calls[i].Op != "CreateStateMachine" {
			continue
		}
		got, refused := refusal(c.Calls[i].Args)
		if !refused {
			continue
		}
		if c.Marker == "localstack_text" {
			return nil // the recorded text is not AWS's
		}
		if want.Message != got && !strings.HasSuffix(want.Message, ": "+got) {
			return fmt.Errorf("message: want %q, got %q", want.Message, got)
		}
		return nil
	}
	return errors.New("the definition is accepted")
}

// refusal returns the message with which a definition is refused.
func refusal(args []byte) (message string, refused bool) {
	var request struct{ Definition, Type string }
	if err := json.Unmarshal(args, &request); err != nil {
		return err.Error(), true
	}
	found := asl.Validator{Express: request.Type == "EXPRESS"}.Validate([]byte(request.Definition))
	return teststate.InvalidDefinition(found), found.Err() != nil
}
