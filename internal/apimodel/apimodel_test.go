package apimodel

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/jsonvalue"
)

// TestResults holds results of actions to what is wrong with them. A step is STRICT or PRESENT,
// SERVICE:ACTION and a result.
func TestResults(t *testing.T) {
	golden.Run(t, "testdata/results.txt", func(t *testing.T, _ *golden.Case) func(string) string {
		return func(line string) string {
			mode, line, _ := strings.Cut(line, " ")
			call, result, _ := strings.Cut(line, " ")
			service, action, _ := strings.Cut(call, ":")
			if err := Check(service, action, jsonvalue.MustParse(result), mode == "STRICT"); err != nil {
				return err.Error()
			}
			return "ok"
		}
	})
}

// Every file can be read, and leads nowhere.
func TestData(t *testing.T) {
	entries, err := data.ReadDir("data")
	require.NoError(t, err)
	require.Len(t, entries, 36)
	for _, entry := range entries {
		m, err := modelOf(strings.TrimSuffix(entry.Name(), ".json.gz"))
		require.NoError(t, err, entry.Name())
		require.NotEmpty(t, m.Operations)
		for name, of := range m.Operations {
			require.True(t, of == "" || m.Shapes[of] != nil, "%s %s", entry.Name(), name)
		}
		for name, s := range m.Shapes {
			_, known := kinds[s.Kind]
			require.True(t, known || s.Kind == "any", "%s %s %s", entry.Name(), name, s.Kind)
			for member, of := range s.Members {
				require.NotNil(t, m.Shapes[of], "%s %s.%s", entry.Name(), name, member)
			}
			require.True(t, s.Element == "" || m.Shapes[s.Element] != nil, name)
			for _, required := range s.Required {
				require.Contains(t, s.Members, required)
			}
		}
	}
	for other, name := range optimised {
		_, err := modelOf(other)
		require.NoError(t, err, name)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("dynamodb", "getItem", `{"Item": {"a": {"M": {"b": {"L": [{"S": "x"}]}}}}}`)
	f.Add("states", "startExecution", `{"ExecutionArn": 1}`)
	f.Add("../x", "", `[]`)
	f.Add("s3", "getObject", `{"": null}`)
	f.Fuzz(func(_ *testing.T, service, action, result string) {
		if v, err := jsonvalue.Parse([]byte(result)); err == nil {
			_ = Check(service, action, v, true)
		}
	})
}
