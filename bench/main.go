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
	flag.Parse()
	for _, n := range strings.Split(*clients, ",") {
		count, err := strconv.Atoi(n)
		if err != nil || count < 1 {
			fmt.Fprintf(os.Stderr, "-clients has %q, expected numbers from 1\n", n)
			os.Exit(2)
		}
		s.clients = append(s.clients, count)
	}
	if err := s.run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run measures everything and prints the medians.
func (s *settings) run(ctx context.Context, out io.Writer) error {
	subjects, err := s.subjects()
	if err != nil {
		return err
	}
	results := make(map[string][]result)
	for round := range s.rounds {
		for _, subject := range subjects {
			for _, clients := range subject.clients {
				r, err := s.measure(ctx, subject, clients)
				if err != nil {
					return fmt.Errorf("%s, %d clients: %w", subject.name, clients, err)
				}
				key := key(subject.name, clients)
				results[key] = append(results[key], r)
				fmt.Fprintf(out, "# round %d: %s: %s\n", round+1, key, r)
			}
		}
	}
	print(out, subjects, results)
	if s.postgres != "" {
		if err := s.printTakeover(ctx, out); err != nil {
			return fmt.Errorf("takeover: %w", err)
		}
	}
	return s.printWaiting(ctx, out)
}

func key(name string, clients int) string { return fmt.Sprintf("%s, %d clients", name, clients) }

// print prints the medians, and what they are of bare commits and of the peer.
func print(out io.Writer, subjects []subject, results map[string][]result) {
	bareOf := func(name string) float64 { return median(results[key(name, 1)], result.rate) }
	fmt.Fprintf(out, "\n%-34s %10s %10s %10s %8s %9s %10s\n", "", "per second", "p50 ms", "p99 ms", "CPU us", "of bare/2", "of go-wf.")
	for _, subject := range subjects {
		for _, clients := range subject.clients {
			rs := results[key(subject.name, clients)]
			rate := median(rs, result.rate)
			bare := bareOf(bareName)
			if strings.HasSuffix(subject.name, postgresSuffix) {
				bare = bareOf(barePostgresName)
			}
			peer := "-"
			if of := results[key(peerName, clients)]; subject.workload == oneTask && len(of) > 0 {
				peer = fmt.Sprintf("%.1f", rate/median(of, result.rate))
			}
			fmt.Fprintf(out, "%-34s %10.0f %10.2f %10.2f %8.0f %9.2f %10s\n", key(subject.name, clients), rate,
				median(rs, func(r result) float64 { return r.quantile(50) }), median(rs, func(r result) float64 { return r.quantile(99) }),
				median(rs, result.processor), 2*rate/bare, peer)
		}
	}
}

func median(rs []result, of func(result) float64) float64 {
	values := make([]float64, len(rs))
	for i, r := range rs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
