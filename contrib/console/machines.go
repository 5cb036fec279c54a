package console

import (
	"net/http"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// machineRow is a state machine in the list.
type machineRow struct {
	ARN     string        `json:"arn"`
	Name    string        `json:"name"`
	Type    string        `json:"type"`
	Created float64       `json:"created"` // seconds since 1970
	Running int           `json:"running"` // executions, at most manyRunning
	Last    *executionRow `json:"last,omitempty"`
}

// manyRunning is up to where running executions are counted.
const manyRunning = 100

// machines lists the state machines of a region, with what their executions are doing.
func (c *console) machines(r *http.Request) (any, error) {
	values := r.URL.Query()
	in := map[string]any{"maxResults": pageSize}
	if token := values.Get("after"); token != "" {
		in["nextToken"] = token
	}
	var page struct {
		StateMachines []struct {
			ARN     string  `json:"stateMachineArn"`
			Name    string  `json:"name"`
			Type    string  `json:"type"`
			Created float64 `json:"creationDate"`
		} `json:"stateMachines"`
		NextToken string `json:"nextToken"`
	}
	if err := c.ask(r.Context(), "ListStateMachines", values.Get("region"), in, &page); err != nil {
		return nil, err
	}
	rows := []machineRow{}
	for _, m := range page.StateMachines {
		row := machineRow{ARN: m.ARN, Name: m.Name, Type: m.Type, Created: m.Created}
		if err := c.busy(r, &row); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return struct {
		Machines []machineRow `json:"machines"`
		Next     string       `json:"next,omitempty"`
	}{rows, page.NextToken}, nil
}

// busy fills in what the executions of a state machine are doing.
func (c *console) busy(r *http.Request, row *machineRow) error {
	engine := c.config.API.Engine()
	last, err := engine.List(r.Context(), store.Query{StateMachine: row.ARN, Limit: 1})
	if err != nil || len(last) == 0 {
		return err
	}
	shown := rowOf(&last[0])
	row.Last = &shown
	running, err := engine.List(r.Context(), store.Query{StateMachine: row.ARN, Status: interp.Running, Limit: manyRunning})
	row.Running = len(running)
	return err
}
