//go:build !race

package interp_test

// programs is how many random programs a test runs.
const programs = 20_000
