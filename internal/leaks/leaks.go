// Package leaks fails a test run that leaves goroutines behind.
package leaks

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"
	"time"
)

// patience is how long goroutines that are about to end may take.
const patience = 5 * time.Second

// Main runs the tests of a package, as the body of its TestMain. If they pass and
// more goroutines are there than before, it prints all and fails the run.
func Main(m *testing.M) {
	before := runtime.NumGoroutine()
	code := m.Run()
	if code == 0 && !settles(before) {
		fmt.Fprintf(os.Stderr, "goroutines are left: %d before the tests, %d after them\n", before, runtime.NumGoroutine())
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
		code = 1
	}
	os.Exit(code)
}

// settles waits until no more goroutines are there than before.
func settles(before int) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); runtime.Gosched() {
		if runtime.NumGoroutine() <= before {
			return true
		}
	}
	return false
}
