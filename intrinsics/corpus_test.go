package intrinsics

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/statemill/statemill/jsonvalue"
)

// recording is a recorded state machine of one Pass state with one call, and
// what it gave for some inputs.
type recording struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	Definition struct {
		States map[string]struct {
			Parameters map[string]string
		}
	} `json:"definition"`
	Pairs []struct {
		Input  string `json:"input"`
		Expect struct {
			Output map[string]jsonvalue.Value `json:"output"`
		} `json:"expect"`
	} `json:"pairs"`
}

func TestRecordings(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name the folder of the recorded cases")
	}
	files, err := filepath.Glob(filepath.Join(corpus, "aws", "intrinsic_functions__*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings in %s: %v", corpus, err)
	}
	for _, file := range files {
		if strings.Contains(file, "jsonata") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var recordings []recording
		if err := json.Unmarshal(text, &recordings); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, r := range recordings {
			t.Run(r.ID, r.run)
		}
	}
}

func (r recording) run(t *testing.T) {
	for _, state := range r.Definition.States {
		for _, pair := range r.Pairs {
			want, ok := pair.Expect.Output["FunctionResult"]
			if !ok {
				t.Skip("the output is made of more than the call")
			}
			input := jsonvalue.MustParse(pair.Input)
			v, err := mustParse(t, state.Parameters["FunctionResult.$"]).EvalWith(Env{
				Input: input,
				// The recordings hold a placeholder for the last part of the name.
				Context: jsonvalue.Object(
					jsonvalue.Member{Name: "Execution", Value: jsonvalue.Object(jsonvalue.Member{Name: "Input", Value: input})},
					jsonvalue.Member{Name: "StateMachine", Value: jsonvalue.MustParse(`{"Name": "test-<ArnPart_0idx>"}`)}),
				Random: rand.NewPCG(1, 2),
			})
			if err != nil || !v.Equal(want) && want.String() != `"RandomNumberGenerated"` {
				t.Errorf("%s: %v, %v, want %v", pair.Input, v, err, want)
			}
		}
	}
}
