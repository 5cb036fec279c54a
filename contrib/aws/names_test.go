package awstasks

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNames holds the rules to the names in testdata/names.txt: of services by their ids, of exceptions by their shapes, of members by
// the model's names.
func TestNames(t *testing.T) {
	text, err := os.ReadFile("testdata/names.txt")
	require.NoError(t, err)
	kinds := map[string]func(string) string{
		"service": serviceName, "exception": exceptionName, "member": memberName,
		"prefix": func(id string) string { return strings.ToLower(serviceName(id)) },
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		if line == "" {
			continue
		}
		kind, rest, _ := strings.Cut(line, " ")
		from, want, ok := strings.Cut(rest, " = ")
		require.True(t, ok, line)
		require.Equal(t, strings.TrimSpace(want), kinds[kind](from), line)
	}
}
