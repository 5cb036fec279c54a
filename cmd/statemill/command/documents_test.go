package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
)

// The page of each command holds what its help says; -rewrite writes it.
func TestPages(t *testing.T) {
	for _, name := range []string{"validate", "graph", "json", "run", "test", "cover", "serve", "version"} {
		var out bytes.Buffer
		require.Zero(t, Run(t.Context(), []string{name, "--help"}, &out, &out, nil))
		var b strings.Builder
		b.WriteString("# statemill " + name + "\n\nWhat `statemill " + name + " --help` says. [The other commands](README.md).\n\n```text\n")
		for line := range strings.Lines(out.String()) {
			b.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
		b.WriteString("```\n")
		page := filepath.Join("..", "..", "..", "docs", "commands", name+".md")
		if golden.Rewriting() {
			require.NoError(t, os.MkdirAll(filepath.Dir(page), 0o755))
			require.NoError(t, os.WriteFile(page, []byte(b.String()), 0o644))
		}
		held, err := os.ReadFile(page)
		require.NoError(t, err)
		require.Equal(t, string(held), b.String(), "go test ./cmd/statemill -run Pages -rewrite")
	}
}

func TestManual(t *testing.T) {
	var out bytes.Buffer
	require.Zero(t, Run(t.Context(), []string{"man"}, &out, &out, nil))
	for _, part := range []string{".TH STATEMILL 1", ".SS statemill serve [SOURCE...]", `\fB\-\-wait\-time\-scale\fR`, ".SH EXIT STATUS"} {
		require.Contains(t, out.String(), part)
	}
}
