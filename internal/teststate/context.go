package teststate

import (
	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// contextFields are the fields that a Context Object given to TestState may
// have, with their types; KindNull stands for any.
var contextFields = map[string]map[string]jsonvalue.Kind{
	"Execution": {
		"Id": jsonvalue.KindString, "Input": jsonvalue.KindNull, "Name": jsonvalue.KindString, "RoleArn": jsonvalue.KindString,
		"StartTime": jsonvalue.KindString, "RedriveCount": jsonvalue.KindNumber, "RedriveTime": jsonvalue.KindString,
	},
	"State":        {"EnteredTime": jsonvalue.KindString, "Name": jsonvalue.KindString, "RetryCount": jsonvalue.KindNumber},
	"StateMachine": {"Id": jsonvalue.KindString, "Name": jsonvalue.KindString},
	"Task":         {"Token": jsonvalue.KindString},
}

// checkContext refuses a Context Object that AWS refuses.
func checkContext(context jsonvalue.Value, state asl.State) error {
	refuse := func(format string, args ...any) error {
		return invalid("Invalid Context object provided: "+format, args...)
	}
	for name, part := range context.Members() {
		fields, known := contextFields[name]
		switch {
		case name == "Map":
			return refuse("'Map' field is not supported when mocking a Context object")
		case !known:
			return refuse("Field '%s' is not allowed", name)
		case part.Kind() != jsonvalue.KindObject:
			return refuse("%s must be an object", name)
		case name == "Task" && !handsOutToken(state):
			return refuse("Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern")
		}
		for field, v := range part.Members() {
			kind, known := fields[field]
			if !known {
				return refuse("Field '%s' is not allowed", field)
			}
			if kind != jsonvalue.KindNull && v.Kind() != kind {
				return refuse("%s.%s must be a %s", name, field, kind)
			}
		}
	}
	return nil
}

func handsOutToken(state asl.State) bool {
	t, ok := state.(*asl.Task)
	return ok && (t.Resource.Pattern == asl.Sync || t.Resource.Pattern == asl.WaitForTaskToken)
}
