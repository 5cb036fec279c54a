package suite

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The table of docs/testing.md has each key, and no other.
func TestKeysAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/testing.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(text), "| in | key | value |\n| --- | --- | --- |\n")
	require.True(t, ok)
	var documented []string
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			break
		}
		for key := range strings.SplitSeq(cells[2], ",") {
			documented = append(documented, strings.TrimSpace(cells[1])+" "+strings.Trim(key, " `"))
		}
	}
	var known []string
	for in, keys := range map[string][]string{"file": fileKeys, "coverage": coverageKeys, "case": caseKeys, "mock": mockKeys, "outcome": outcomeKeys} {
		for _, key := range keys {
			known = append(known, in+" "+key)
		}
	}
	slices.Sort(documented)
	slices.Sort(known)
	require.Equal(t, known, documented)
}
