package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const text = `# About the file.

=== upper
en

> a
A

> two
> lines
# not part of it
> b
B

=== hard outputs

> empty lines
one
\
\> two
\\three
`

// TestRun plays a file, rewrites it, and finds it as it was.
func TestRun(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cases.txt")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	var seen []string
	play := func(_ *testing.T, c *Case) func(string) string {
		return func(input string) string {
			seen = append(seen, c.Name+"|"+c.Setup+"|"+input)
			switch input {
			case "two\nlines":
				return ""
			case "empty lines":
				return "one\n\n> two\n\\three\n"
			}
			return strings.ToUpper(input)
		}
	}
	Run(t, file, play)
	require.Equal(t, []string{"upper|en|a", "upper|en|two\nlines", "upper|en|b", "hard outputs||empty lines"}, seen)

	spoilt := strings.Replace(strings.Replace(text, "\nA\n", "\nZ\nZ\n", 1), "> lines\n", "> lines\nnothing\n", 1)
	require.NoError(t, os.WriteFile(file, []byte(spoilt), 0o600))
	before := *rewrite
	*rewrite = true
	Run(t, file, play)
	*rewrite = before
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, text, string(written))
}

// A file without names is one case.
func TestWithoutNames(t *testing.T) {
	_, cases := parse("# c\nsetup\n\n> in\nout\n")
	require.Len(t, cases, 1)
	require.Equal(t, "setup", cases[0].Setup)
	require.Equal(t, "in", cases[0].steps[0].input)
	require.Equal(t, "out", cases[0].steps[0].output)
}

// FuzzRewrite prints what was read: a file whose outputs are as they should be
// does not change, whatever is in it.
func FuzzRewrite(f *testing.F) {
	f.Add(text)
	f.Add(">a\nb\n\n\n===\n===x\n\\")
	f.Fuzz(func(t *testing.T, text string) {
		lines, cases := parse(text)
		var written []string
		kept := 0
		for _, c := range cases {
			for _, s := range c.steps {
				written = append(append(written, lines[kept:s.from]...), escape(s.output)...)
				kept = s.to
			}
		}
		again, same := parse(strings.Join(append(written, lines[kept:]...), "\n"))
		require.LessOrEqual(t, len(again), len(lines))
		require.Len(t, same, len(cases))
		for i, c := range cases {
			for j, s := range c.steps {
				require.Equal(t, s.output, same[i].steps[j].output)
			}
		}
	})
}
