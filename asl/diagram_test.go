package asl_test

import (
	"bytes"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
)

func TestDiagrams(t *testing.T) {
	definition, err := os.ReadFile("testdata/diagram/order.asl.json")
	require.NoError(t, err)
	machine, err := asl.Parse(definition)
	require.NoError(t, err)
	for name, write := range map[string]func(io.Writer) error{
		"order.mermaid": machine.WriteMermaid,
		"order.dot":     machine.WriteDOT,
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, write(&b))
			requireFile(t, "diagram/"+name, b.Bytes())
		})
	}
}
