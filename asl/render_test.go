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
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/golden"
)

// requireFile compares with a file of testdata, or writes it.
func requireFile(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if golden.Rewriting() {
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
			requireFile(t, "render/faulty."+name, b.Bytes())
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
	requireFile(t, "render/long.text", b.Bytes())
}

// unprintable is a name as JSON writes it: each of its characters would do
// something to a terminal, or is none.
const unprintable = `\u001b[31m\u0000\u0007\u009b\u007f\u202e\u2066\u200f\u2028\ud800`

// requirePrintable holds that a text has no control character and no half
// character, and exactly one stand-in for a lone surrogate.
func requirePrintable(t *testing.T, text string) {
	t.Helper()
	require.True(t, utf8.ValidString(text))
	require.False(t, strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028')
	}), "%q", text)
	require.NotContains(t, text, strings.Repeat("\uFFFD", 12))
}

func TestOutputIsSafeToPrint(t *testing.T) {
	definition := `{"StartAt": "A", "` + unprintable + `": 1, "States": {"A": {"Type": "Pass", "Next": "` + unprintable + `"}, "` + unprintable + `x": {"Type": "Succeed"}}}`
	found := asl.Validate([]byte(definition))
	require.Len(t, found, 3)
	requirePrintable(t, found.Error())
	var text, github, sarif bytes.Buffer
	require.NoError(t, found.WriteText(&text, "a\x1b[2J\u202e\xed\xa0\x80.json"))
	requirePrintable(t, text.String())
	require.Contains(t, text.String(), "a\uFFFD[2J\uFFFD\uFFFD.json:1:18")
	require.NoError(t, found.WriteGitHub(&github, "a\x1b[2J\u202e.json"))
	requirePrintable(t, github.String())
	require.NoError(t, found.WriteSARIF(&sarif, "a.json"))
	require.True(t, utf8.Valid(sarif.Bytes()))
	require.NotContains(t, sarif.String(), "\uFFFD\uFFFD")
	require.Contains(t, sarif.String(), `\u001b`)
	encoded, err := json.Marshal(found)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), `\ufffd\ufffd`)
}

func TestDiagramsAreSafeToPrint(t *testing.T) {
	machine, err := asl.Parse([]byte(`{"StartAt": "` + unprintable + `", "States": {"` + unprintable + `": {"Type": "Task", "Resource": "r", "Catch": [{"ErrorEquals": ["E` + unprintable + `"], "Next": "B"}], "Next": "B"}, "B": {"Type": "Succeed"}}}`))
	require.NoError(t, err)
	var mermaid, dot bytes.Buffer
	require.NoError(t, machine.WriteMermaid(&mermaid))
	requirePrintable(t, mermaid.String())
	require.NoError(t, machine.WriteDOT(&dot))
	requirePrintable(t, dot.String())
}
