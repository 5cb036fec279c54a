package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings say how much is measured.
type settings struct {
	dir       string        // of the files
	workloads string        // the folder of the definitions
	clients   []int         // at a time
	rounds    int           // of everything
	each      time.Duration // that one measurement takes
	waiting   int           // executions that wait
	lease     time.Duration // of processes that die
	postgres  string        // the URL of a database; "": PostgreSQL is not measured
	root      string        // the folder of the repository, for pages
}

func main() {
	s := settings{}
	flag.StringVar(&s.dir, "dir", os.TempDir(), "the folder, on the disk to measure")
	flag.StringVar(&s.workloads, "workloads", "../runtime/testdata/workloads", "the folder of the definitions")
	flag.IntVar(&s.rounds, "rounds", 3, "how often everything is measured")
	flag.DurationVar(&s.each, "each", time.Second, "how long one measurement takes")
	flag.IntVar(&s.waiting, "waiting", 100_000, "how many executions wait")
	flag.StringVar(&s.postgres, "postgres", os.Getenv("STATEMILL_POSTGRES"), "the URL of a database of PostgreSQL, in which a schema is made and deleted")
	flag.DurationVar(&s.lease, "lease", 10*time.Second, "the lease of the processes that die")
	clients := flag.String("clients", "1,16,100,256", "how many clients there are at a time")
	flag.StringVar(&s.root, "root", "..", "the folder of the repository, of which a page tells")
	page := flag.String("page", "", "a page with tables, as ../docs/benchmarks.md: they are measured and written anew, and nothing else is done")
	flag.Parse()
	for _, n := range strings.Split(*clients, ",") {
		count, err := strconv.Atoi(n)
		if err != nil || count < 1 {
			fmt.Fprintf(os.Stderr, "-clients has %q, expected numbers from 1\n", n)
			os.Exit(2)
		}
		s.clients = append(s.clients, count)
	}
	do := func(ctx context.Context) error { return s.run(ctx, os.Stdout) }
	if *page != "" {
		do = func(ctx context.Context) error { return s.writePage(ctx, *page) }
	}
	if err := do(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures everything and prints the medians.
func (s *settings) run(ctx context.Context, out io.Writer) error {
	subjects, results, err := s.measureAll(ctx, out)
	if err != nil {
		return err
	}
	print(out, subjects, results)
	if s.postgres != "" {
		if err := s.printTakeover(ctx, out); err != nil {
			return fmt.Errorf("takeover: %w", err)
		}
	}
	return s.printWaiting(ctx, out)
}

// measureAll measures everything in turn, in rounds.
func (s *settings) measureAll(ctx context.Context, out io.Writer) ([]subject, map[string][]result, error) {
	subjects, err := s.subjects()
	if err != nil {
		return nil, nil, err
	}
	results := make(map[string][]result)
	for round := range s.rounds {
		for _, subject := range subjects {
			for _, clients := range subject.clients {
				r, err := s.measure(ctx, subject, clients)
				if err != nil {
					return nil, nil, fmt.Errorf("%s, %d clients: %w", subject.name, clients, err)
				}
				key := key(subject.name, clients)
				results[key] = append(results[key], r)
				fmt.Fprintf(out, "# round %d: %s: %s\n", round+1, key, r)
			}
		}
	}
	return subjects, results, nil
}

func key(name string, clients int) string { return fmt.Sprintf("%s, %d clients", name, clients) }

// row has the medians of what was measured under a key.
type row struct {
	key                       string
	rate, p50, p99, processor float64
	ofBare                    float64 // of half the rate of bare commits
	ofPeer                    string  // of the rate of the peer; "-": it has no such workload
}

func rowsOf(subjects []subject, results map[string][]result) (rows []row) {
	bareOf := func(name string) float64 { return median(results[key(name, 1)], result.rate) }
	for _, subject := range subjects {
		for _, clients := range subject.clients {
			rs := results[key(subject.name, clients)]
			r := row{key(subject.name, clients), median(rs, result.rate), median(rs, quantile(50)), median(rs, quantile(99)), median(rs, result.processor), 0, "-"}
			bare := bareOf(bareName)
			if strings.HasSuffix(subject.name, postgresSuffix) {
				bare = bareOf(barePostgresName)
			}
			r.ofBare = 2 * r.rate / bare
			if of := results[key(peerName, clients)]; subject.workload == oneTask && len(of) > 0 {
				r.ofPeer = fmt.Sprintf("%.1f", r.rate/median(of, result.rate))
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func quantile(percent int) func(result) float64 {
	return func(r result) float64 { return r.quantile(percent) }
}

// print prints the medians, and what they are of bare commits and of the peer.
func print(out io.Writer, subjects []subject, results map[string][]result) {
	fmt.Fprintf(out, "\n%-34s %10s %10s %10s %8s %9s %10s\n", "", "per second", "p50 ms", "p99 ms", "CPU us", "of bare/2", "of go-wf.")
	for _, r := range rowsOf(subjects, results) {
		fmt.Fprintf(out, "%-34s %10.0f %10.2f %10.2f %8.0f %9.2f %10s\n", r.key, r.rate, r.p50, r.p99, r.processor, r.ofBare, r.ofPeer)
	}
}

func median[T any](rs []T, of func(T) float64) float64 {
	values := make([]float64, len(rs))
	for i, r := range rs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
