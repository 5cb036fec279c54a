package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	stdruntime "runtime"
	"strconv"
	"strings"
	"time"
)

// A page has its tables between these marks.
const (
	tableMark = "<!-- table: %s -->\n"
	endMark   = "<!-- end of table -->"
)

// writePage measures everything that a page has a table of, and writes the tables anew.
func (s *settings) writePage(ctx context.Context, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, table := range []struct {
		name string
		make func(context.Context) (string, error)
	}{
		{"machine", s.machine},
		{"workloads", s.workloadTable},
		{"cores", s.coreTable},
		{"cold", s.coldTable},
		{"durable", s.durableTable},
	} {
		made, err := table.make(ctx)
		if err == nil {
			text, err = replaceTable(text, table.name, made)
		}
		if err != nil {
			return fmt.Errorf("%s: the table %q: %w", file, table.name, err)
		}
	}
	return os.WriteFile(file, text, 0o644)
}

// replaceTable replaces what is between the marks of a table.
func replaceTable(page []byte, name, table string) ([]byte, error) {
	before, rest, found := bytes.Cut(page, fmt.Appendf(nil, tableMark, name))
	_, after, ended := bytes.Cut(rest, []byte(endMark))
	if !found || !ended {
		return nil, fmt.Errorf("the page has no mark %q with %q after it", strings.TrimSpace(fmt.Sprintf(tableMark, name)), endMark)
	}
	return fmt.Appendf(nil, "%s"+tableMark+"\n%s\n"+endMark+"%s", before, name, table, after), nil
}

// machine tells where and when the figures were made.
func (s *settings) machine(ctx context.Context) (string, error) {
	model := stdruntime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		_, rest, _ := strings.Cut(string(info), "model name\t: ")
		name, _, _ := strings.Cut(rest, "\n")
		model = strings.Join(strings.Fields(name), " ")
	}
	commit, err := exec.CommandContext(ctx, "git", "-C", s.root, "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s, commit %s, %s, %d cores, %s/%s, %s.\n", time.Now().UTC().Format("2 January 2006"), bytes.TrimSpace(commit),
		stdruntime.Version(), stdruntime.NumCPU(), stdruntime.GOOS, stdruntime.GOARCH, model), nil
}

// workloadTable has a row for each workload, beside the same work written by hand.
func (s *settings) workloadTable(ctx context.Context) (string, error) {
	rows, err := s.benchmarks(ctx, "Workloads")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| | by hand, µs | Statemill, µs | × by hand | allocations |\n| --- | ---: | ---: | ---: | ---: |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.2f | %.0f |\n", r.name, r.median("hand-ns/run")/1000, r.median("ns/run")/1000, r.median("x-hand"), r.median("allocs/run"))
	}
	return b.String(), nil
}

func (s *settings) coreTable(ctx context.Context) (string, error) {
	rows, err := s.benchmarks(ctx, "Spread")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| | one core, ms | two cores, ms | × as fast |\n| --- | ---: | ---: | ---: |\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.2f |\n", r.name, r.median("us/run-1")/1000, r.median("us/run-2")/1000, r.median("x-two-cores"))
	}
	return b.String(), nil
}

func (s *settings) coldTable(ctx context.Context) (string, error) {
	rows, err := s.benchmarks(ctx, "ColdStart")
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| | bytes | ms | ms for 10 kB |\n| --- | ---: | ---: | ---: |\n")
	for _, r := range rows {
		ms := r.median("ns/op") / 1e6
		fmt.Fprintf(&b, "| %s | %.0f | %.2f | %.2f |\n", r.name, r.median("bytes"), ms, 10_000*ms/r.median("bytes"))
	}
	return b.String(), nil
}

func (s *settings) durableTable(ctx context.Context) (string, error) {
	subjects, results, err := s.measureAll(ctx, io.Discard)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("| | executions/s | p50, ms | p99, ms | processor, µs | of bare / 2 | × go-workflows |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range rowsOf(subjects, results) {
		fmt.Fprintf(&b, "| %s | %.0f | %.2f | %.2f | %.0f | %.2f | %s |\n", r.key, r.rate, r.p50, r.p99, r.processor, r.ofBare, r.ofPeer)
	}
	return b.String(), nil
}

// benchmark is what some runs of one benchmark say, by unit.
type benchmark struct {
	name   string
	values map[string][]float64
}

func (b benchmark) median(unit string) float64 {
	values := b.values[unit]
	if len(values) == 0 {
		return 0
	}
	return median(values, func(v float64) float64 { return v })
}

// benchmarks runs a benchmark of the package runtime several times, each in turn with the
// others, and returns its parts in their order.
func (s *settings) benchmarks(ctx context.Context, name string) ([]benchmark, error) {
	var all []benchmark
	for range s.rounds {
		command := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark"+name+"$", "-benchtime", s.each.String(), "./runtime")
		command.Dir = s.root
		out, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", command, err, out)
		}
		all = addBenchmarks(all, string(out), "Benchmark"+name+"/")
	}
	return all, nil
}

// suffix is what the names of benchmarks end with: the number of processors, if there are several.
func suffix() string {
	if n := stdruntime.GOMAXPROCS(0); n > 1 {
		return fmt.Sprint("-", n)
	}
	return ""
}

// addBenchmarks adds what the output of a run says.
func addBenchmarks(all []benchmark, out, prefix string) []benchmark {
	for _, line := range strings.Split(out, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], prefix) {
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(fields[0], prefix), suffix())
		at := 0
		for at < len(all) && all[at].name != name {
			at++
		}
		if at == len(all) {
			all = append(all, benchmark{name, make(map[string][]float64)})
		}
		for i := 2; i+1 < len(fields); i += 2 {
			if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
				all[at].values[fields[i+1]] = append(all[at].values[fields[i+1]], v)
			}
		}
	}
	return all
}
