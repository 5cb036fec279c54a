package asl_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
)

var rewrite = flag.Bool("rewrite", false, "write what was found into the files of testdata")

// findingsCase is one case of testdata/diagnostics: a line "=== name", which
// may be followed by the fields of Validator that are set; the definition; a
// line "---"; and the findings, one a line.
type findingsCase struct {
	heading    string
	definition string
	want       string
}

func (c findingsCase) String() string {
	return "=== " + c.heading + "\n" + c.definition + "---\n" + c.want
}

func readCases(t *testing.T, file string) (preamble string, cases []findingsCase) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	preamble, rest, _ := strings.Cut(string(text), "=== ")
	for _, part := range strings.Split("\n"+rest, "\n=== ") {
		heading, body, _ := strings.Cut(strings.TrimPrefix(part, "\n"), "\n")
		definition, want, ok := strings.Cut(body+"\n", "---\n")
		require.True(t, ok, "%s: case %q has no ---", file, heading)
		want = strings.TrimRight(want, "\n")
		if want != "" {
			want += "\n"
		}
		cases = append(cases, findingsCase{heading, definition, want})
	}
	return preamble, cases
}

// run validates the definition as the heading says.
func (c findingsCase) run() string {
	name, options, _ := strings.Cut(c.heading, ":")
	_ = name
	v := asl.Validator{}
	for _, option := range strings.Fields(options) {
		switch key, value, _ := strings.Cut(option, "="); key {
		case "express":
			v.Express = true
		case "substitutions":
			v.Substitutions = true
		case "any-resource":
			v.AnyResource = true
		case "off":
			v.Off = append(v.Off, value)
		case "state":
			_, err := asl.ParseState([]byte(c.definition))
			return lines(err)
		case "parse":
			_, err := asl.Parse([]byte(c.definition))
			return lines(err)
		default:
			return "unknown option " + option
		}
	}
	if found := v.Validate([]byte(c.definition)); len(found) > 0 {
		return found.Error() + "\n"
	}
	return ""
}

func lines(err error) string {
	if err == nil {
		return ""
	}
	return err.Error() + "\n"
}

func TestDiagnostics(t *testing.T) {
	files, err := filepath.Glob("testdata/diagnostics/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			preamble, cases := readCases(t, file)
			for i, c := range cases {
				t.Run(c.heading, func(t *testing.T) {
					got := c.run()
					cases[i].want = got
					if !*rewrite {
						require.Equal(t, c.want, got)
					}
				})
			}
			if *rewrite {
				text := preamble
				for i, c := range cases {
					if i > 0 {
						text += "\n"
					}
					text += c.String()
				}
				require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
			}
		})
	}
}
