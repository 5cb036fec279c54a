package project

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The bounds of what a reader has to keep in mind at once, in lines.
const (
	longestFile     = 650
	longFunction    = 45 // 95 of 100 functions are shorter
	longestFunction = 80
)

func TestUnitsAreSmall(t *testing.T) {
	var functions []int
	for _, files := range packages(t) {
		for _, file := range files {
			functions = append(functions, measure(t, file)...)
		}
	}
	slices.Sort(functions)
	p95 := functions[len(functions)*95/100]
	assert.Less(t, p95, longFunction, "95 of 100 functions are shorter than that")
	t.Logf("%d functions, median %d lines, p95 %d, longest %d", len(functions), functions[len(functions)/2], p95, functions[len(functions)-1])
}

// measure returns the lines of each function of a file.
func measure(t *testing.T, file string) (functions []int) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.LessOrEqual(t, bytes.Count(text, []byte("\n")), longestFile, "lines of %s", file)
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, text, 0)
	require.NoError(t, err)
	for _, declaration := range parsed.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1
		assert.LessOrEqual(t, lines, longestFunction, "lines of %s in %s", f.Name.Name, file)
		functions = append(functions, lines)
	}
	return functions
}
