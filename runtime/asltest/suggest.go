package asltest

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/statemill/statemill/internal/coverage"
	"github.com/statemill/statemill/internal/mocking"
)

// mostKept is how many runs of a definition are kept for suggestions.
const mostKept = 50

// keep keeps a run, of which suggestions can be made.
func (l *loaded) keep(r mocking.Recorded) {
	covered.Lock()
	defer covered.Unlock()
	if covered.runs == nil {
		covered.runs = make(map[*coverage.Machine][]mocking.Recorded)
	}
	if kept := covered.runs[l.coverage]; len(kept) < mostKept {
		covered.runs[l.coverage] = append(kept, r)
	}
}

// suggest prints runs that reach what no test reaches. The lock is held.
func suggest(w io.Writer, expressions bool) error {
	b := bufio.NewWriter(w)
	for _, m := range covered.report.Machines {
		runs := covered.runs[m]
		if !expressions {
			m = m.WithoutExpressions()
		}
		missing := m.Missing()
		if len(missing) == 0 || len(runs) == 0 {
			continue
		}
		found, left := mocking.Suggest(runs, missing)
		for _, s := range found {
			fmt.Fprintf(b, "\n%s%s", m.Listed("// ", s.Reaches...), s.Code())
		}
		if len(left) > 0 {
			fmt.Fprintf(b, "\nno run was found that reaches\n%s", m.Listed("// ", slices.Sorted(maps.Keys(left))...))
		}
	}
	return b.Flush()
}
