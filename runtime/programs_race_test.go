//go:build race

package runtime_test

// programs is how many random programs a test runs.
const programs = 500
