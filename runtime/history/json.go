package history

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// detailFields are the fields of the details of each type of event, in the
// order in which they are written (API reference, HistoryEvent). A type that is
// missing here has no details.
var detailFields = map[string]string{
	"ExecutionStarted":             "input roleArn stateMachineAliasArn stateMachineVersionArn",
	"ExecutionSucceeded":           "output",
	"ExecutionFailed":              "error cause",
	"ExecutionAborted":             "error cause",
	"ExecutionTimedOut":            "error cause",
	"ExecutionRedriven":            "redriveCount",
	"LambdaFunctionScheduled":      "resource input timeoutInSeconds taskCredentials",
	"LambdaFunctionSucceeded":      "output",
	"LambdaFunctionFailed":         "error cause",
	"LambdaFunctionTimedOut":       "error cause",
	"LambdaFunctionScheduleFailed": "error cause",
	"LambdaFunctionStartFailed":    "error cause",
	"TaskScheduled":                "resourceType resource region parameters timeoutInSeconds heartbeatInSeconds taskCredentials",
	"TaskStarted":                  "resourceType resource",
	"TaskSubmitted":                "resourceType resource output",
	"TaskSucceeded":                "resourceType resource output",
	"TaskFailed":                   "resourceType resource error cause",
	"TaskTimedOut":                 "resourceType resource error cause",
	"TaskStartFailed":              "resourceType resource error cause",
	"TaskSubmitFailed":             "resourceType resource error cause",
	"ActivityScheduled":            "resource input timeoutInSeconds heartbeatInSeconds",
	"ActivityStarted":              "workerName",
	"ActivitySucceeded":            "output",
	"ActivityFailed":               "error cause",
	"ActivityTimedOut":             "error cause",
	"ActivityScheduleFailed":       "error cause",
	"MapStateStarted":              "length",
	"MapIterationStarted":          "name index",
	"MapIterationSucceeded":        "name index",
	"MapIterationFailed":           "name index",
	"MapIterationAborted":          "name index",
	"MapRunStarted":                "mapRunArn",
	"MapRunFailed":                 "error cause",
	"MapRunRedriven":               "mapRunArn redriveCount",
	"EvaluationFailed":             "error cause location state",
	"StateEntered":                 "name input",
	"StateExited":                  "name output assignedVariables",
}

// family returns the name under which a type of event has its details.
func family(kind string) string {
	for _, f := range []string{"StateEntered", "StateExited"} {
		if strings.HasSuffix(kind, f) {
			return f
		}
	}
	return kind
}

// detailsKey returns the name of the object that holds the details.
func detailsKey(family string) string {
	return strings.ToLower(family[:1]) + family[1:] + "EventDetails"
}

func member(name string, v jsonvalue.Value) jsonvalue.Member {
	return jsonvalue.Member{Name: name, Value: v}
}

// notTruncated stands beside each text in the details.
var notTruncated = jsonvalue.Object(member("truncated", jsonvalue.Bool(false)))

// detail is one field of the details of an event.
type detail struct {
	get func(e *Event) (jsonvalue.Value, bool) // false: the field is absent
	set func(e *Event, v jsonvalue.Value) error
}

// details are the fields by name.
func details(name string) detail {
	switch name {
	case "input":
		return dataDetail(func(e *Event) *jsonvalue.Value { return &e.Input })
	case "output":
		return dataDetail(func(e *Event) *jsonvalue.Value { return &e.Output })
	case "parameters":
		return dataDetail(func(e *Event) *jsonvalue.Value { return &e.Parameters })
	case "error":
		return optionalDetail(func(e *Event) (*string, *bool) { return &e.Error, &e.HasError })
	case "cause":
		return optionalDetail(func(e *Event) (*string, *bool) { return &e.Cause, &e.HasCause })
	case "assignedVariables":
		return detail{getVariables, setVariables}
	case "taskCredentials":
		return detail{getCredentials, setCredentials}
	}
	if field, ok := textDetails[name]; ok {
		return textDetail(field)
	}
	return numberDetail(name)
}

var textDetails = map[string]func(e *Event) *string{
	"name":                   func(e *Event) *string { return &e.Name },
	"state":                  func(e *Event) *string { return &e.Name },
	"location":               func(e *Event) *string { return &e.Location },
	"resource":               func(e *Event) *string { return &e.Resource },
	"resourceType":           func(e *Event) *string { return &e.ResourceType },
	"region":                 func(e *Event) *string { return &e.Region },
	"workerName":             func(e *Event) *string { return &e.WorkerName },
	"roleArn":                func(e *Event) *string { return &e.RoleARN },
	"mapRunArn":              func(e *Event) *string { return &e.MapRunARN },
	"stateMachineVersionArn": func(e *Event) *string { return &e.VersionARN },
	"stateMachineAliasArn":   func(e *Event) *string { return &e.AliasARN },
}

// textDetail is a text that is absent when it is empty.
func textDetail(field func(*Event) *string) detail {
	return detail{
		func(e *Event) (jsonvalue.Value, bool) {
			s := *field(e)
			return jsonvalue.String(s), s != ""
		},
		func(e *Event, v jsonvalue.Value) error {
			*field(e), _ = v.AsString()
			return nil
		},
	}
}

// optionalDetail is a text that can be absent, and can be there and empty.
func optionalDetail(field func(*Event) (*string, *bool)) detail {
	return detail{
		func(e *Event) (jsonvalue.Value, bool) {
			s, there := field(e)
			return jsonvalue.String(*s), *there
		},
		func(e *Event, v jsonvalue.Value) error {
			s, there := field(e)
			*s, *there = v.AsString()
			return nil
		},
	}
}

// dataDetail is data, which AWS writes as JSON inside a string.
func dataDetail(field func(*Event) *jsonvalue.Value) detail {
	return detail{
		func(e *Event) (jsonvalue.Value, bool) {
			return jsonvalue.String(field(e).String()), !e.redacted
		},
		func(e *Event, v jsonvalue.Value) (err error) {
			text, _ := v.AsString()
			*field(e), err = jsonvalue.Parse([]byte(text))
			return err
		},
	}
}

// numberDetail is a number. Counts of items and indexes are always there,
// durations only if they are set.
func numberDetail(name string) detail {
	switch name {
	case "timeoutInSeconds":
		return int64Detail(func(e *Event) *int64 { return &e.TimeoutSeconds })
	case "heartbeatInSeconds":
		return int64Detail(func(e *Event) *int64 { return &e.HeartbeatSeconds })
	case "length":
		return intDetail(func(e *Event) *int { return &e.Length })
	case "index":
		return intDetail(func(e *Event) *int { return &e.Index })
	}
	return intDetail(func(e *Event) *int { return &e.RedriveCount })
}

func int64Detail(field func(*Event) *int64) detail {
	return detail{
		func(e *Event) (jsonvalue.Value, bool) { n := *field(e); return jsonvalue.Int(n), n != 0 },
		func(e *Event, v jsonvalue.Value) error { *field(e), _ = v.AsInt64(); return nil },
	}
}

func intDetail(field func(*Event) *int) detail {
	return detail{
		func(e *Event) (jsonvalue.Value, bool) { return jsonvalue.Int(int64(*field(e))), true },
		func(e *Event, v jsonvalue.Value) error {
			n, _ := v.AsInt64()
			*field(e) = int(n)
			return nil
		},
	}
}

// getVariables writes each variable as a JSON text.
func getVariables(e *Event) (jsonvalue.Value, bool) {
	members := make([]jsonvalue.Member, 0, e.Variables.Len())
	for name, v := range e.Variables.Members() {
		members = append(members, member(name, jsonvalue.String(v.String())))
	}
	return jsonvalue.Object(members...), len(members) > 0 && !e.redacted
}

func setVariables(e *Event, v jsonvalue.Value) error {
	members := make([]jsonvalue.Member, 0, v.Len())
	for name, m := range v.Members() {
		text, _ := m.AsString()
		value, err := jsonvalue.Parse([]byte(text))
		if err != nil {
			return err
		}
		members = append(members, member(name, value))
	}
	e.Variables = jsonvalue.Object(members...)
	return nil
}

func getCredentials(e *Event) (jsonvalue.Value, bool) {
	return jsonvalue.Object(member("roleArn", jsonvalue.String(e.RoleARN))), e.RoleARN != ""
}

func setCredentials(e *Event, v jsonvalue.Value) error {
	role, _ := v.Get("roleArn")
	e.RoleARN, _ = role.AsString()
	return nil
}

// MarshalJSON implements json.Marshaler.
func (e Event) MarshalJSON() ([]byte, error) {
	seconds, err := jsonvalue.Number(json.Number(fmt.Sprintf("%d.%03d", e.Time.UnixMilli()/1000, e.Time.UnixMilli()%1000)))
	if err != nil {
		return nil, err
	}
	members := []jsonvalue.Member{
		member("timestamp", seconds),
		member("type", jsonvalue.String(e.Type)),
		member("id", jsonvalue.Int(e.ID)),
		member("previousEventId", jsonvalue.Int(e.PreviousID)),
	}
	if fields, ok := detailFields[family(e.Type)]; ok {
		members = append(members, member(detailsKey(family(e.Type)), e.details(fields)))
	}
	return jsonvalue.Object(members...).MarshalJSON()
}

// Details returns the details of the event in AWS's form: what the JSON form has inside the
// object named after the type. It is an empty object for a type that has none.
func (e Event) Details() jsonvalue.Value { return e.details(detailFields[family(e.Type)]) }

func (e *Event) details(fields string) jsonvalue.Value {
	var members []jsonvalue.Member
	for name := range strings.FieldsSeq(fields) {
		v, ok := details(name).get(e)
		if !ok {
			continue
		}
		members = append(members, member(name, v))
		switch name {
		case "input", "output", "assignedVariables":
			members = append(members, member(name+"Details", notTruncated))
		}
	}
	return jsonvalue.Object(members...)
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *Event) UnmarshalJSON(text []byte) error {
	v, err := jsonvalue.Parse(text)
	if err != nil {
		return err
	}
	var head struct {
		Timestamp       float64 `json:"timestamp"`
		Type            string  `json:"type"`
		ID              int64   `json:"id"`
		PreviousEventID int64   `json:"previousEventId"`
	}
	if err := v.Decode(&head); err != nil {
		return err
	}
	*e = Event{ID: head.ID, PreviousID: head.PreviousEventID, Type: head.Type}
	e.Time = time.UnixMilli(int64(math.Round(head.Timestamp * 1000))).UTC()
	fields, ok := detailFields[family(e.Type)]
	if !ok {
		return nil
	}
	written, _ := v.Get(detailsKey(family(e.Type)))
	for name := range strings.FieldsSeq(fields) {
		if m, ok := written.Get(name); ok {
			if err := details(name).set(e, m); err != nil {
				return fmt.Errorf("history: event %d: %s: %w", e.ID, name, err)
			}
		}
	}
	return nil
}
