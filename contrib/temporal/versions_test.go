package asltemporal

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// TestServerVersions: executions stay with the workers of the version on which they began, until a new run
// begins; that is for the newest.
func TestServerVersions(t *testing.T) {
	c := connect(t)
	name := fmt.Sprintf("deployment-%d", time.Now().UnixNano())
	s := &served{t: t, Client: &Client{Temporal: c, TaskQueue: name, Checkpoint: -1}}
	handed := make(chan string, 10)
	deploy := func(build string) {
		tasks := tokens(handed)
		tasks["version"] = runtime.InvokerFunc(func(context.Context, *runtime.Task) (jsonvalue.Value, error) { return jsonvalue.String(build), nil })
		version := worker.WorkerDeploymentVersion{DeploymentName: name, BuildID: build}
		w := worker.New(c, name, worker.Options{DeploymentOptions: worker.DeploymentOptions{
			UseVersioning: true, Version: version, DefaultVersioningBehavior: workflow.VersioningBehaviorPinned,
		}})
		(&Worker{Tasks: tasks}).Register(w)
		require.NoError(t, w.Start())
		t.Cleanup(w.Stop)
		require.Eventually(t, func() bool {
			_, err := c.WorkerDeploymentClient().GetHandle(name).SetCurrentVersion(s.context(), client.WorkerDeploymentSetCurrentVersionOptions{BuildID: build})
			return err == nil
		}, 30*time.Second, 100*time.Millisecond)
	}
	deploy("one")
	const ask = `"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, "ResultPath": null`
	const machine = `{"StartAt": "A", "States": {
		"A": {` + ask + `, "Next": "V"},
		"V": {"Type": "Task", "Resource": "version", "ResultPath": "$.first", "Next": "B"},
		"B": {` + ask + `, "Next": "W"},
		"W": {"Type": "Task", "Resource": "version", "ResultPath": "$.second", "End": true}}}`
	old := s.begin(machine, `{}`)
	token := <-handed
	deploy("two")
	require.NoError(t, s.SucceedTask(s.context(), token, jsonvalue.Int(1)))
	token = <-handed
	require.Eventually(t, func() bool {
		require.NoError(t, s.HeartbeatTask(s.context(), token)) // a workflow task tells that there are newer workers
		chain, err := s.chain(s.context(), old)
		require.NoError(t, err)
		return len(chain) == 2
	}, 20*time.Second, 200*time.Millisecond, "a new run begins where nothing is performed")
	require.NoError(t, s.SucceedTask(s.context(), token, jsonvalue.Int(1)))
	assert.Equal(t, `{"first":"one","second":"two"}`, s.succeeds(old))
	chain, err := s.chain(s.context(), old)
	require.NoError(t, err)
	assert.Len(t, chain, 2)
}
