// Package asltest tests workflow definitions under go test: in microseconds, without
// Docker, network or AWS.
//
//	func TestCharge(t *testing.T) {
//		wf := asltest.Load(t, "order.asl.json")
//		wf.Task("*:function:price").Returns(`{"total": 12}`)
//		wf.State("Charge").Fails("CardDeclined", "").Times(1).Returns(`{"id": "pay-1"}`)
//		run := wf.Run(`{"sku": "CUP-1"}`)
//		run.WantOutput(`{"id": "pay-1"}`)
//		run.WantPath("Price", "Charge")
//		run.WantElapsed(2 * time.Second) // the pause of the Retrier
//	}
//
// Tasks are mocked by resource, by function or by state. Time is virtual: a Wait of a
// year takes no time. Every state can be the first one ([Machine.RunFrom]). A failed test
// shows the difference and the path that was taken, and [Main] reports what no test has
// reached.
//
// # What fails a test
//
// A task that nobody mocks, a mock that no run has used (and that no later mock of the same
// target replaces), a mock that is used more often than its Times, a run that fails and at
// which no assertion has looked, a contract that is broken, an execution that waits for ever:
// each fails the test. Each can be allowed by name: [Mock.Optional], [Machine.Real],
// [Run.Err]. A task that nobody mocks ends the execution. It does not fail the task, because a
// Catch on States.ALL would then hide that.
//
// # Time
//
// The clock starts at [Machine.Start] and stands still while a function of
// [Mock.Does] or [Mock.Performs] or [Machine.Real] runs: functions take no virtual time.
// An outcome without After answers at the instant of the attempt. At one instant things
// happen in this order: what the machine has due (timeouts, waits, retries), then
// answers, heartbeats and the moments of [Machine.At], in the order in which they were
// planned. So an answer at the instant of its deadline is late. Instants are whole
// milliseconds. Jitter and UUIDs are fixed by [Machine.Seed].
//
// # Concurrency
//
// A Machine and its mocks belong to one test and one goroutine. Functions given to Does,
// Performs and Real may run at the same time. Tests may run in parallel.
package asltest
