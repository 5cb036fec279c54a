package asl

// For the tests outside the package.
var (
	Mutated = mutated
	Seeds   = seeds
)
