package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// report collects the outcomes of the cases of one suite.
type report struct {
	Suite    string    `json:"suite"`
	Passed   int       `json:"passed"`
	Failed   int       `json:"failed"`
	Skipped  int       `json:"skipped"`
	Outcomes []outcome `json:"cases"`

	out     io.Writer
	virtual func(f func()) // runs a function in virtual time
}

// outcome tells how one case went.
type outcome struct {
	ID     string `json:"id"`
	Result string `json:"result"`           // passed, failed or skipped
	Detail string `json:"detail,omitempty"` // the first difference, or why it was skipped
}

func (r *report) pass(id string) {
	r.Passed++
	r.Outcomes = append(r.Outcomes, outcome{ID: id, Result: "passed"})
}

func (r *report) fail(id, difference string) {
	r.Failed++
	r.Outcomes = append(r.Outcomes, outcome{ID: id, Result: "failed", Detail: difference})
	fmt.Fprintf(r.out, "FAIL %s\n     %s\n", id, difference)
}

func (r *report) skip(id, why string) {
	r.Skipped++
	r.Outcomes = append(r.Outcomes, outcome{ID: id, Result: "skipped", Detail: why})
}

// finish writes the results file, if one is wanted, and the closing line, and
// returns the exit status.
func (r *report) finish(file string, stderr io.Writer) int {
	if file != "" {
		text, err := json.MarshalIndent(r, "", "  ")
		if err == nil {
			err = os.WriteFile(file, append(text, '\n'), 0o644)
		}
		if err != nil {
			fmt.Fprintln(stderr, "conform:", err)
			return 2
		}
	}
	fmt.Fprintf(r.out, "%s: %d passed, %d failed, %d skipped\n", r.Suite, r.Passed, r.Failed, r.Skipped)
	if r.Failed > 0 {
		return 1
	}
	return 0
}
