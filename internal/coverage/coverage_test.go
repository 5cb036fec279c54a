package coverage_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/coverage"
	"github.com/statemill/statemill/internal/golden"
	"github.com/statemill/statemill/runtime/interp"
)

const definition = `{
  "StartAt": "C",
  "States": {
    "C": {
      "Type": "Choice",
      "Choices": [
        {"And": [{"Variable": "$.n", "NumericEquals": 1}, {"Variable": "$.m", "IsPresent": true}], "Next": "D<>"}
      ],
      "Default": "T"
    },
    "T": {"Type": "Task", "Resource": "f", "Retry": [{"ErrorEquals": ["Busy"]}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "D<>"}], "Next": "D<>"},
    "D<>": {"Type": "Succeed"}
  }
}
`

// expressions has branches inside expressions, two on a line, one behind an escape.
const expressions = `{
  "QueryLanguage": "JSONata",
  "StartAt": "P",
  "States": {
    "P": {"Type": "Pass", "Output": {"size": ["{% $states.input.n > 1 and $exists($states.input.m) ? \"big\" : 'small' %}"]}, "End": true}
  }
}
`

// half returns a report in which every second point is reached.
func half(t *testing.T, definition string) *coverage.Report {
	t.Helper()
	sm, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	program, err := interp.Compile(sm)
	require.NoError(t, err)
	m := coverage.New("/work/half.asl.json", program)
	hits := make([]int, len(program.Points()))
	for i := range hits {
		hits[i] = i % 2 * i
	}
	m.Reach(hits, "TestOne")
	m.Reach(hits, "TestTwo")
	return &coverage.Report{Machines: []*coverage.Machine{m}}
}

func written(t *testing.T, write func(b *bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, write(&b))
	return b.String()
}

func TestForms(t *testing.T) {
	testForms(t, half(t, definition), "half")
	testForms(t, half(t, expressions), "expressions")
	testForms(t, half(t, expressions).WithoutExpressions(), "without")
}

func testForms(t *testing.T, r *coverage.Report, file string) {
	for name, text := range map[string]string{
		"text":      written(t, func(b *bytes.Buffer) error { return r.WriteText(b, "/work") }),
		"profile":   written(t, func(b *bytes.Buffer) error { return r.WriteProfile(b) }),
		"lcov":      written(t, func(b *bytes.Buffer) error { return r.WriteLCOV(b) }),
		"cobertura": written(t, func(b *bytes.Buffer) error { return r.WriteCobertura(b, "/work") }),
	} {
		file := "testdata/" + file + "." + name
		if golden.Rewriting() {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), text, name)
	}
}

func TestJSON(t *testing.T) {
	r := half(t, definition)
	text := written(t, func(b *bytes.Buffer) error { return r.WriteJSON(b) })
	read, err := coverage.Read([]byte(text))
	require.NoError(t, err)
	require.Equal(t, text, written(t, func(b *bytes.Buffer) error { return read.WriteJSON(b) }))
	read.Add(half(t, definition))
	reached, all := read.Counts()
	require.Equal(t, [2]int{7, 14}, [2]int{reached, all})
	require.Equal(t, []string{"TestOne", "TestTwo"}, read.Machines[0].Items[1].Tests)
	require.Equal(t, 4, read.Machines[0].Items[1].Count)
	_, err = coverage.Read([]byte(`{"version": 2}`))
	require.ErrorContains(t, err, "version 2")
}

func TestIgnore(t *testing.T) {
	r := half(t, definition)
	_, before := r.Counts()
	require.Equal(t, []string{"no item is at the ignored location /States/X"}, r.Ignore(map[string]string{"/States/T/Catch[0]": "never here", "/States/X": "a slip"}))
	_, after := r.Counts()
	require.LessOrEqual(t, after, before)
}

// The page stands alone, and nothing in it comes from the definition unescaped.
func TestHTML(t *testing.T) {
	page := written(t, func(b *bytes.Buffer) error { return half(t, definition).WriteHTML(b, "/work") })
	require.Contains(t, page, "D&lt;&gt;")
	require.NotContains(t, page, "D<>")
	require.NotContains(t, strings.ReplaceAll(page, "http://www.w3.org/2000/svg", ""), "http")
	require.Less(t, len(page), 300_000)
	page = written(t, func(b *bytes.Buffer) error { return half(t, expressions).WriteHTML(b, "/work") })
	require.Contains(t, page, `← never: expression arm taken at column 102: \&#34;big\&#34; : &#39;small&#39; %}</span>`)
}
