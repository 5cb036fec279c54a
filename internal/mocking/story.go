package mocking

import (
	"fmt"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/history"
)

// mostLines is how many lines of a path are shown.
const mostLines = 40

// Story tells the path of the run: a line for each visit, with what the name of the state
// does not tell.
func (r *Result) Story() string {
	t := &teller{result: r, visits: make(map[graph][]*Visit), children: make(map[*history.Visit]int)}
	for _, v := range r.Visits() {
		in := graph{v.Parent, v.Child}
		if v.Parent == nil {
			in = outermost
		}
		t.visits[in] = append(t.visits[in], v)
		t.children[v.Parent] = max(t.children[v.Parent], v.Child+1)
	}
	t.tell(outermost, 0)
	lines := t.lines
	if len(lines) > mostLines {
		cut := fmt.Sprintf("    ... %d more ...", len(lines)-mostLines)
		lines = append(append(lines[:mostLines/2:mostLines/2], cut), lines[len(lines)-mostLines/2:]...)
	}
	return strings.Join(lines, "\n")
}

// Since returns an instant as a time from the start of the run.
func (r *Result) Since(at time.Time) time.Duration {
	if at.IsZero() || len(r.History) == 0 {
		return 0
	}
	return at.Sub(r.History[0].Time)
}

// graph is a branch or an iteration of a visit.
type graph struct {
	parent *history.Visit
	child  int
}

// outermost is the graph of the run.
var outermost = graph{nil, -1}

type teller struct {
	result   *Result
	visits   map[graph][]*Visit
	children map[*history.Visit]int // how many branches or iterations have visits
	lines    []string
}

// tell adds the visits of a graph, each followed by what is inside.
func (t *teller) tell(in graph, depth int) {
	indent := strings.Repeat("  ", depth)
	for _, v := range t.visits[in] {
		t.lines = append(t.lines, strings.TrimRight(fmt.Sprintf("  %10v  %s%-16s %s", t.result.Since(v.Entered), indent, v.State, details(v)), " "))
		for i := range t.children[v.Visit] {
			t.lines = append(t.lines, fmt.Sprintf("              %s%d:", indent, i))
			t.tell(graph{v.Visit, i}, depth+1)
		}
	}
}

// details says what is to be known of a visit.
func details(v *Visit) string {
	var parts []string
	if v.Rule >= 0 {
		parts = append(parts, fmt.Sprintf("rule %d", v.Rule))
	}
	if v.Type == "Map" && len(v.Attempts) > 0 {
		parts = append(parts, plural(v.Length, "item"))
	}
	if len(v.Attempts) > 1 {
		parts = append(parts, fmt.Sprintf("%d attempts: %s", len(v.Attempts), attemptsOf(v.Attempts)))
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

func attemptsOf(all []history.Attempt) string {
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

// Lines returns the events, a line each, with times from the start of the run.
func (r *Result) Lines() (lines []string) {
	for _, e := range r.History {
		text, err := e.MarshalJSON()
		if err != nil {
			text = []byte(err.Error())
		}
		if v, err := jsonvalue.Parse(text); err == nil {
			text = v.With("timestamp", jsonvalue.String("+"+r.Since(e.Time).String())).AppendJSON(nil)
		}
		lines = append(lines, string(text)+"\n")
	}
	return lines
}
