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

// layers say which packages of the module the code of a package imports, tests
// apart. The table holds facts, not permissions: it equals the real imports.
// Imports point down only, so a package stands below all that import it. Nested
// modules are in it like packages: their own go.mod says what they require.
var layers = map[string][]string{
	"internal/apimodel":             {"jsonvalue"},
	"internal/digest":               {},
	"internal/golden":               {},
	"internal/jsontext":             {},
	"internal/leaks":                {},
	"internal/linear":               {},
	"internal/project":              {},
	"internal/pattern":              {},
	"internal/sigv4":                {},
	"internal/similar":              {},
	"internal/layered":              {},
	"internal/uuid":                 {},
	"internal/wire":                 {},
	"jsonvalue":                     {"internal/jsontext"},
	"internal/javahash":             {"jsonvalue"},
	"internal/javatime":             {},
	"internal/javatext":             {"jsonvalue"},
	"jsonpath":                      {"internal/javatext", "internal/linear", "jsonvalue"},
	"jsonata":                       {"internal/digest", "internal/jsontext", "internal/linear", "jsonvalue"},
	"intrinsics":                    {"internal/digest", "internal/javahash", "internal/javatext", "internal/jsontext", "jsonpath", "jsonvalue"},
	"asl":                           {"internal/javatime", "internal/jsontext", "internal/similar", "intrinsics", "jsonata", "jsonpath", "jsonvalue"},
	"asl/diagram":                   {"asl", "internal/layered"},
	"runtime/history":               {"internal/wire", "jsonvalue"},
	"runtime/interp":                {"asl", "internal/javahash", "internal/javatime", "internal/uuid", "internal/wire", "intrinsics", "jsonata", "jsonpath", "jsonvalue", "runtime/history"},
	"runtime/objects":               {"jsonvalue"},
	"internal/dataset":              {"asl", "internal/javahash", "jsonvalue", "runtime/interp", "runtime/objects"},
	"internal/mapresults":           {"jsonvalue", "runtime/history", "runtime/interp", "runtime/objects"},
	"runtime/store":                 {"jsonvalue", "runtime/history", "runtime/interp"},
	"runtime":                       {"asl", "internal/dataset", "internal/mapresults", "internal/pattern", "internal/uuid", "internal/wire", "jsonvalue", "runtime/history", "runtime/interp", "runtime/objects", "runtime/store"},
	"runtime/storetest":             {"jsonvalue", "runtime/interp", "runtime/store"},
	"internal/faulty":               {"runtime/interp", "runtime/store"},
	"internal/replay":               {"asl", "jsonvalue", "runtime", "runtime/history", "runtime/interp"},
	"internal/scripted":             {"asl", "internal/golden", "internal/replay", "jsonvalue", "runtime", "runtime/history", "runtime/interp"},
	"internal/recorded":             {"asl", "internal/replay", "jsonvalue", "runtime", "runtime/history", "runtime/interp", "runtime/objects"},
	"internal/generate":             {"asl", "internal/replay", "jsonvalue", "runtime", "runtime/interp"},
	"internal/teststate":            {"asl", "internal/apimodel", "jsonvalue", "runtime"},
	"internal/inputs":               {"jsonvalue"},
	"internal/mocking":              {"asl", "internal/inputs", "internal/pattern", "internal/similar", "jsonpath", "jsonvalue", "runtime", "runtime/history", "runtime/interp", "runtime/objects"},
	"internal/coverage":             {"asl", "asl/diagram", "runtime/interp"},
	"runtime/asltest":               {"asl", "internal/coverage", "internal/inputs", "internal/mocking", "jsonpath", "jsonvalue", "runtime", "runtime/history", "runtime/interp", "runtime/objects"},
	"runtime/httptask":              {"asl", "jsonvalue", "runtime"},
	"runtime/sfnapi":                {"asl", "internal/sigv4", "internal/teststate", "internal/uuid", "jsonvalue", "runtime", "runtime/history", "runtime/interp", "runtime/store"},
	"contrib/aslyaml":               {"asl"},
	"contrib/aws":                   {"asl", "internal/similar", "internal/uuid", "jsonpath", "jsonvalue", "runtime"},
	"contrib/aws/s3objects":         {"runtime/objects"},
	"contrib/aws/awstest":           {},
	"contrib/aws/cmd/statemill-aws": {"cmd/statemill/command", "contrib/aws", "contrib/aws/s3objects", "runtime", "runtime/objects"},
	"internal/objectstest":          {"runtime/objects"},
	"contrib/console":               {"asl", "asl/diagram", "jsonvalue", "runtime", "runtime/history", "runtime/interp", "runtime/sfnapi", "runtime/store"},
	"contrib/otel":                  {"jsonvalue", "runtime", "runtime/history"},
	"contrib/parquet":               {"jsonvalue", "runtime/objects"},
	"contrib/temporal":              {"asl", "internal/dataset", "internal/mapresults", "internal/pattern", "internal/wire", "jsonvalue", "runtime", "runtime/history", "runtime/interp", "runtime/objects", "runtime/store"},
	"contrib/sqlstore":              {"jsonvalue", "runtime/history", "runtime/interp", "runtime/store"},
	"cmd/statemill/internal/suite":  {"asl", "cmd/statemill/internal/source", "contrib/aslyaml", "contrib/parquet", "internal/coverage", "internal/mocking", "internal/similar", "jsonpath", "jsonvalue", "runtime", "runtime/objects"},
	"cmd/statemill/internal/source": {"asl", "contrib/aslyaml"},
	"cmd/statemill/command":         {"asl", "asl/diagram", "cmd/statemill/internal/source", "cmd/statemill/internal/suite", "contrib/aslyaml", "contrib/console", "contrib/parquet", "contrib/sqlstore", "internal/coverage", "internal/mocking", "internal/similar", "jsonvalue", "runtime", "runtime/history", "runtime/objects", "runtime/sfnapi", "runtime/store"},
	"cmd/statemill":                 {"cmd/statemill/command"},
	"bench":                         {"asl", "contrib/sqlstore", "jsonvalue", "runtime", "runtime/store"},
	"conformance":                   {},
	"conformance/conform":           {"asl", "internal/recorded", "internal/replay", "internal/sigv4", "internal/teststate", "jsonata", "jsonpath", "jsonvalue", "runtime", "runtime/history", "runtime/interp", "runtime/sfnapi"},

	"runtime/sfnapi/sdktest": {},
}

// foreign are the packages of other modules that code outside of tests imports.
var foreign = map[string][]string{
	"conformance/conform":           {"golang.org/x/sync/errgroup"},
	"cmd/statemill/command":         {"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term"},
	"cmd/statemill/internal/source": {"github.com/bmatcuk/doublestar/v4"},
	"bench": {
		"github.com/cschleiden/go-workflows/backend", "github.com/cschleiden/go-workflows/backend/sqlite", "github.com/cschleiden/go-workflows/client",
		"github.com/cschleiden/go-workflows/worker", "github.com/cschleiden/go-workflows/workflow", "github.com/google/uuid", "github.com/jackc/pgx/v5",
	},
	"contrib/aslyaml": {"go.yaml.in/yaml/v4"},
	"contrib/aws": {
		"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/aws/middleware", "github.com/aws/aws-sdk-go-v2/aws/retry", "github.com/aws/aws-sdk-go-v2/aws/signer/v4", "github.com/aws/smithy-go", "github.com/aws/smithy-go/document",
		"github.com/aws/smithy-go/middleware", "github.com/aws/smithy-go/traits", "github.com/aws/smithy-go/transport/http",
	},
	"contrib/aws/cmd/statemill-aws": {
		"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/credentials", "github.com/aws/aws-sdk-go-v2/credentials/stscreds",
		"github.com/aws/aws-sdk-go-v2/service/athena", "github.com/aws/aws-sdk-go-v2/service/batch", "github.com/aws/aws-sdk-go-v2/service/dynamodb", "github.com/aws/aws-sdk-go-v2/service/ecs",
		"github.com/aws/aws-sdk-go-v2/service/eventbridge", "github.com/aws/aws-sdk-go-v2/service/glue", "github.com/aws/aws-sdk-go-v2/service/lambda", "github.com/aws/aws-sdk-go-v2/service/s3",
		"github.com/aws/aws-sdk-go-v2/service/sagemaker", "github.com/aws/aws-sdk-go-v2/service/sfn", "github.com/aws/aws-sdk-go-v2/service/sns", "github.com/aws/aws-sdk-go-v2/service/sqs", "github.com/aws/aws-sdk-go-v2/service/sts",
	},
	"contrib/aws/s3objects": {
		"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/s3", "github.com/aws/aws-sdk-go-v2/service/s3/types", "github.com/aws/smithy-go", "github.com/aws/smithy-go/transport/http",
	},
	"internal/objectstest": {"github.com/stretchr/testify/require"},
	"contrib/otel":         {"go.opentelemetry.io/otel", "go.opentelemetry.io/otel/attribute", "go.opentelemetry.io/otel/codes", "go.opentelemetry.io/otel/metric", "go.opentelemetry.io/otel/trace"},
	"contrib/parquet":      {"github.com/klauspost/compress/snappy", "github.com/klauspost/compress/zstd"},
	"contrib/sqlstore":     {"github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5/pgxpool", "modernc.org/sqlite"},
	"contrib/temporal": {
		"go.temporal.io/api/common/v1", "go.temporal.io/api/enums/v1", "go.temporal.io/api/history/v1", "go.temporal.io/api/serviceerror",
		"go.temporal.io/api/taskqueue/v1", "go.temporal.io/api/workflow/v1", "go.temporal.io/api/workflowservice/v1", "go.temporal.io/sdk/activity", "go.temporal.io/sdk/client",
		"go.temporal.io/sdk/converter", "go.temporal.io/sdk/log", "go.temporal.io/sdk/temporal", "go.temporal.io/sdk/worker", "go.temporal.io/sdk/workflow",
	},
	"runtime":           {"golang.org/x/sync/semaphore"},
	"runtime/asltest":   {"github.com/santhosh-tekuri/jsonschema/v5"},
	"runtime/sfnapi":    {"golang.org/x/sync/semaphore"},
	"internal/inputs":   {"github.com/santhosh-tekuri/jsonschema/v5"},
	"internal/mocking":  {"github.com/santhosh-tekuri/jsonschema/v5"},
	"runtime/storetest": {"github.com/stretchr/testify/assert", "github.com/stretchr/testify/require"},
}

func TestImportsAreTheTable(t *testing.T) {
	found := packages(t)
	for dir := range layers {
		assert.Contains(t, found, dir, "the table has a package that is not there")
	}
	for dir, files := range found {
		if strings.HasPrefix(dir, "examples/") {
			continue
		}
		ours, theirs := importsOf(t, files)
		want, known := layers[dir]
		assert.True(t, known, "package %s has no layer", dir)
		assert.Equal(t, append([]string{}, want...), ours, "what package %s imports of this module", dir)
		assert.Equal(t, append([]string{}, foreign[dir]...), theirs, "what package %s imports of other modules", dir)
	}
}

// Nothing that a package imports imports the package, directly or not.
func TestImportsPointDown(t *testing.T) {
	height := make(map[string]int)
	var measure func(dir string, above []string) int
	measure = func(dir string, above []string) int {
		require.NotContains(t, above, dir, "imports go in a circle")
		if h, known := height[dir]; known {
			return h
		}
		h := 0
		for _, below := range layers[dir] {
			h = max(h, 1+measure(below, append(above, dir)))
		}
		height[dir] = h
		return h
	}
	for dir := range layers {
		measure(dir, nil)
	}
	for _, leaf := range []string{"jsonpath", "jsonata", "intrinsics", "jsonvalue"} {
		assert.Less(t, height[leaf], height["asl"], "%s is usable without the language", leaf)
	}
}

// importsOf returns, sorted, the packages of this module and those of other
// modules that files import.
func importsOf(t *testing.T, files []string) (ours, theirs []string) {
	t.Helper()
	ours, theirs = []string{}, []string{}
	for _, file := range files {
		for _, imported := range imports(t, file) {
			if inside, ok := strings.CutPrefix(imported, module+"/"); ok {
				ours = append(ours, inside)
			} else if strings.Contains(strings.Split(imported, "/")[0], ".") {
				theirs = append(theirs, imported)
			}
		}
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	return slices.Compact(ours), slices.Compact(theirs)
}

// packages returns the files of each package, without tests.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "tools" || entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && file != root) {
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
