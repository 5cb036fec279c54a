// Command workers works on orders together with any number of its own kind. Start it three times, and kill
// any of them: the others go on with its orders within eleven seconds.
//
//	go run . -start 20 &
//	go run . &
//	go run . &
//
// The processes share a file of SQLite, or with -db a database of PostgreSQL, on as many
// machines as you like.
package main

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

//go:embed order.asl.json
var definition []byte

const machineARN = "arn:aws:states:us-east-1:123456789012:stateMachine:order"

// worker is one of the processes.
type worker struct {
	database string
	schema   string
	start    int           // orders
	lease    time.Duration // after which others take over
	takes    time.Duration // each task
	out      io.Writer
}

func main() {
	log.SetFlags(0)
	w := worker{out: os.Stdout}
	flag.StringVar(&w.database, "db", "workers.db", "a file of SQLite, or the URL of a PostgreSQL")
	flag.StringVar(&w.schema, "schema", "", "the schema of PostgreSQL")
	flag.IntVar(&w.start, "start", 0, "how many orders to start")
	flag.DurationVar(&w.lease, "lease", 10*time.Second, "after how long others take over the orders of a dead process")
	flag.DurationVar(&w.takes, "takes", 300*time.Millisecond, "how long a task takes")
	flag.Parse()
	if err := w.run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// run starts orders, and works until none is left.
func (w *worker) run(ctx context.Context) (err error) {
	machine, err := asl.Parse(definition)
	if err != nil {
		return err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return err
	}
	kept, closeStore, err := w.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	engine, err := runtime.Open(ctx, kept, runtime.EngineConfig{
		Tasks: runtime.Mux{"pick": w.task("picked"), "pack": w.task("packed"), "send": w.task("sent")},
		Lease: w.lease,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close(ctx)) }()
	for n := range w.start {
		who := runtime.Identity{StateMachine: machineARN, StateMachineName: "order", ExecutionName: fmt.Sprint("order-", n+1)}
		_, err := engine.Start(ctx, program, who, jsonvalue.MustParse(`{"items": ["lamp", "rope", "map"]}`), nil)
		if err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
	fmt.Fprintln(w.out, "ready")
	return wait(ctx, engine)
}

// open opens the store, which other processes use as well.
func (w *worker) open(ctx context.Context) (store.Store, func() error, error) {
	if strings.HasPrefix(w.database, "postgres") {
		kept, err := sqlstore.OpenPostgres(ctx, w.database, w.schema)
		if err != nil {
			return nil, nil, err
		}
		return kept, kept.Close, nil
	}
	pool, err := sql.Open("sqlite", "file:"+w.database+"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return nil, nil, err
	}
	kept, err := sqlstore.UseSQLite(ctx, pool)
	if err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	return kept, func() error { return errors.Join(kept.Close(), pool.Close()) }, nil
}

// task returns what performs a task: it takes its time, and says what it has done. A real one would have
// an effect here, with Task.ID as the key that keeps it from happening twice.
func (w *worker) task(done string) runtime.TaskInvoker {
	return runtime.InvokerFunc(func(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
		select {
		case <-time.After(w.takes):
		case <-ctx.Done():
			return jsonvalue.Value{}, ctx.Err()
		}
		fmt.Fprintf(w.out, "%d: %s %s [%s]\n", os.Getpid(), done, task.Input, task.ID())
		return task.Input, nil
	})
}

// wait returns when there have been orders, and all are over, whoever has worked on them.
func wait(ctx context.Context, engine *runtime.Engine) error {
	for {
		some, err := engine.List(ctx, store.Query{StateMachine: machineARN, Limit: 1})
		if err != nil {
			return err
		}
		running, err := engine.List(ctx, store.Query{StateMachine: machineARN, Status: interp.Running, Limit: 1})
		if err != nil {
			return err
		}
		if len(some) > 0 && len(running) == 0 {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
