package asl_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime/interp"
)

// requireContract holds that the interpreter compiles what Validate passes.
// The one exception, a regular expression that RE2 lacks, is a warning of
// Validate.
func requireContract(t *testing.T, definition string) {
	found := asl.Validator{AnyResource: true}.Validate([]byte(definition))
	if found.Err() != nil {
		return
	}
	m, err := asl.Parse([]byte(definition))
	require.NoError(t, err)
	_, err = interp.Compile(m)
	for _, d := range found {
		if d.Code == "STATEMILL_REGULAR_EXPRESSION" {
			require.Error(t, err)
			return
		}
	}
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
