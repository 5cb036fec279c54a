// Command distributed works through a file of 100,000 parcels: a distributed Map state begins
// an execution for each line, and writes what comes of them into files. Buckets are folders.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

const definition = `{
  "StartAt": "Price",
  "States": {
    "Price": {
      "Type": "Map", "End": true, "MaxConcurrency": 100, "ToleratedFailurePercentage": 1,
      "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "Parameters": {"Bucket": "parcels", "Key.$": "$.file"}
      },
      "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "One", "States": {"One": {"Type": "Task", "Resource": "price", "End": true}}
      },
      "ResultWriter": {
        "Resource": "arn:aws:states:::s3:putObject",
        "Parameters": {"Bucket": "prices", "Prefix": "today"},
        "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSONL"}
      }
    }
  }
}`

const parcels = 100_000

// parcel is a line of the file: the values of CSV are texts.
type parcel struct{ ID, Kilos string }

type priced struct {
	ID    string `json:"id"`
	Cents int    `json:"cents"`
}

func main() {
	folder, err := os.MkdirTemp("", "parcels")
	check(err)
	defer os.RemoveAll(folder)
	check(run(os.Stdout, folder))
}

func run(w io.Writer, folder string) error {
	if err := writeParcels(folder); err != nil {
		return err
	}
	machine, err := asl.Parse([]byte(definition))
	if err != nil {
		return err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	done := 0
	price := func(_ context.Context, p parcel) (priced, error) {
		mu.Lock()
		defer mu.Unlock()
		if done++; done%(parcels/4) == 0 {
			fmt.Fprintf(w, "%d of %d parcels\n", done, parcels)
		}
		kilos, err := strconv.Atoi(p.Kilos)
		if err != nil {
			return priced{}, &runtime.TaskError{Name: "NoWeight", Cause: p.ID}
		}
		return priced{p.ID, 390 + 80*kilos}, nil
	}
	r := runtime.Runner{Tasks: runtime.Mux{"price": runtime.Function(price)}, Objects: objects.Dir(folder)}
	out, err := r.Run(context.Background(), program, jsonvalue.MustParse(`{"file": "parcels.csv"}`))
	if err != nil {
		return err
	}
	return report(w, folder, out)
}

// writeParcels makes the buckets, and the file. A few parcels have no weight.
func writeParcels(folder string) error {
	for _, bucket := range []string{"parcels", "prices"} {
		if err := os.Mkdir(filepath.Join(folder, bucket), 0o755); err != nil {
			return err
		}
	}
	file, err := os.Create(filepath.Join(folder, "parcels", "parcels.csv"))
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewWriter(file)
	fmt.Fprintln(lines, "ID,Kilos")
	for i := range parcels {
		if i%10_000 == 9_999 {
			fmt.Fprintf(lines, "P%d,?\n", i)
			continue
		}
		fmt.Fprintf(lines, "P%d,%d\n", i, 1+i%30)
	}
	return lines.Flush()
}

// report counts what is in the files that the manifest names.
func report(w io.Writer, folder string, out jsonvalue.Value) error {
	var result struct{ ResultWriterDetails struct{ Bucket, Key string } }
	if err := json.Unmarshal([]byte(out.String()), &result); err != nil {
		return err
	}
	bucket := filepath.Join(folder, result.ResultWriterDetails.Bucket)
	text, err := os.ReadFile(filepath.Join(bucket, filepath.FromSlash(result.ResultWriterDetails.Key)))
	if err != nil {
		return err
	}
	type file struct{ Key string }
	var manifest struct {
		ResultFiles struct{ SUCCEEDED, FAILED []file }
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		return err
	}
	for _, f := range append(manifest.ResultFiles.SUCCEEDED, manifest.ResultFiles.FAILED...) {
		lines, err := os.ReadFile(filepath.Join(bucket, filepath.FromSlash(f.Key)))
		if err != nil {
			return err
		}
		first, _, _ := bytes.Cut(lines, []byte("\n"))
		fmt.Fprintf(w, "%s: %d parcels, first %.60s\n", path.Base(f.Key), bytes.Count(lines, []byte("\n")), first)
	}
	return nil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
