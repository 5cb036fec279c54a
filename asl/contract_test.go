package asl_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/generate"
	"github.com/statemill/statemill/runtime/interp"
)

// requireContract holds that the interpreter compiles what Validate passes.
func requireContract(t *testing.T, definition string) {
	found := asl.Validator{AnyResource: true}.Validate([]byte(definition))
	if found.Err() != nil {
		return
	}
	m, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	_, err = interp.Compile(m)
	require.NoError(t, err, definition)
}

func TestCompileAcceptsWhatValidatePasses(t *testing.T) {
	definitions := asl.Seeds(t)
	for _, definition := range definitions {
		requireContract(t, definition)
		requireTemplateContract(t, definition)
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		definition := asl.Mutated(random, definitions[random.IntN(len(definitions))])
		requireContract(t, definition)
		requireTemplateContract(t, definition)
	}
}

// requireTemplateContract holds that of a template that is valid the
// interpreter refuses the placeholders, and nothing else.
func requireTemplateContract(t *testing.T, definition string) {
	v := asl.Validator{AnyResource: true, Substitutions: true}
	m, found := v.Parse([]byte(definition))
	require.Equal(t, v.Validate([]byte(definition)), found, definition)
	require.Equal(t, found.Err() == nil, m != nil, definition)
	if m == nil {
		return
	}
	_, err := interp.Compile(m)
	require.Equal(t, len(m.Placeholders()) > 0, err != nil, definition)
	var refused asl.Diagnostics
	if errors.As(err, &refused) {
		for i, location := range m.Placeholders() {
			require.Equal(t, "STATEMILL_PLACEHOLDER", refused[i].Code)
			require.Equal(t, location, refused[i].Location)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	definition, err := os.ReadFile("testdata/template/order.asl.json")
	require.NoError(t, err)
	m, found := asl.Validator{Substitutions: true}.Parse(definition)
	require.NoError(t, found.Err())
	requireFile(t, "template/order.placeholders", []byte(strings.Join(m.Placeholders(), "\n")+"\n"))
}

// The states of generated machines assign every variable before they read it,
// whichever way they take. So there is nothing to say about variables; and there
// is as soon as the state that everything begins with assigns another one.
func TestGeneratedMachinesAssignBeforeTheyRead(t *testing.T) {
	warned, read := 0, 0
	for seed := range uint64(400) {
		c, err := generate.New(seed)
		require.NoError(t, err)
		m, found := asl.Validator{AnyResource: true}.Parse(c.Definition)
		require.NoError(t, found.Err())
		for _, d := range found {
			require.NotContains(t, d.Code, "UNDEFINED_VARIABLE", "seed %d: %s\n%s", seed, d, c.Definition)
		}
		start, _ := m.State(m.StartAt)
		assign := start.Info().Assign
		if len(m.VariableReferences()) == 0 || !assign.Present() {
			continue
		}
		read++
		at, _ := m.Position(assign.Location)
		definition := string(c.Definition[:at.Offset]) + strings.Replace(string(c.Definition[at.Offset:]), `"v0`, `"other`, 1)
		for _, d := range (asl.Validator{AnyResource: true}).Validate([]byte(definition)) {
			if d.Code == "POSSIBLY_UNDEFINED_VARIABLE" {
				warned++
				break
			}
		}
	}
	t.Log(warned, "of", read)
	require.Greater(t, warned, read/4)
}

// Validating, parsing and compiling take a bounded amount of memory, whatever
// the definition. That they take a bounded time BenchmarkHostile shows.
func TestCompileAcceptsHostileDefinitions(t *testing.T) {
	for name, definition := range asl.Hostile() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			requireContract(t, definition)
			runtime.ReadMemStats(&after)
			require.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(700), "MiB allocated")
		})
	}
}

// TestCompileAcceptsWhatValidatePassesOnCorpus does the same with all recorded
// definitions.
func TestCompileAcceptsWhatValidatePassesOnCorpus(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	definitions := asl.CorpusDefinitions(t, corpus)
	require.NotEmpty(t, definitions)
	for _, definition := range definitions {
		requireContract(t, definition)
	}
}

// FuzzCompile does the same for ten minutes, if asked to.
func FuzzCompile(f *testing.F) {
	definitions := asl.Seeds(f)
	for i := range definitions {
		f.Add(uint16(i), uint64(1))
	}
	f.Fuzz(func(t *testing.T, which uint16, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		requireContract(t, asl.Mutated(random, definitions[int(which)%len(definitions)]))
	})
}
