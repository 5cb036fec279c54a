package main

import (
	"os"
	"strings"
	"testing"
	"time"
)

// A short run measures everything once.
func TestRun(t *testing.T) {
	s := settings{dir: t.TempDir(), workloads: "../runtime/testdata/workloads", clients: []int{1, 8}, rounds: 1, each: time.Millisecond, waiting: 300, lease: time.Second, postgres: os.Getenv("STATEMILL_POSTGRES")}
	var out strings.Builder
	if err := s.run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if s.postgres != "" && !strings.Contains(out.String(), "order, PostgreSQL, 8 clients") {
		t.Errorf("PostgreSQL is missing in:\n%s", out.String())
	}
	for _, want := range []string{"bare commits, 1 clients", "one task, SQLite, 8 clients", "order, memory, 1 clients", "go-workflows, one task, 8 clients", "opened again"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
}
