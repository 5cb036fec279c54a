package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	"github.com/statemill/statemill/contrib/sqlstore"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/store"
)

// The names that results are compared with, and of workloads.
const (
	bareName = "bare commits"
	peerName = "go-workflows, one task"
	oneTask  = "one task"
	order    = "order"

	postgresSuffix = ", PostgreSQL" // of workloads on PostgreSQL
)

// subjects returns what is measured, in turn.
func (s *settings) subjects() ([]subject, error) {
	subjects := []subject{{name: bareName, clients: []int{1}, open: openBare}}
	if s.postgres != "" {
		subjects = append(subjects, subject{name: barePostgresName, clients: []int{1}, open: s.openBarePostgres})
	}
	for _, workload := range []string{oneTask, order} {
		w, err := s.workload(workload)
		if err != nil {
			return nil, err
		}
		subjects = append(subjects,
			subject{workload + ", SQLite", workload, s.clients, w.onSQLite},
			subject{workload + ", memory", workload, s.clients, w.inMemory})
		if s.postgres != "" {
			subjects = append(subjects, subject{workload + postgresSuffix, workload, s.clients, w.onPostgres(s)})
		}
		if workload == oneTask {
			subjects = append(subjects, subject{peerName, workload, s.clients, openPeer})
		}
	}
	return subjects, nil
}

// openBare commits 300 bytes into a table, as small as durable commits can be.
func openBare(ctx context.Context, dir string) (func(context.Context) error, func() error, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "bare.db")+
		"?_pragma=locking_mode(exclusive)&_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err = db.ExecContext(ctx, "create table bare(id integer primary key, data blob)"); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	insert, err := db.PrepareContext(ctx, "insert into bare(data) values (?)")
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	data := bytes.Repeat([]byte("x"), 300)
	return func(ctx context.Context) error {
		_, err := insert.ExecContext(ctx, data)
		return err
	}, func() error { return errors.Join(insert.Close(), db.Close()) }, nil
}

// workload is a program with an input.
type workload struct {
	program *runtime.Program
	input   jsonvalue.Value
	tasks   runtime.TaskInvoker
}

func (w *workload) onSQLite(ctx context.Context, dir string) (func(context.Context) error, func() error, error) {
	s, err := sqlstore.OpenSQLite(ctx, filepath.Join(dir, "executions.db"))
	if err != nil {
		return nil, nil, err
	}
	return w.on(ctx, s, s.Close)
}

func (w *workload) inMemory(ctx context.Context, _ string) (func(context.Context) error, func() error, error) {
	return w.on(ctx, store.Memory(), func() error { return nil })
}

func (w *workload) on(ctx context.Context, s store.Store, closeStore func() error) (func(context.Context) error, func() error, error) {
	engine, err := runtime.Open(ctx, s, runtime.EngineConfig{Tasks: w.tasks, Lease: time.Minute})
	if err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	return func(ctx context.Context) error {
		record, err := engine.Start(ctx, w.program, runtime.Identity{}, w.input, nil)
		if err != nil {
			return err
		}
		_, err = engine.Wait(ctx, record.Execution)
		return err
	}, func() error { return errors.Join(engine.Close(ctx), closeStore()) }, nil
}
