package recorded

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Outcomes counts what became of cases. The zero Outcomes is ready to use.
type Outcomes struct {
	passed, failed int
	skipped        map[Skip]int
}

// Add counts a case by its error, and reports whether the case was skipped.
func (o *Outcomes) Add(err error) (skipped bool) {
	var skip Skip
	switch {
	case errors.As(err, &skip):
		if o.skipped == nil {
			o.skipped = make(map[Skip]int)
		}
		o.skipped[skip]++
		return true
	case err != nil:
		o.failed++
	default:
		o.passed++
	}
	return false
}

// String returns the counts, and why cases were skipped.
func (o *Outcomes) String() string {
	var b strings.Builder
	missed := 0
	for _, why := range slices.Sorted(maps.Keys(o.skipped)) {
		missed += o.skipped[why]
		fmt.Fprintf(&b, "\n%d skipped: %s", o.skipped[why], why)
	}
	return fmt.Sprintf("%d passed, %d failed, %d skipped", o.passed, o.failed, missed) + b.String()
}
