package command

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// readEvents reads the history of an execution: what aws stepfunctions get-execution-history
// prints, a list of events, or an event a line, as run --history writes them.
func readEvents(file string) (events []history.Event, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []jsonvalue.Value
	v, err := jsonvalue.Parse(text)
	if err != nil {
		lines, lineErr := parseLines(text)
		if lineErr != nil {
			return nil, fmt.Errorf("%s is not JSON: %w", file, err)
		}
		all = lines
	} else {
		if list, ok := v.Get("events"); ok {
			v = list
		}
		if _, isEvent := v.Get("type"); isEvent { // a single line
			v = jsonvalue.Array(v)
		}
		for _, element := range v.Elements() {
			all = append(all, element)
		}
	}
	for i, v := range all {
		var e history.Event
		v, err := withNumber(v)
		if err == nil {
			err = e.UnmarshalJSON([]byte(v.String()))
		}
		if err == nil && e.Type == "" {
			err = errors.New("it has no type")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: event %d: %w", file, i+1, err)
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("%s: expected the events of an execution", file)
	}
	return events, nil
}

// withNumber gives an event the instant that the API has: seconds, as a number. The aws
// command writes it as text.
func withNumber(event jsonvalue.Value) (jsonvalue.Value, error) {
	at, ok := event.Get("timestamp")
	if !ok {
		return event, nil
	}
	text, isText := at.AsString()
	if !isText {
		return event, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return event, fmt.Errorf("timestamp: %w", err)
	}
	seconds, err := jsonvalue.Float(float64(t.UnixMilli()) / 1000)
	return event.With("timestamp", seconds), err
}
