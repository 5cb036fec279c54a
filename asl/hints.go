package asl

import (
	"strings"

	"github.com/statemill/statemill/internal/similar"
)

// didYouMean proposes the candidate that is nearest to the written name, or
// nothing if none is near.
func didYouMean(written string, candidates []string) string {
	return proposed(similar.Name(written, candidates))
}

// proposed is the hint that proposes a name; "" for none.
func proposed(name string) string {
	if name == "" {
		return ""
	}
	return "did you mean \"" + name + "\"?"
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
