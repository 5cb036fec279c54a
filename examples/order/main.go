// Command order runs a workflow of a shop on the orders in testdata, or on the
// files that it is given: Go functions are its tasks, and each state is printed
// as it is entered.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
)

//go:embed order.asl.json testdata
var files embed.FS

func main() {
	log.SetFlags(0)
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(out io.Writer, orders []string) error {
	definition, err := files.ReadFile("order.asl.json")
	if err != nil {
		return err
	}
	machine, err := asl.Parse(definition)
	if err != nil {
		return err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return err
	}
	read := os.ReadFile
	if len(orders) == 0 {
		read = files.ReadFile
		if orders, err = fs.Glob(files, "testdata/*.json"); err != nil {
			return err
		}
	}
	for _, name := range orders {
		text, err := read(name)
		if err != nil {
			return err
		}
		if err := process(out, program, name, text); err != nil {
			return err
		}
	}
	return nil
}

// process runs the workflow on one order.
func process(out io.Writer, program *runtime.Program, name string, text []byte) error {
	order, err := jsonvalue.Parse(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(out, "%s\n", name)
	clock := runtime.NewVirtualClock(time.Now()) // the bank's pauses take no time here
	shop := shop{stock: map[string]int{"TEA-7": 40, "CUP-1": 3, "POT-3": 10}}
	runner := runtime.Runner{
		Tasks: shop.tasks(),
		Clock: clock,
		Observe: func(e history.Event) {
			if state, ok := e.StateEntered(); ok {
				fmt.Fprintf(out, "  -> %s\n", state)
			}
		},
	}
	result, err := runner.Run(context.Background(), program, order)
	if err != nil {
		fmt.Fprintf(out, "  failed: %v\n", err)
		return nil
	}
	fmt.Fprintf(out, "  %s\n", result)
	return nil
}
