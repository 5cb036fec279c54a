// Package similar finds the name that was probably meant by a misspelled one.
package similar

import "strings"

// Name returns the candidate that is nearest to what was written; "": none is near.
func Name(written string, candidates []string) string {
	return Within(written, candidates, min(len(written)/2, 1+len(written)/3))
}

// Within returns the candidate that is nearest, if it takes no more edits than limit.
// One that differs in case alone is always near.
func Within(written string, candidates []string, limit int) string {
	best, bestDistance := "", limit
	for _, candidate := range candidates {
		if strings.EqualFold(candidate, written) {
			return candidate
		}
		if d := editDistance(written, candidate, bestDistance); d < bestDistance || d == bestDistance && best == "" {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// longest is the longest name for which a distance is computed.
const longest = 100

// editDistance returns the number of bytes that have to be inserted, removed or
// changed to get from a to b, or some number above limit if that is exceeded.
func editDistance(a, b string, limit int) int {
	if len(a) > longest || len(b)-len(a) > limit || len(a)-len(b) > limit {
		return limit + 1
	}
	var rows [2][longest*2 + 2]int
	previous, current := rows[0][:len(b)+1], rows[1][:len(b)+1]
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			current[j+1] = min(previous[j]+cost, previous[j+1]+1, current[j]+1)
		}
		previous, current = current, previous
	}
	return previous[len(b)]
}
