// Command durable carries a parcel. Kill it while it does, start it again, and it
// goes on where it was: the execution is in a file of SQLite.
package main

import (
	"context"
	_ "embed"
	"errors"
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
)

//go:embed parcel.asl.json
var definition []byte

const input = `{"to": "Marram Lane 4", "stops": ["Northgate", "Quayside", "Harbour"]}`

func main() {
	log.SetFlags(0)
	file := "durable.db"
	if len(os.Args) > 1 {
		file = os.Args[1]
	}
	if err := run(context.Background(), os.Stdout, file, time.Second); err != nil {
		log.Fatal(err)
	}
}

// run starts the execution, or goes on with it if the file has it already, and waits
// for its end. Each task takes the given time.
func run(ctx context.Context, out io.Writer, file string, takes time.Duration) (err error) {
	machine, err := asl.Parse(definition)
	if err != nil {
		return err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return err
	}
	store, err := sqlstore.OpenSQLite(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	engine, err := runtime.Open(ctx, store, runtime.EngineConfig{Tasks: &carrier{out: out, takes: takes}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close(ctx)) }()
	parcel := runtime.Identity{StateMachineName: "parcel", ExecutionName: "parcel-7"}
	record, err := engine.Start(ctx, program, parcel, jsonvalue.MustParse(input), nil)
	if err != nil {
		return fmt.Errorf("%w; remove %s to begin again", err, file)
	}
	result, err := engine.Wait(ctx, record.Execution)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "done:", result)
	return err
}

// carrier performs the tasks.
type carrier struct {
	out   io.Writer
	takes time.Duration
}

// InvokeTask says what it does, and then takes its time. The end of its ID, in
// brackets, is the same if the process dies meanwhile and the task is performed again.
func (c *carrier) InvokeTask(ctx context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	_, number, _ := strings.Cut(task.ID(), "#")
	if _, err := fmt.Fprintf(c.out, "%s %s [%s]\n", task.State, task.Input, number); err != nil {
		return jsonvalue.Value{}, err
	}
	select {
	case <-time.After(c.takes):
		return jsonvalue.String(task.State + " is done"), nil
	case <-ctx.Done():
		return jsonvalue.Value{}, ctx.Err()
	}
}
