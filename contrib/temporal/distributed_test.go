package asltemporal

import (
	"context"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/history"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
	"github.com/statemill/statemill/runtime/store"
)

// distributed are Map states whose children are workflows.
var distributed = map[string]struct{ definition, input string }{
	"Batches": {`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 3, "Label": "L", "ItemBatcher": {"MaxItemsPerBatch": 2}, "Next": "Z",
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "item", "End": true}}}},
		"Z": {"Type": "Succeed"}}}`, `{"list": [` + numbers(9) + `]}`},
	"Tolerated": {`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "ToleratedFailureCount": 3, "End": true,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {
			"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 2, "Next": "F"}], "Default": "I"},
			"F": {"Type": "Task", "Resource": "fail", "End": true},
			"I": {"Type": "Task", "Resource": "item", "End": true}}}}}}`, `{"list": [` + numbers(5) + `]}`},
	"Failed": {`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 2, "End": true, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}],
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "C", "States": {
			"C": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "F"}], "Default": "W"},
			"F": {"Type": "Task", "Resource": "fail", "End": true},
			"W": {"Type": "Wait", "Seconds": 60, "End": true}}}},
		"Z": {"Type": "Succeed"}}}`, `{"list": [` + numbers(4) + `]}`},
	"Read": {`{"StartAt": "M", "States": {"M": {"Type": "Map", "MaxConcurrency": 5, "End": true,
		"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}, "Parameters": {"Bucket": "b", "Key": "rows.csv"}},
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "item", "End": true}}}}}}`, `{}`},
}

func init() {
	for name, c := range map[string]string{
		"Written":  writing(list+`, "ToleratedFailureCount": 2, "MaxConcurrency": 3, `+writer, "STANDARD"),
		"Breached": writing(reader+`, "MaxConcurrency": 1, `+writer, "STANDARD"),
	} {
		distributed[name] = struct{ definition, input string }{strings.ReplaceAll(c, `"item"`, `"signed"`), `{"list": [1, -2, 3, 4, -5, 6]}`}
	}
}

// TestServerDistributed runs distributed Map states as Temporal workflows, in one run of the parent
// and in as many as possible, and in this process.
func TestServerDistributed(t *testing.T) {
	rows := func() *objects.MemoryObjects {
		bucket := objects.Memory()
		bucket.Put("b", "rows.csv", "name,n\na,1\nb,2\nc,-3\nd,4\ne,5\nf,6\ng,7\n")
		return bucket
	}
	for name, scenario := range distributed {
		for kind, most := range map[string]int{"OneRun": 0, "ManyRuns": 20} {
			t.Run(name+kind, func(t *testing.T) {
				t.Parallel()
				s := serve(t, scenarioTasks())
				bucket, written := rows(), rows()
				s.worker.Objects, s.MaxHistory = bucket, most
				program := compiled(t, scenario.definition)
				input := jsonvalue.MustParse(scenario.input)
				names := s.names()
				seed := childSeed(names.ExecutionName) // names and seeds of children follow from it
				who := runtime.CompleteIdentity(names, seed)
				record, err := s.Client.begin(s.context(), program, interp.Header{Identity: who, Seed: seed}, input, nil)
				require.NoError(t, err)
				got, failure := s.Wait(s.context(), record.Execution)
				var want []history.Event
				r := runtime.Runner{Tasks: scenarioTasks(), Identity: who, Seed: seed, Objects: written, Observe: func(e history.Event) {
					if e.Execution == who.Execution {
						want = append(want, e)
					}
				}}
				expected, expectedFailure := r.Run(s.context(), program, input)
				assert.Equal(t, expected.String(), got.String())
				assert.Equal(t, dates.ReplaceAllString(printedFiles(t, written), "date"), dates.ReplaceAllString(printedFiles(t, bucket), "date"))
				assert.Equal(t, text(expectedFailure), text(failure))
				assert.Equal(t, sorted(want), sorted(s.strictly(record.Execution)))
				chain, err := s.chain(s.context(), record.Execution)
				require.NoError(t, err)
				t.Logf("%d runs", len(chain))
			})
		}
	}
}

// TestServerChildren: the children are executions that can be listed and looked at, and they end with their parent.
func TestServerChildren(t *testing.T) {
	handed := make(chan string, 100)
	s := serve(t, tokens(handed))
	id := s.begin(`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "Label": "L", "End": true,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "A", "States": {"A": {"Type": "Task",
			"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "End": true}}}}}}`, `{"list": [1, 2, 3]}`)
	for range 3 {
		<-handed
	}
	events, err := s.History(s.context(), id, 0, 100)
	require.NoError(t, err)
	run := events[len(events)-1].MapRunARN
	require.NotEmpty(t, run)
	var children []store.Record
	require.Eventually(t, func() bool {
		children, err = s.List(s.context(), store.Query{MapRun: run})
		require.NoError(t, err)
		return len(children) == 3
	}, 20*time.Second, 100*time.Millisecond)
	_, err = s.Stop(s.context(), id, "Enough", "")
	require.NoError(t, err)
	for _, child := range children {
		_, err := s.Wait(s.context(), child.Execution)
		var failed *runtime.ExecutionError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, interp.Aborted, failed.Status)
		assert.Contains(t, failed.Cause, run)
		s.strictly(child.Execution)
	}
	s.strictly(id)
}

// TestServerDistributedMap runs a distributed Map of 300 items.
func TestServerDistributedMap(t *testing.T) {
	s := serve(t, runtime.Mux{"*": runtime.InvokerFunc(func(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) { return task.Input, nil })})
	s.MaxHistory = 400
	began := time.Now()
	id := s.begin(`{"StartAt": "M", "States": {"M": {"Type": "Map", "ItemsPath": "$.list", "MaxConcurrency": 40, "End": true,
		"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}}}}`, `{"list": [`+numbers(300)+`]}`)
	assert.Equal(t, `[`+numbers(300)+`]`, s.succeeds(id))
	chain, err := s.chain(s.context(), id)
	require.NoError(t, err)
	t.Logf("300 children in %v, in %d runs of the parent", time.Since(began), len(chain))
	s.strictly(id)
}

func childSeed(name string) (seed interp.Seed) {
	sum := sha256.Sum256([]byte(name))
	copy(seed[:], sum[:])
	return seed
}
