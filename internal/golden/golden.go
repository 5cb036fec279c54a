// Package golden compares the outputs of tests with files of cases. All files of
// cases in the project have one form:
//
//	# A comment, anywhere before or between cases and steps.
//
//	=== the name of a case
//	setup, any text: a document, a definition, a script
//
//	> an input
//	the output, up to an empty line
//
//	> an input
//	> of two lines
//	its output
//
// A file without a line that begins with "===" is one case without a name. In an
// output, a line that is empty or begins like one of the above has a backslash in
// front. With the flag -rewrite, the outputs in the files are replaced by what
// comes.
package golden

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write what comes of the cases into their files")

// Rewriting reports whether the outputs in files are being replaced.
func Rewriting() bool { return *rewrite }

// Case is a case of a file.
type Case struct {
	Name  string
	Setup string // the lines before the first step; empty ones at its end left out

	steps []step
	line  int // of the name in the file, from 1
}

// step is an input with its output.
type step struct {
	input, output string
	line          int // of the input
	from, to      int // the lines of the output, counted from 0
}

// Run holds the files that match pattern to what play makes of their cases. It
// calls play for each case, and what that returns for each input, in order: the
// result is the output. Each file is a subtest.
func Run(t *testing.T, pattern string, play func(t *testing.T, c *Case) func(input string) string) {
	t.Helper()
	for _, file := range files(t, pattern) {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		t.Run(name, func(t *testing.T) { runFile(t, file, play) })
	}
}

// Read returns the cases of the files that match pattern: seeds for fuzz targets.
func Read(t testing.TB, pattern string) (cases []*Case) {
	t.Helper()
	for _, file := range files(t, pattern) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, found := parse(string(text))
		cases = append(cases, found...)
	}
	return cases
}

// Inputs returns the inputs of the case.
func (c *Case) Inputs() []string {
	inputs := make([]string, len(c.steps))
	for i, s := range c.steps {
		inputs[i] = s.input
	}
	return inputs
}

func files(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files match %q: %v", pattern, err)
	}
	return files
}

func runFile(t *testing.T, file string, play func(t *testing.T, c *Case) func(input string) string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, cases := parse(string(text))
	var written []string
	kept := 0
	for _, c := range cases {
		answer := play(t, c)
		for _, s := range c.steps {
			got := strings.TrimSuffix(answer(s.input), "\n")
			if !*rewrite && got != s.output {
				t.Errorf("%s:%d: case %q: > %s\n--- want:\n%s\n--- got:\n%s", file, s.line, c.Name, s.input, s.output, got)
			}
			written = append(append(written, lines[kept:s.from]...), escape(got)...)
			kept = s.to
		}
	}
	if !*rewrite {
		return
	}
	written = append(written, lines[kept:]...)
	if err := os.WriteFile(file, []byte(strings.Join(written, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
}

// escape makes the lines of an output such that they can be told from what
// follows it.
func escape(output string) []string {
	if output == "" {
		return nil
	}
	lines := strings.Split(output, "\n")
	for i, line := range lines {
		if line == "" || special(line) || line[0] == '\\' {
			lines[i] = `\` + line
		}
	}
	return lines
}

// special reports whether a line is no text of a setup or output.
func special(line string) bool {
	return strings.HasPrefix(line, "===") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, ">")
}
