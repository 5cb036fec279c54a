package runtime_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// A driver of another package makes tasks, and says how errors fail them.
func TestTasksOfOtherDrivers(t *testing.T) {
	told := ""
	task := runtime.NewTask(runtime.Task{Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken", State: "Send"}, runtime.TaskLink{
		ID: "e#1.1", Token: "secret",
		Heartbeat: func() { told += "heartbeat " },
		Submitted: func(v jsonvalue.Value) { told += "submitted " + v.String() },
	})
	assert.Equal(t, "sqs", task.Service)
	assert.Equal(t, "sendMessage", task.Action)
	assert.Equal(t, asl.WaitForTaskToken, task.Pattern)
	assert.Equal(t, "e#1.1", task.ID())
	assert.Equal(t, "secret", task.Token())
	task.Heartbeat()
	task.Submitted(jsonvalue.Object())
	assert.Equal(t, "heartbeat submitted {}", told)

	silent := runtime.NewTask(runtime.Task{}, runtime.TaskLink{})
	silent.Heartbeat()
	silent.Submitted(jsonvalue.Object())
	assert.Empty(t, silent.Token())

	for err, want := range map[error][2]string{
		errors.New("no"): {"States.TaskFailed", "no"},
		&runtime.TaskError{Name: "Declined", Cause: "c"}:   {"Declined", "c"},
		fmt.Errorf("%w %q", runtime.ErrNoTask, "somebody"): {"States.Runtime", `runtime: no task for resource "somebody"`},
	} {
		name, cause := runtime.Failure(err)
		assert.Equal(t, want, [2]string{name, cause})
	}
	who := runtime.CompleteIdentity(runtime.Identity{ExecutionName: "e", StateMachineName: "m"}, runtime.Seed{1})
	assert.Equal(t, "arn:aws:states:us-east-1:000000000000:execution:m:e", who.Execution)
}
