// Command bench measures durable executions beside bare commits on the same disk and beside
// go-workflows, which keeps workflows in SQLite too. Everything is measured in turn, in several
// rounds, and the medians are printed: only ratios within one run say something of another machine.
//
//	go run . -dir /path/on/the/disk -postgres postgres://user@host/database
//
// Without -postgres, and without STATEMILL_POSTGRES in the environment, PostgreSQL is left out.
//
// Lines that begin with "one task" or "order" are executions of that workflow, each started and waited
// for by one of so many clients. "of bare/2" compares them with half the rate of bare commits: an
// execution takes two. CPU is the time of the processor that the whole process takes for an execution.
//
// With -page ../docs/benchmarks.md it writes the tables of that page anew, from this and from the
// benchmarks of the package runtime.
package main
