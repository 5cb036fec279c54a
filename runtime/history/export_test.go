package history

import (
	"maps"
	"slices"
)

// TypesWithDetails returns the types of events that have details.
func TypesWithDetails() []string { return slices.Sorted(maps.Keys(detailFields)) }
