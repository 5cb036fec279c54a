package asl

import "strings"

// didYouMean proposes the candidate that is nearest to the written name, or
// nothing if none is near.
func didYouMean(written string, candidates []string) string {
	return nearest(written, candidates, min(len(written)/2, 1+len(written)/3))
}

// nearest proposes the candidate that is nearest, if it takes no more edits than
// the limit.
func nearest(written string, candidates []string, limit int) string {
	best, bestDistance := "", limit
	for _, candidate := range candidates {
		if strings.EqualFold(candidate, written) {
			return "did you mean \"" + candidate + "\"?"
		}
		if d := editDistance(written, candidate, bestDistance); d < bestDistance || d == bestDistance && best == "" {
			best, bestDistance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean \"" + best + "\"?"
}

// whereElse says which types of state have a field; "" if there is no such
// field.
func whereElse(name string) string {
	var have part
	for i := range fieldTable {
		if fieldTable[i].name == name {
			have |= fieldTable[i].in & inState
		}
	}
	var types []string
	for _, t := range stateTypes {
		if have&t.part != 0 {
			types = append(types, t.name)
		}
	}
	switch n := len(types); n {
	case 0:
		return ""
	case 1:
		return types[0] + " states have it"
	default:
		return strings.Join(types[:n-1], ", ") + " and " + types[n-1] + " states have it"
	}
}

// longestHint is the longest name for which a distance is computed.
const longestHint = 100

// editDistance returns the number of bytes that have to be inserted, removed or
// changed to get from a to b, or some number above limit if that is exceeded.
func editDistance(a, b string, limit int) int {
	if len(a) > longestHint || len(b)-len(a) > limit || len(a)-len(b) > limit {
		return limit + 1
	}
	var rows [2][longestHint*2 + 2]int
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
