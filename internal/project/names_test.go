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
	names := namesOfRuntime(t)
	for _, name := range names {
		assert.False(t, taken[name], "runtime.%s is in the standard package runtime, too", name)
	}
}

// mostNames is how many names an embedder finds in package runtime at most.
const mostNames = 60

func TestPackageRuntimeIsSmall(t *testing.T) {
	assert.Less(t, len(namesOfRuntime(t)), mostNames)
}

// namesOfRuntime returns the exported names of package runtime, without methods and fields.
func namesOfRuntime(t *testing.T) (names []string) {
	t.Helper()
	text, err := exec.Command("go", "doc", "-short", module+"/runtime").Output()
	require.NoError(t, err)
	for _, m := range regexp.MustCompile(`(?m)^\s*(?:func|type|var|const) (\w+)`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	require.NotEmpty(t, names)
	return names
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
