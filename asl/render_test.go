package asl_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
)

// golden compares with a file of testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *rewrite {
		require.NoError(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func TestRenderers(t *testing.T) {
	definition, err := os.ReadFile("testdata/render/faulty.asl.json")
	require.NoError(t, err)
	found := asl.Validate(definition)
	structure, err := os.ReadFile("testdata/render/faulty-structure.asl.json")
	require.NoError(t, err)
	found = append(found, asl.Validate(structure)...)
	found = append(found, asl.Validate([]byte(`{"StartAt" "A"}`))...)
	found = append(found, asl.Validate(nil)...)
	render := map[string]func(io.Writer, string) error{
		"text":   found.WriteText,
		"sarif":  found.WriteSARIF,
		"github": found.WriteGitHub,
		"json": func(w io.Writer, _ string) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(found)
		},
	}
	for name, write := range render {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, write(&b, "flows/order 1.asl.json"))
			golden(t, "render/faulty."+name, b.Bytes())
		})
	}
}

func TestRenderersReportFailedWrites(t *testing.T) {
	found := asl.Validate(nil)
	broken := errors.New("broken pipe")
	w := writerFunc(func([]byte) (int, error) { return 0, broken })
	require.ErrorIs(t, found.WriteText(w, ""), broken)
	require.ErrorIs(t, found.WriteSARIF(w, ""), broken)
	require.ErrorIs(t, found.WriteGitHub(w, ""), broken)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestLongLinesAreCut(t *testing.T) {
	definition := `{"StartAt": "A", "Comment": "` + strings.Repeat("x", 100_000) + `", "Bad": 1, "States": {"A": {"Type": "Succeed"}}}`
	var b bytes.Buffer
	require.NoError(t, asl.Validate([]byte(definition)).WriteText(&b, ""))
	golden(t, "render/long.text", b.Bytes())
}

func TestTextIsSafeToPrint(t *testing.T) {
	definition := "{\"StartAt\": \"A\", \"\u202e\u009b31m\": 1, \"States\": {\"A\": {\"Type\": \"Succeed\"}}}"
	var b bytes.Buffer
	require.NoError(t, asl.Validate([]byte(definition)).WriteText(&b, ""))
	require.NotContains(t, b.String(), "\u202e")
	require.NotContains(t, b.String(), "\u009b")
}
