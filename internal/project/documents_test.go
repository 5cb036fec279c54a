package project

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// blocks finds the fenced blocks of a document, with their languages.
var blocks = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

// documents returns the files that are held to what they show.
func documents(t *testing.T) []string {
	t.Helper()
	top, err := filepath.Glob(root + "/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, top)
	guides, err := filepath.Glob(root + "/docs/*.md")
	require.NoError(t, err)
	return append(top, guides...)
}

// Go code in a document is a whole program that runs, or a file of tests that pass; a
// text block right after a program shows its output. A console block is a session of a shell: the lines after a
// command show its output. Commands in sh blocks are run by .ci/run.
func TestDocumentsShowWhatIsTrue(t *testing.T) {
	for _, document := range documents(t) {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		found := blocks.FindAllStringSubmatch(string(text), -1)
		for i, block := range found {
			switch block[1] {
			case "go":
				var want string
				if i+1 < len(found) && found[i+1][1] == "text" {
					want = found[i+1][2]
				}
				runBlock(t, document, block[2], want)
			case "console":
				runSession(t, document, block[2])
			case "sh":
				assert.Equal(t, "README.md", filepath.Base(document), "commands in %s are not run", document)
			case "text", "json", "mermaid", "":
			default:
				t.Errorf("%s has a block in %q, which nothing checks", document, block[1])
			}
		}
	}
}

// runSession types the commands of a session, lines that begin with "$ ", into one
// shell in the root of the project, and compares what each prints.
func runSession(t *testing.T, document, session string) {
	t.Helper()
	const mark = "--- end of command ---"
	var script strings.Builder
	var commands, want []string
	for line := range strings.Lines(session) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			commands, want = append(commands, strings.TrimSpace(command)), append(want, "")
			script.WriteString(command + "\necho '" + mark + "'\n")
			continue
		}
		require.NotEmpty(t, commands, "%s: a session begins with a command:\n%s", document, session)
		want[len(want)-1] += line
	}
	shell := exec.Command("bash")
	shell.Dir, shell.Stdin, shell.Env = root, strings.NewReader(script.String()), inWorkspace()
	out, err := shell.CombinedOutput()
	require.NoError(t, err, "%s: %s", document, out)
	printed := strings.Split(string(out), mark+"\n")
	require.Len(t, printed, len(commands)+1, "%s: %s", document, out)
	took := regexp.MustCompile(`\b\d+\.\d\d s\b`) // differs from run to run
	for i, command := range commands {
		assert.Equal(t, took.ReplaceAllString(want[i], "T s"), took.ReplaceAllString(printed[i], "T s"), "%s: what %q prints", document, command)
	}
}

// A document uses the modules beside the root too: the workspace finds them, also where
// the tests of each module run alone.
func inWorkspace() []string { return append(os.Environ(), "GOWORK=") }

func runBlock(t *testing.T, document, code, want string) {
	t.Helper()
	file, arguments := "main.go", []string{"run", "."}
	switch {
	case strings.Contains(code, "\n\t\"testing\"\n"):
		file, arguments, want = "main_test.go", []string{"test", "."}, ""
	case !strings.HasPrefix(code, "package main\n"):
		t.Errorf("%s shows Go code that is no program and no test:\n%s", document, code)
		return
	}
	dir, err := os.MkdirTemp(root, ".block")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(code), 0o600))
	command := exec.Command("go", arguments...)
	command.Dir = dir
	command.Env = inWorkspace()
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s: %s", document, out)
	if want != "" {
		assert.Equal(t, want, string(out), document)
	}
}

// The links of a document lead to files that are there.
func TestLinksLeadSomewhere(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, document := range documents(t) {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, link := range links.FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(document), link[1]))
			assert.NoError(t, err, "%s links to %s", document, link[1])
		}
	}
}
