package main

import (
	"os"
	"strings"
	"testing"
)

// The page has a place for each table.
func TestPageHasTables(t *testing.T) {
	page, err := os.ReadFile("../docs/benchmarks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"machine", "workloads", "cores", "cold", "durable"} {
		page, err = replaceTable(page, name, "| made of "+name+" |\n")
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"-->\n\n| made of cold |\n\n<!-- end", "## Other interpreters", "# Benchmarks"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is missing in:\n%s", want, page)
		}
	}
	if _, err := replaceTable(page, "nothing", ""); err == nil {
		t.Error("a table without marks was replaced")
	}
}

// Rounds of the output of go test become medians by unit, in the order of the benchmarks.
func TestAddBenchmarks(t *testing.T) {
	var all []benchmark
	for _, out := range []string{
		"goos: linux\nBenchmarkX/second-2 \t 10\t 5.5 ns/op\t 1.5 x-hand\nBenchmarkX/first-loop-2 10 7 ns/op\nPASS",
		"BenchmarkX/second-2 10 6.5 ns/op 2.5 x-hand\nBenchmarkY/second-2 10 1 ns/op",
		"BenchmarkX/second-2 10 9 ns/op 3 x-hand",
	} {
		all = addBenchmarks(all, strings.ReplaceAll(out, "-2", suffix()), "BenchmarkX/")
	}
	if len(all) != 2 || all[0].name != "second" || all[1].name != "first-loop" {
		t.Fatalf("%v", all)
	}
	if ns, hand, none := all[0].median("ns/op"), all[0].median("x-hand"), all[1].median("x-hand"); ns != 6.5 || hand != 2.5 || none != 0 {
		t.Errorf("%v, %v, %v", ns, hand, none)
	}
}
