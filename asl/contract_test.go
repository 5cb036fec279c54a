package asl_test

import (
	"math/rand/v2"
	"os"
	"runtime"
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
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 3000 {
		requireContract(t, asl.Mutated(random, definitions[random.IntN(len(definitions))]))
	}
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
