package asl_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
)

func TestValidDefinitions(t *testing.T) {
	files, err := filepath.Glob("testdata/valid/*.asl.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			definition, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Empty(t, asl.Validate(definition))
			_, err = asl.Parse(definition)
			require.NoError(t, err)
		})
	}
}
