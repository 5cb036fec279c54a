package asltest

import (
	"fmt"
	"strings"

	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/runtime/history"
)

// mostLines is how many lines of a path a failure shows.
const mostLines = 40

// story tells the path of the run: a line for each visit, with what the name of the
// state does not tell.
func (r *Run) story() string {
	var lines []string
	r.tell(&lines, nil, -1, 0)
	if len(lines) > mostLines {
		cut := fmt.Sprintf("    ... %d more ...", len(lines)-mostLines)
		lines = append(append(lines[:mostLines/2:mostLines/2], cut), lines[len(lines)-mostLines/2:]...)
	}
	return fmt.Sprintf("  path (%v), %s:\n%s", r.result.Elapsed, r.status(), strings.Join(lines, "\n"))
}

// tell adds the visits of a graph, each followed by what is inside.
func (r *Run) tell(lines *[]string, parent *history.Visit, child, depth int) {
	for _, v := range r.result.Visits() {
		if v.Parent != parent || parent != nil && v.Child != child {
			continue
		}
		*lines = append(*lines, strings.TrimRight(fmt.Sprintf("  %10v  %s%-16s %s", r.since(v.Entered), strings.Repeat("  ", depth), v.State, details(v)), " "))
		for i := range r.children(v.Visit) {
			*lines = append(*lines, fmt.Sprintf("              %s%d:", strings.Repeat("  ", depth), i))
			r.tell(lines, v.Visit, i, depth+1)
		}
	}
}

// children returns how many branches or iterations have visits.
func (r *Run) children(parent *history.Visit) (n int) {
	for _, v := range r.result.Visits() {
		if v.Parent == parent {
			n = max(n, v.Child+1)
		}
	}
	return n
}

// details says what is to be known of a visit.
func details(v *mocking.Visit) string {
	var parts []string
	if v.Rule >= 0 {
		parts = append(parts, fmt.Sprintf("rule %d", v.Rule))
	}
	if v.Type == "Map" && len(v.Attempts) > 0 {
		parts = append(parts, plural(v.Length, "item"))
	}
	if len(v.Attempts) > 1 {
		parts = append(parts, fmt.Sprintf("%d attempts: %s", len(v.Attempts), attempts(v.Attempts)))
	} else if v.HasError {
		parts = append(parts, v.Error)
	}
	if v.Catcher >= 0 {
		parts = append(parts, fmt.Sprintf("-> Catch[%d]", v.Catcher))
	}
	if v.Status == history.Aborted || v.Status == history.Failed {
		parts = append(parts, string(v.Status))
	}
	return strings.Join(parts, ", ")
}

func attempts(all []history.Attempt) string {
	var words []string
	for _, a := range all {
		switch {
		case a.HasError:
			words = append(words, a.Error)
		case a.Status == history.Exited || a.Status == history.Caught:
			words = append(words, "ok")
		default:
			words = append(words, string(a.Status))
		}
	}
	return strings.Join(words, ", ")
}
