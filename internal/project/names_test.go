package project

import (
	"go/importer"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
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

// No two files of a package have names that differ by one letter: a reader takes one for
// the other.
func TestNamesOfFilesDiffer(t *testing.T) {
	for dir, files := range packages(t) {
		for i, file := range files {
			for _, other := range files[:i] {
				a, b := strings.TrimSuffix(filepath.Base(file), ".go"), strings.TrimSuffix(filepath.Base(other), ".go")
				assert.False(t, oneLetterApart(a, b), "%s: %s.go and %s.go", dir, a, b)
			}
		}
	}
}

// oneLetterApart reports whether one letter has to be changed, added or removed.
func oneLetterApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	same := 0
	for same < len(a) && a[same] == b[same] {
		same++
	}
	switch len(b) - len(a) {
	case 0:
		return same < len(a) && a[same+1:] == b[same+1:]
	case 1:
		return a[same:] == b[same+1:]
	}
	return false
}
