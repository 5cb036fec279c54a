package asl

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// seeds are definitions to start from: whole files, and the cases of
// testdata/diagnostics.
func seeds(t testing.TB) (all []string) {
	files, err := filepath.Glob("testdata/*/*.asl.json")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all = append(all, string(text))
	}
	for _, c := range diagnosticCases(t) {
		all = append(all, c.definition)
	}
	return all
}

// diagnosticCase is a case of testdata/diagnostics.
type diagnosticCase struct {
	name, definition, input string
}

func diagnosticCases(t testing.TB) (all []diagnosticCase) {
	files, err := filepath.Glob("testdata/diagnostics/*.txt")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, part := range strings.Split(string(text), "\n=== ")[1:] {
			name, body, _ := strings.Cut(part, "\n")
			definition, rest, _ := strings.Cut(body, "\n> ")
			input, _, _ := strings.Cut(rest, "\n")
			all = append(all, diagnosticCase{file + ": " + name, definition, input})
		}
	}
	return all
}

// FuzzParse holds that no text makes Parse or Validate panic, that what Parse
// accepts can be compiled, and that findings point into the text.
func FuzzParse(f *testing.F) {
	for _, definition := range seeds(f) {
		f.Add(definition)
	}
	f.Fuzz(requireSound)
}

// FuzzValidate does the same with mutations of definitions, which reach deeper
// than mutations of texts.
func FuzzValidate(f *testing.F) {
	definitions := seeds(f)
	for i := range definitions {
		f.Add(uint16(i), uint64(1))
	}
	f.Fuzz(func(t *testing.T, which uint16, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		requireSound(t, mutated(random, definitions[int(which)%len(definitions)]))
	})
}

func TestMutationsAreSound(t *testing.T) {
	definitions := seeds(t)
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		requireSound(t, mutated(random, definitions[random.IntN(len(definitions))]))
	}
}

func requireSound(t *testing.T, definition string) {
	strict := Validate([]byte(definition))
	for _, v := range []Validator{{}, {Express: true}, {Substitutions: true, AnyResource: true}, {Max: 3}} {
		requirePlaces(t, definition, v.Validate([]byte(definition)))
	}
	m, err := Parse([]byte(definition))
	if strict.Err() == nil {
		require.NoError(t, err, "what Validate passes, Parse accepts")
	}
	if err != nil {
		require.Nil(t, m)
		requirePlaces(t, definition, err.(Diagnostics))
	} else {
		requireCompiles(t, m)
	}
	if single, err := ParseState([]byte(definition)); err == nil {
		requireCompiles(t, single)
	}
}

// requirePlaces holds that findings can be rendered and are inside the text.
func requirePlaces(t *testing.T, definition string, found Diagnostics) {
	require.LessOrEqual(t, len(found), maxFindings)
	for _, d := range found {
		require.NotEmpty(t, d.Code)
		require.NotEmpty(t, d.Message)
		require.LessOrEqual(t, d.Start.Offset, d.End.Offset, d.String())
		require.LessOrEqual(t, d.End.Offset, len(definition), d.String())
	}
	var b bytes.Buffer
	require.NoError(t, found.WriteText(&b, "f"))
	require.NoError(t, found.WriteSARIF(&b, "f"))
	require.NoError(t, found.WriteGitHub(&b, "f"))
}

// requireCompiles compiles everything in a machine, as an interpreter does.
func requireCompiles(t *testing.T, m *StateMachine) {
	require.NoError(t, m.WriteMermaid(new(bytes.Buffer)))
	require.NoError(t, m.WriteDOT(new(bytes.Buffer)))
	for s := range m.All() {
		info := s.Info()
		_, ok := m.Position(info.Location)
		require.True(t, ok, info.Location)
		for field := range info.node.children() {
			row := statePart(info.Type).table().field(field)
			require.NotNil(t, row, field.location())
			if info.QueryLanguage == JSONata {
				requireExpressions(t, row, field.value())
			} else {
				requirePaths(t, row, field.value())
			}
		}
	}
}

func requireExpressions(t *testing.T, row *field, v jsonvalue.Value) {
	if !row.shape.expression && row.shape.is != isTemplate && row.shape.is != isAssign && row.shape.is != isItems {
		return
	}
	if text, ok := v.AsString(); ok && strings.HasPrefix(text, "{%") {
		_, err := jsonata.Config{Dialect: jsonata.StepFunctions}.Compile(strings.TrimSuffix(text[2:], "%}"))
		require.NoError(t, err, text)
	}
	for _, x := range v.Elements() {
		requireExpressions(t, row, x)
	}
	for _, x := range v.Members() {
		requireExpressions(t, row, x)
	}
}

func requirePaths(t *testing.T, row *field, v jsonvalue.Value) {
	text, isText := v.AsString()
	switch {
	case v.IsNull():
	case row.shape.is == isPath:
		require.True(t, isText)
		_, err := jsonpath.Parse(text)
		require.NoError(t, err, text)
	case row.shape.is == isReferencePath || row.shape.is == isResultPath || row.shape.is == isLimitPath:
		require.True(t, isText)
		_, err := jsonpath.ParseReference(text)
		require.NoError(t, err, text)
	case row.shape.is == isTemplate || row.shape.is == isAssign:
		requirePayload(t, v)
	}
}

func requirePayload(t *testing.T, v jsonvalue.Value) {
	for _, x := range v.Elements() {
		requirePayload(t, x)
	}
	for name, x := range v.Members() {
		if !strings.HasSuffix(name, ".$") {
			requirePayload(t, x)
			continue
		}
		text, ok := x.AsString()
		require.True(t, ok, name)
		var err error
		if strings.HasPrefix(text, "States.") {
			_, err = intrinsics.Parse(text)
		} else {
			_, err = jsonpath.Parse(text)
		}
		require.NoError(t, err, text)
	}
}
