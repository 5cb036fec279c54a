package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/cschleiden/go-workflows/backend"
	"github.com/cschleiden/go-workflows/backend/sqlite"
	"github.com/cschleiden/go-workflows/client"
	"github.com/cschleiden/go-workflows/worker"
	"github.com/cschleiden/go-workflows/workflow"
	"github.com/google/uuid"
)

// openPeer runs the workflow of one task in go-workflows, with its defaults but for the
// intervals of polling, which are short.
func openPeer(ctx context.Context, dir string) (func(context.Context) error, func() error, error) {
	b := sqlite.NewSqliteBackend(filepath.Join(dir, "peer.db"), sqlite.WithBackendOptions(backend.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))))
	options := worker.DefaultOptions
	options.WorkflowPollingInterval, options.ActivityPollingInterval = time.Millisecond, time.Millisecond
	w := worker.New(b, &options)
	if err := errors.Join(w.RegisterWorkflow(peerWorkflow), w.RegisterActivity(peerTask)); err != nil {
		return nil, nil, errors.Join(err, b.Close())
	}
	running, stop := context.WithCancel(ctx)
	if err := w.Start(running); err != nil {
		stop()
		return nil, nil, errors.Join(err, b.Close())
	}
	c := client.New(b)
	return func(ctx context.Context) error {
			instance, err := c.CreateWorkflowInstance(ctx, client.WorkflowInstanceOptions{InstanceID: uuid.NewString()}, peerWorkflow, `{"orderId": "A-1"}`)
			if err != nil {
				return err
			}
			_, err = client.GetWorkflowResult[string](ctx, c, instance, time.Minute)
			return err
		}, func() error {
			stop()
			return errors.Join(w.WaitForCompletion(), b.Close())
		}, nil
}

func peerWorkflow(ctx workflow.Context, input string) (string, error) {
	return workflow.ExecuteActivity[string](ctx, workflow.DefaultActivityOptions, peerTask, input).Get(ctx)
}

func peerTask(_ context.Context, input string) (string, error) { return input, nil }
