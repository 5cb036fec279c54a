package suite

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/contrib/aslyaml"
	"github.com/statemill/statemill/internal/inputs"
	"github.com/statemill/statemill/jsonvalue"
)

// allKeys are the keys by what has them.
var allKeys = map[string][]string{
	"file": fileKeys, "identity": identityKeys, "limits": limitKeys, "contract": contractKeys, "coverage": coverageKeys,
	"case": caseKeys, "mock": mockKeys, "outcome": outcomeKeys,
}

// The table of docs/testing.md has each key, and no other.
func TestKeysAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/testing.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(text), "| in | key | value |\n| --- | --- | --- |\n")
	require.True(t, ok)
	var documented []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			break
		}
		for key := range strings.SplitSeq(cells[2], ",") {
			documented = append(documented, strings.TrimSpace(cells[1])+" "+strings.Trim(key, " `"))
		}
	}
	var known []string
	for in, keys := range allKeys {
		for _, key := range keys {
			known = append(known, in+" "+key)
		}
	}
	slices.Sort(documented)
	slices.Sort(known)
	require.Equal(t, known, documented)
}

// The schema has each key, and no other.
func TestKeysAreInTheSchema(t *testing.T) {
	schema := compiled(t)
	for in, keys := range allKeys {
		part := schema
		if in != "file" {
			var err error
			part, err = jsonschema.CompileString("part.json", strings.Replace(Schema, `"$schema"`, `"$ref": "#/$defs/`+in+`", "$schema"`, 1))
			require.NoError(t, err)
			part = part.Ref
		}
		require.ElementsMatch(t, keys, slices.Collect(maps.Keys(part.Properties)), in)
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.CompileString("asltest.json", Schema)
	require.NoError(t, err)
	return s
}

// The schema takes the tests of an example, and refuses what the reader refuses.
func TestSchema(t *testing.T) {
	valid := func(text string) error {
		s, err := aslyaml.Read([]byte(text))
		require.NoError(t, err)
		return inputs.Validate(compiled(t), jsonvalue.MustParse(string(s.JSON())))
	}
	text, err := os.ReadFile("../../../../examples/order/order.asltest.yaml")
	require.NoError(t, err)
	require.NoError(t, valid(string(text)))
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.asl.json"), []byte(`{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`), 0o600))
	for text, right := range map[string]bool{
		"{name: a, output: 1}": true,
		"{name: a, elapsed: 2h30m1.5s, tasks: {f: {returns: 1}}}":                true,
		"{name: a, tasks: {f: [{fails: x, times: 2}, {hangs: true}]}, error: x}": true,
		"{name: a}":                false,
		"{output: 1}":              false,
		"{name: a, ouput: 1}":      false,
		"{name: a, elapsed: soon}": false,
		"{name: a, output: 1, tasks: {f: {returns: 1, fails: x}}}": false,
		"{name: a, output: 1, tasks: {f: {fails: x, times: 0}}}":   false,
	} {
		whole := "definition: a.asl.json\ncases: [" + text + "]"
		require.Equal(t, right, valid(whole) == nil, "%s: %v", text, valid(whole))
		file := filepath.Join(folder, "a.asltest.yaml")
		require.NoError(t, os.WriteFile(file, []byte(whole), 0o600))
		_, err := Read(file, Options{})
		require.Equal(t, right, err == nil, "%s: %v", text, err)
	}
}
