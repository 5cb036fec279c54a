package asl

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

// For the tests outside the package.
var (
	Mutated = mutated
	Seeds   = seeds
	Hostile = hostile
)

// CorpusDefinitions returns the definitions of both kinds of recordings: those
// that were validated, and those that were run.
func CorpusDefinitions(t testing.TB, corpus string) (all []string) {
	for _, c := range corpusDefinitions(t, corpus) {
		all = append(all, string(c.definition))
	}
	for _, folder := range []string{"aws", "aws-more"} {
		files, err := filepath.Glob(filepath.Join(corpus, folder, "*.json"))
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			recorded, err := jsonvalue.Parse(text)
			require.NoError(t, err)
			all = appendDefinitions(all, recorded)
		}
	}
	return all
}

// appendDefinitions appends whatever looks like a definition in a recording: an
// object with States, or a text of one.
func appendDefinitions(all []string, v jsonvalue.Value) []string {
	if text, ok := v.AsString(); ok && strings.Contains(text, `"StartAt"`) {
		return append(all, text)
	}
	if _, ok := v.Get("States"); ok {
		all = append(all, v.String())
	}
	for _, x := range v.Elements() {
		all = appendDefinitions(all, x)
	}
	for _, x := range v.Members() {
		all = appendDefinitions(all, x)
	}
	return all
}
