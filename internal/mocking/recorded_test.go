package mocking_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Executions that AWS recorded take the same way with a mock file that gives the recorded
// answers: status, types of events and, where the file has the whole answer, output.
func TestRecordedMockFiles(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	files, err := filepath.Glob(filepath.Join(corpus, "aws", "local_mocking__*.json"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, c := range jsonvalue.MustParse(string(text)).Elements() {
			t.Run(filepath.Base(textAt(c, "id")), func(t *testing.T) { recorded(t, c) })
		}
	}
}

func recorded(t *testing.T, c jsonvalue.Value) {
	definition, _ := c.Get("definition")
	sm, err := asl.Parse([]byte(definition.String()))
	require.NoError(t, err)
	program, err := runtime.Compile(sm)
	require.NoError(t, err)
	var states []string
	for s := range sm.All() {
		states = append(states, s.Info().Name)
	}
	mock, _ := c.Get("mock")
	config, _ := mock.Get("local_mock_config")
	executions, _ := c.Get("executions")
	for _, e := range executions.Elements() {
		f, err := mocking.ReadMockFile([]byte(config.String()), textAt(e, "state_machine"), textAt(e, "mock_test_case"), states)
		require.NoError(t, err)
		result := mocking.Run{Program: program, File: f, Input: jsonvalue.MustParse(textAt(e, "input"))}.Do()
		require.Empty(t, result.Problems)
		want, _ := e.Get("expect")
		status := "SUCCEEDED"
		var failed *runtime.ExecutionError
		if errors.As(result.Err, &failed) {
			status = string(failed.Status)
		}
		require.Equal(t, textAt(want, "status"), status)
		var types []jsonvalue.Value
		for _, event := range result.History {
			if event.Execution == result.History[0].Execution { // and not of a child
				types = append(types, jsonvalue.String(event.Type))
			}
		}
		wanted, _ := want.Get("event_types")
		require.Equal(t, wanted.String(), jsonvalue.Array(types...).String())
	}
}

func textAt(v jsonvalue.Value, name string) string {
	member, _ := v.Get(name)
	text, _ := member.AsString()
	return text
}
