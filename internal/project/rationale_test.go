package project

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each answer in RATIONALE.md ends with the file that it is about.
func TestAnswersNameTheirFiles(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "RATIONALE.md"))
	require.NoError(t, err)
	file := regexp.MustCompile("\\(`([^`]+)`\\)\\s*$")
	answers := strings.Split(string(text), "\n## ")[1:]
	require.NotEmpty(t, answers)
	for _, answer := range answers {
		question, _, _ := strings.Cut(answer, "\n")
		named := file.FindStringSubmatch(answer)
		if assert.NotNil(t, named, "the answer names no file: %s", question) {
			assert.FileExists(t, filepath.Join(root, named[1]), question)
		}
	}
}
