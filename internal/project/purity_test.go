package project

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pure are the packages that compute and do nothing else: the machine and all
// below it. Their results are a function of their arguments.
var pure = []string{
	"asl", "internal/digest", "internal/javahash", "internal/javatext", "internal/javatime", "internal/jsontext", "internal/linear", "internal/wire", "intrinsics", "jsonata", "jsonpath",
	"jsonvalue", "runtime/history", "runtime/interp",
}

// effects are packages of the standard library that a pure package does not
// import: they wait, share memory between goroutines, or reach the world outside.
var effects = []string{
	"context", "crypto/rand", "log", "log/slog", "net", "net/http", "os", "os/exec", "os/signal", "runtime", "sync", "sync/atomic", "syscall",
}

// allowed are the exceptions, by package. All of them are memory that is used
// again or a value that is made once: no result depends on them.
var allowed = map[string][]string{
	"asl":             {"sync"},                // the table of fields is made once; a pool of workspaces
	"internal/digest": {"sync"},                // a pool of texts
	"intrinsics":      {"sync"},                // a pool of evaluations
	"jsonata":         {"sync"},                // a pool of evaluations
	"jsonpath":        {"sync"},                // a pool of searches
	"jsonvalue":       {"sync"},                // pools of buffers and builders
	"runtime/interp":  {"sync", "sync/atomic"}, // pools of workspaces and effects; a part of the Context Object is made once
}

// locks are the names of package sync that a pure package may use.
var locks = []string{"sync.Pool", "sync.OnceValue"}

// sources are the names of package rand whose results follow from a seed.
var sources = []string{"New", "NewPCG", "PCG", "Rand", "Source"}

// clocks are the functions of package time whose result is not a function of
// their arguments.
var clocks = []string{"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.AfterFunc", "time.Tick", "time.NewTimer", "time.NewTicker", "time.Local"}

func TestTheMachineIsPure(t *testing.T) {
	all := packages(t)
	for _, dir := range pure {
		require.NotEmpty(t, all[dir], dir)
		var used []string
		for _, file := range all[dir] {
			used = append(used, checkPurity(t, dir, file)...)
		}
		for _, exception := range allowed[dir] {
			assert.Contains(t, used, exception, "package %s does not need its exception", dir)
		}
	}
}

// active are the packages that may start goroutines and read clocks: runtime, which
// drives executions; mocking and asltest, which give up functions that do not return; sfnapi, the console and the
// command, which serve requests; aws, which waits for jobs; the activities of temporal; the stores, whose leases end; objects, which tell when they were written; what waits in tests; what
// measures, and what replays recordings.
var active = []string{
	"bench", "cmd/statemill/command", "conformance/conform", "contrib/aws", "contrib/console", "contrib/sqlstore", "contrib/temporal", "internal/leaks", "internal/mocking", "internal/recorded", "runtime", "runtime/asltest",
	"runtime/objects", "runtime/sfnapi", "runtime/store", "runtime/storetest",
}

// No other package starts goroutines or reads clocks, but for the examples, which are
// programs.
func TestFewPackagesStartGoroutinesOrReadClocks(t *testing.T) {
	for dir, files := range packages(t) {
		if slices.Contains(active, dir) || strings.HasPrefix(dir, "examples/") {
			continue
		}
		for _, file := range files {
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, file, nil, 0)
			require.NoError(t, err)
			ast.Inspect(parsed, func(n ast.Node) bool {
				if reason := impure(n); strings.HasPrefix(reason, startsGoroutine) || strings.HasPrefix(reason, readsClock) {
					t.Errorf("%s: %s", set.Position(n.Pos()), reason)
				}
				return true
			})
		}
	}
}

// checkPurity looks for what a pure package may not do, and returns which of
// the effects the file imports.
func checkPurity(t *testing.T, dir, file string) (used []string) {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, 0)
	require.NoError(t, err)
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		if slices.Contains(effects, imported) {
			assert.Contains(t, allowed[dir], imported, "%s imports %s", file, imported)
			used = append(used, imported)
		}
		known := slices.Contains([]string{"math/rand/v2", "sync", "time"}, imported)
		assert.False(t, known && spec.Name != nil, "%s renames %s, which this test knows by its name", file, imported)
		assert.NotEqual(t, "math/rand", imported, file)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if reason := impure(n); reason != "" {
			t.Errorf("%s: %s", set.Position(n.Pos()), reason)
		}
		return true
	})
	return used
}

// The reasons that no package but runtime may have.
const (
	startsGoroutine = "starts a goroutine"
	readsClock      = "reads a clock: "
)

// impure says why a node has no place in a pure package, or nothing.
func impure(n ast.Node) string {
	switch n := n.(type) {
	case *ast.GoStmt:
		return startsGoroutine
	case *ast.SelectStmt:
		return "waits for a channel"
	case *ast.ChanType:
		return "has a channel"
	case *ast.SelectorExpr:
		return impureName(n)
	}
	return ""
}

func impureName(n *ast.SelectorExpr) string {
	x, ok := n.X.(*ast.Ident)
	if !ok || x.Obj != nil {
		return ""
	}
	name := x.Name + "." + n.Sel.Name
	switch {
	case slices.Contains(clocks, name):
		return readsClock + name
	case x.Name == "sync" && !slices.Contains(locks, name):
		return "has a lock: " + name
	case x.Name == "rand" && !slices.Contains(sources, n.Sel.Name):
		return "draws from the randomness of the process: " + name
	}
	return ""
}
