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

// Go code in a document is a whole program that runs; a text block right after
// it is what it prints. Commands in sh blocks are run by .ci/run.
func TestDocumentsShowWhatIsTrue(t *testing.T) {
	documents, err := filepath.Glob(root + "/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, documents)
	for _, document := range documents {
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
			case "sh":
				assert.Equal(t, "README.md", filepath.Base(document), "commands in %s are not run", document)
			case "text", "json", "mermaid", "":
			default:
				t.Errorf("%s has a block in %q, which nothing checks", document, block[1])
			}
		}
	}
}

func runBlock(t *testing.T, document, code, want string) {
	t.Helper()
	if !strings.HasPrefix(code, "package main\n") {
		t.Errorf("%s shows Go code that is no program:\n%s", document, code)
		return
	}
	dir, err := os.MkdirTemp(root, ".block")
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(code), 0o600))
	command := exec.Command("go", "run", ".")
	command.Dir = dir
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s: %s", document, out)
	if want != "" {
		assert.Equal(t, want, string(out), document)
	}
}

// What a document says is there, is there.
func TestLinksLeadSomewhere(t *testing.T) {
	documents, err := filepath.Glob(root + "/*.md")
	require.NoError(t, err)
	links := regexp.MustCompile(`\]\(([^)#:]+)\)`)
	for _, document := range documents {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for _, link := range links.FindAllStringSubmatch(string(text), -1) {
			_, err := os.Stat(filepath.Join(root, link[1]))
			assert.NoError(t, err, "%s links to %s", document, link[1])
		}
	}
}
