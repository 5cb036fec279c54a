package asltemporal

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

const passing = `{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}`

// What Temporal would refuse later, or what cannot be run to its end, does not begin.
func TestStartRefuses(t *testing.T) {
	for _, c := range []struct {
		client     *Client
		definition string
		input      jsonvalue.Value
		who        runtime.Identity
		says       string
	}{
		{&Client{}, passing, jsonvalue.String(strings.Repeat("a", 2<<20)), runtime.Identity{}, "Temporal takes"},
		{&Client{}, passing, jsonvalue.Object(), runtime.Identity{Execution: strings.Repeat("a", 1001)}, "the id has 1001"},
		{&Client{Limits: runtime.Limits{Payload: -1}}, passing, jsonvalue.Object(), runtime.Identity{}, "Limits.Payload is -1"},
		{&Client{Limits: runtime.Limits{Payload: 2 << 20}}, passing, jsonvalue.Object(), runtime.Identity{}, "Limits.Payload is 2097152"},
	} {
		_, err := c.client.Start(t.Context(), compiled(t, c.definition), c.who, c.input, nil)
		if assert.Error(t, err, c.says) {
			assert.Contains(t, err.Error(), c.says)
		}
	}
	_, err := new(Client).Start(t.Context(), nil, runtime.Identity{}, jsonvalue.Object(), nil)
	assert.Error(t, err)
}

// begun runs a workflow that somebody has started without a Client.
func byHand(t *testing.T, args ...any) (*simulated, error) {
	t.Helper()
	s := &simulated{t: t, worker: new(Worker), answer: func(string, interp.TaskID, jsonvalue.Value) replay.Answer { return replay.Answer{} }}
	s.begin()
	s.env.ExecuteWorkflow("Machine", args...)
	return s, s.env.GetWorkflowError()
}

// A workflow that was started by hand needs a definition and an input only; what else it gets
// must be what a Client sends.
func TestStartedByHand(t *testing.T) {
	s, err := byHand(t, map[string]any{"definition": `{"StartAt": "P", "States": {"P": {"Type": "Pass", "Parameters": {"in.$": "$", "machine.$": "$$.StateMachine.Name"}, "End": true}}}`}, map[string]int{"n": 1})
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, s.env.GetWorkflowResult(&out))
	assert.Equal(t, map[string]any{"in": map[string]any{"n": 1.0}, "machine": "Machine"}, out)
	for says, args := range map[string][]any{
		"neither a definition nor": {map[string]any{}, 1},
		"unable to decode":         {"text", 1},
		"SCHEMA_VALIDATION_FAILED": {map[string]any{"definition": `{"States": {}}`}, 1},
		"Limits.Payload":           {map[string]any{"definition": passing, "limits": map[string]int{"payload": -1}}, 1},
		"its encoding is":          {map[string]any{"definition": passing}, []byte{1}},
	} {
		_, err := byHand(t, args...)
		var app *temporal.ApplicationError
		if assert.ErrorAs(t, err, &app, says) {
			assert.Equal(t, inputError, app.Type())
			assert.Contains(t, app.Message(), says)
		}
	}
	for says, args := range map[string][]any{
		"it needs a newer one":      {map[string]any{"definition": passing, "semantics": Semantics + 1}, 1},
		"stored by a later version": {map[string]any{"definition": passing, "header": []byte{9}}, 1},
		"state:":                    {map[string]any{"definition": passing, "state": []byte("no gzip")}, 1},
		"is not known here":         {map[string]any{"hash": strings.Repeat("0", 64)}, 1},
	} {
		_, err := byHand(t, args...)
		assert.ErrorContains(t, err, says, "the workflow task fails, and another worker gets it")
	}
}
