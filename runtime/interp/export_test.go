package interp

import (
	"maps"
	"slices"
)

// EventTypes returns the types of events that have details.
func EventTypes() []string { return slices.Sorted(maps.Keys(detailFields)) }
