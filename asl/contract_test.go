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
	golden(t, "template/order.placeholders", []byte(strings.Join(m.Placeholders(), "\n")+"\n"))
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
