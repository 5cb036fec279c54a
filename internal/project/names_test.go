package project

import (
	"go/importer"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Tools that add imports tell package runtime from the standard library's by
// the names that a file uses, so none may be in both.
func TestNoNameOfTheStandardPackageRuntime(t *testing.T) {
	standard, err := importer.ForCompiler(token.NewFileSet(), "source", nil).Import("runtime")
	require.NoError(t, err)
	taken := make(map[string]bool)
	for _, name := range standard.Scope().Names() {
		if types.NewVar(token.NoPos, standard, name, nil).Exported() {
			taken[name] = true
		}
	}
	require.True(t, taken["GOMAXPROCS"], "the standard package was not read")
	text, err := exec.Command("go", "doc", "-short", module+"/runtime").Output()
	require.NoError(t, err)
	names := regexp.MustCompile(`(?m)^(?:func|type|var|const) (\w+)`).FindAllStringSubmatch(string(text), -1)
	require.NotEmpty(t, names)
	for _, m := range names {
		assert.False(t, taken[m[1]], "runtime.%s is in the standard package runtime, too", m[1])
	}
}

// The two meanings of runtime meet in one file only when it says so.
func TestStandardRuntimeIsRenamedBesideOurs(t *testing.T) {
	for dir, files := range packages(t) {
		if dir != "runtime" {
			continue
		}
		for _, file := range files {
			for _, imported := range imports(t, file) {
				if imported == "runtime" {
					text, err := os.ReadFile(file)
					require.NoError(t, err)
					assert.Contains(t, string(text), `stdruntime "runtime"`, file)
				}
			}
		}
	}
}
