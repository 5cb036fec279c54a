package diagram_test

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/asl/diagram"
	"github.com/statemill/statemill/internal/golden"
)

// TestDrawings runs the files in testdata/drawings: a definition and its picture.
func TestDrawings(t *testing.T) {
	golden.Run(t, "testdata/drawings/*.txt", func(t *testing.T, c *golden.Case) func(string) string {
		sm, err := asl.Parse([]byte(c.Setup))
		require.NoError(t, err)
		return func(string) string {
			return drawn(t, sm, diagram.Options{NoStyle: true})
		}
	})
}

func drawn(t testing.TB, sm *asl.StateMachine, o diagram.Options) string {
	t.Helper()
	var b, again strings.Builder
	require.NoError(t, diagram.Draw(sm).WriteSVG(&b, o))
	require.NoError(t, diagram.Draw(sm).WriteSVG(&again, o))
	require.Equal(t, b.String(), again.String(), "the same definition has the same picture")
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("no XML: %v\n%s", err, b.String())
		}
	}
	return b.String()
}

func TestOptions(t *testing.T) {
	sm, err := asl.Parse([]byte(`{"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "D"}], "Default": "D"}, "D": {"Type": "Succeed"}}}`))
	require.NoError(t, err)
	svg := drawn(t, sm, diagram.Options{
		Theme: "dark",
		Class: func(location string) string {
			if location == "/States/C/Choices[0]" {
				return "taken"
			}
			return ""
		},
		Title: func(location string) string { return "<" + location + ">" },
	})
	require.Contains(t, svg, `<svg xmlns="http://www.w3.org/2000/svg" class="asl dark"`)
	require.Contains(t, svg, `<path class="edge rule taken" data-location="/States/C/Choices[0]"`)
	require.Contains(t, svg, `<title>&lt;/States/D&gt;</title>`)
	require.Contains(t, svg, diagram.Style())
}

// Every definition that was recorded can be drawn.
func TestRecordedDefinitions(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	drawings := 0
	require.NoError(t, filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, definition := range diagram.DefinitionsIn(text) {
			if sm, err := asl.Parse(definition); err == nil {
				drawn(t, sm, diagram.Options{NoStyle: true})
				drawings++
			}
		}
		return nil
	}))
	t.Logf("%d drawings", drawings)
}
