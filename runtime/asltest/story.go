package asltest

import "fmt"

// story tells the path of the run.
func (r *Run) story() string {
	return fmt.Sprintf("  path (%v), %s:\n%s", r.result.Elapsed, r.status(), r.result.Story())
}
