package jsonata_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

// TestCorpus evaluates the recorded cases in the folder that STATEMILL_CORPUS
// names: those with a result or an error of the language.
func TestCorpus(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	var datasets map[string]jsonvalue.Value
	readJSON(t, filepath.Join(corpus, "jsonata", "datasets.json"), &datasets)
	var cases []struct {
		ID        string
		Expr      jsonvalue.Value
		Data      jsonvalue.Value
		Dataset   string
		NoInput   bool
		Unordered bool
		Bindings  jsonata.Vars
		MaxDepth  int
		Result    jsonvalue.Value
		Undefined bool
		Error     struct{ Code string }
	}
	readJSON(t, filepath.Join(corpus, "jsonata", "cases.json"), &cases)
	for _, c := range cases {
		t.Run(c.ID, func(t *testing.T) {
			text, _ := c.Expr.AsString()
			env := jsonata.Env{Input: c.Data, NoInput: c.NoInput, Variables: c.Bindings, Now: time.UnixMilli(0), Random: rand.NewPCG(1, 2)}
			env.Limits = jsonata.Limits{Sequence: 10_000_000, Depth: c.MaxDepth}
			if c.Dataset != "" {
				env.Input = datasets[c.Dataset]
			}
			expr, err := jsonata.Compile(text)
			var got jsonvalue.Value
			if err == nil {
				got, err = expr.EvalWith(env)
			}
			var e *jsonata.Error
			switch {
			case c.Error.Code == "U1001":
				require.ErrorIs(t, err, jsonata.ErrLimit)
			case c.Error.Code != "":
				require.ErrorAs(t, err, &e)
				require.Equal(t, c.Error.Code, e.Code)
			case c.Undefined:
				require.True(t, errors.Is(err, jsonata.ErrUndefined), "%v %v", got, err)
			default:
				require.NoError(t, err)
				require.True(t, c.Unordered || got.Equal(c.Result), "want %s, got %s", c.Result, got)
			}
		})
	}
}

func readJSON(t *testing.T, name string, dst any) {
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, dst))
}
