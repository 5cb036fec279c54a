package main

import (
	"strings"
	"testing"
	"time"
)

// A short run measures everything once.
func TestRun(t *testing.T) {
	s := settings{dir: t.TempDir(), workloads: "../runtime/testdata/workloads", clients: []int{1, 8}, rounds: 1, each: time.Millisecond, waiting: 300}
	var out strings.Builder
	if err := s.run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"bare commits, 1 clients", "one task, SQLite, 8 clients", "order, memory, 1 clients", "go-workflows, one task, 8 clients", "opened again"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
}
