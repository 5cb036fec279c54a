package project

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root   = "../.."
	module = "github.com/statemill/statemill"
)

// layers say which packages of the module the code of a package may import,
// tests apart. Imports point down only.
var layers = map[string][]string{
	"internal/digest":      {},
	"internal/jsontext":    {},
	"internal/project":     {},
	"jsonvalue":            {"internal/jsontext"},
	"internal/javatext":    {"jsonvalue", "internal/jsontext"},
	"jsonpath":             {"jsonvalue", "internal/javatext", "internal/jsontext"},
	"jsonata":              {"jsonvalue", "internal/digest", "internal/jsontext"},
	"intrinsics":           {"jsonpath", "jsonvalue", "internal/digest", "internal/javatext", "internal/jsontext"},
	"asl":                  {"intrinsics", "jsonata", "jsonpath", "jsonvalue", "internal/jsontext"},
	"runtime/interp":       {"asl", "intrinsics", "jsonata", "jsonpath", "jsonvalue", "internal/jsontext"},
	"runtime":              {"runtime/interp", "asl", "jsonvalue"},
	"conformance":          {"runtime", "runtime/interp", "asl", "jsonvalue"},
	"conformance/generate": {"conformance", "runtime", "runtime/interp", "asl", "jsonvalue"},
	"conformance/conform":  {"conformance", "runtime", "runtime/interp", "asl", "intrinsics", "jsonata", "jsonpath", "jsonvalue"},
}

// foreign are the modules that code outside of tests may use, by package.
var foreign = map[string][]string{
	"runtime":             {"golang.org/x/sync/errgroup"},
	"conformance/conform": {"github.com/ohler55/ojg"},
}

func TestImportsPointDown(t *testing.T) {
	for dir, files := range packages(t) {
		if strings.HasPrefix(dir, "examples/") {
			continue
		}
		allowed, known := layers[dir]
		if !assert.True(t, known, "package %s has no layer", dir) {
			continue
		}
		for _, file := range files {
			for _, imported := range imports(t, file) {
				checkImport(t, dir, file, imported, allowed)
			}
		}
	}
}

func checkImport(t *testing.T, dir, file, imported string, allowed []string) {
	inside, ours := strings.CutPrefix(imported, module+"/")
	switch {
	case ours:
		assert.Contains(t, allowed, inside, "%s imports %s", file, inside)
	case strings.Contains(strings.Split(imported, "/")[0], "."):
		ok := slices.ContainsFunc(foreign[dir], func(f string) bool { return strings.HasPrefix(imported, f) })
		assert.True(t, ok, "%s imports %s", file, imported)
	}
}

// packages returns the files of each package, without tests.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "tools" || strings.HasPrefix(entry.Name(), ".") && file != root) {
			return filepath.SkipDir
		}
		if strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") {
			dir := filepath.ToSlash(strings.TrimPrefix(filepath.Dir(file), root+"/"))
			found[dir] = append(found[dir], file)
		}
		return nil
	})
	require.NoError(t, err)
	return found
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	require.NoError(t, err)
	var paths []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		paths = append(paths, imported)
	}
	return paths
}

// The root module requires four things, each for one purpose.
func TestRequirements(t *testing.T) {
	text, err := os.ReadFile(path.Join(root, "go.mod"))
	require.NoError(t, err)
	direct := regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+/\S+) v\S+$`)
	var found []string
	for _, m := range direct.FindAllStringSubmatch(string(text), -1) {
		found = append(found, m[1])
	}
	slices.Sort(found)
	assert.Equal(t, []string{
		"github.com/ohler55/ojg", "github.com/santhosh-tekuri/jsonschema/v5", "github.com/stretchr/testify", "golang.org/x/sync",
	}, found)
}
