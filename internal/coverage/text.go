package coverage

import (
	"bufio"
	"fmt"
	"io"
	"path/filepath"
	"strings"
)

// mostMissing is how many missing items a text report names for a machine.
const mostMissing = 30

// WriteText writes a line for each machine and one for each item that is missing. Files
// are named relative to a folder, if they are in it.
func (r *Report) WriteText(w io.Writer, folder string) error {
	b := bufio.NewWriter(w)
	for _, m := range r.Machines {
		reached, all := m.Counts()
		file := m.name(folder)
		fmt.Fprintf(b, "%s: %.1f %% (%d of %d)\n", file, Percent(reached, all), reached, all)
		named := 0
		for _, i := range m.byLine() {
			if i.Count > 0 || i.Ignored != "" {
				continue
			}
			if named++; named <= mostMissing {
				fmt.Fprintf(b, "%s:%d:%d: never: %s %s  [%s]\n", file, i.Line, i.Column, i.Kind, i.Outcome, i.Location)
			}
		}
		if named > mostMissing {
			fmt.Fprintf(b, "%s: and %d more\n", file, named-mostMissing)
		}
	}
	return b.Flush()
}

// name returns the file of a machine as people read it.
func (m *Machine) name(folder string) string {
	if m.File == "" {
		return "definition " + m.SHA256[:12]
	}
	if rel, err := filepath.Rel(folder, m.File); err == nil && !strings.HasPrefix(rel, "..") {
		return rel
	}
	return m.File
}

// Listed returns a line for each of some points that begins with a prefix.
func (m *Machine) Listed(prefix string, points ...int) string {
	byPoint := make(map[int]*Item, len(m.Items))
	for _, i := range m.Items {
		byPoint[i.point] = i
	}
	var b strings.Builder
	for _, point := range points {
		i := byPoint[point]
		fmt.Fprintf(&b, "%s%d:%d %s %s  [%s]\n", prefix, i.Line, i.Column, i.Kind, i.Outcome, i.Location)
	}
	return b.String()
}
