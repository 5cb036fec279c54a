package asltemporal

import (
	"log/slog"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

// Worker is what a process does for executions: it runs their workflows, and performs their
// tasks as activities. The zero Worker runs workflows of any state machine whose definition comes
// with the execution. Any number of workers of the SDK may share a Worker; do not copy it, and
// do not change it once it is registered.
type Worker struct {
	// Tasks performs tasks. Their Task.ID is the same when one is performed again because a process
	// has died. Default: nil, this process runs workflows only.
	Tasks runtime.TaskInvoker

	// Objects is where the items of distributed Map states come from that have an ItemReader, and where a ResultWriter
	// writes. Default: nil, and both fail.
	Objects objects.Objects

	// Formats reads objects in PARQUET, and those that are compressed by zstd. Default: nobody does, and reading
	// them fails.
	Formats objects.Formats

	// Definitions finds the definitions of executions that a Client has started with ByHash. Default:
	// nil, and workflow tasks of such executions fail, until a worker takes them that knows the definition.
	Definitions Definitions

	// Route returns the task queue on which the tasks of a Resource are performed; "": that of the
	// workflow. It may change at any time, for tasks that start from then on. Default: nil,
	// all are on the queue of the workflow, but for those of an activity ARN (...:activity:NAME),
	// whose queue is NAME.
	Route func(asl.Resource) string

	// Liveness is the time after which the task of a worker that has died is performed again. Default: 30 s.
	Liveness time.Duration

	// DataConverter is that of the connection, by which Replay reads histories, and the worker what the children of
	// Map Runs have come to. Default: that of the SDK.
	DataConverter converter.DataConverter

	// Logger gets panics of tasks, with their stacks. Default: nil, nothing is logged.
	Logger *slog.Logger

	programs  programs
	siblings  siblings    // of tests; nil: those that the connection of the worker reaches
	waitedFor func() bool // of tests, whether an execution waits for a task; nil: its server tells
}

// localActivity is the type of local activities. Other activities have the text of their
// Resource as type.
const localActivity = "statemill.local"

// Register registers the workflow of all state machines, and with Tasks the activities of all
// tasks. Call it before the worker of the SDK is started. Workflows and activities
// that are registered by name go first.
func (w *Worker) Register(r worker.Registry) {
	r.RegisterDynamicWorkflow(w.workflow, workflow.DynamicRegisterOptions{})
	if w.Tasks != nil {
		r.RegisterDynamicActivity(w.activity, activity.DynamicRegisterOptions{})
		r.RegisterActivityWithOptions(w.localActivity, activity.RegisterOptions{Name: localActivity})
		r.RegisterActivityWithOptions(w.read, activity.RegisterOptions{Name: readActivity})
		r.RegisterActivityWithOptions(w.write, activity.RegisterOptions{Name: writeActivity})
		r.RegisterActivityWithOptions(w.redrive, activity.RegisterOptions{Name: redriveActivity})
		r.RegisterActivityWithOptions(w.collect, activity.RegisterOptions{Name: collectActivity})
	}
}
