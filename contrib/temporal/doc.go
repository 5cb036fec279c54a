// Package asltemporal runs state machines as Temporal workflows: the same definition, with the same
// outputs, errors and histories as runtime.Run and runtime.Engine have, on a Temporal server.
//
//	w := worker.New(temporal, "orders", worker.Options{})
//	(&asltemporal.Worker{Tasks: tasks}).Register(w)
//	err := w.Start()
//
//	executions := &asltemporal.Client{Temporal: temporal, TaskQueue: "orders"}
//	record, err := executions.Start(ctx, program, who, input, nil)
//	out, err := executions.Wait(ctx, record.Execution)
//
// A [Worker] runs the workflows of all state machines, and performs tasks as activities. A [Client]
// has the methods of an Engine (runtime.Executions), so package sfnapi puts the API of Step
// Functions in front of it. [Replay] holds a new version of this module, or of the SDK, to histories
// that an earlier one has made.
//
// docs/temporal.md says what of a state machine is what in Temporal, what follows from faults, and how
// releases are rolled out.
//
// # What is not there
//
// Histories tell that a Temporal worker of an activity ARN has begun, and what a service has answered
// to the request of a .sync task, when the task ends. Executions are not logged by package sfnapi, and not deleted: Temporal
// does so when its retention ends.
//
// # How it works
//
// start.go has the first argument of the workflow, which holds all that decides its commands: the
// definition, the names and the seed of the execution, limits. No option of a worker decides any.
//
// workflow.go is the loop of one run, on one coroutine: step the machine (package interp), act, wait,
// and step again. task.go starts activities and takes their results, wait.go waits and has timers, answer.go
// serves answers by token, and children.go, items.go, results.go and redrive.go have the children of distributed Map states. What comes in one
// workflow task is told together, in the order of the starts, so that every replay does the same.
//
// Within a run the machine is made again by replay. A run ends before a long wait, or when its
// history is long, and state.go packs header, frames and values for the next.
//
// activity.go is the other side of task.go. attempt.go has the heartbeats of a task: they tell the server of its job, and
// the task whether it is wanted. definitions.go finds programs.
//
// client.go starts executions; request.go sends answers, stops and redrives, describe.go tells and lists, mapruns.go has the Map Runs, and
// poll.go takes the tasks of activities for workers that are none of Temporal's. history.go
// makes the history of an execution: replay.go runs its workflow again by Temporal's history, with
// a watch (watch.go) that sees the events, and all that commands hold.
package asltemporal
