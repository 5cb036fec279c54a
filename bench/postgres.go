package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/statemill/statemill/contrib/sqlstore"
)

// benchSchema is the schema of PostgreSQL that is made and deleted for each measurement.
const benchSchema = "statemill_bench"

// barePostgresName is the name of the results that executions on PostgreSQL are compared with.
const barePostgresName = "bare commits, PostgreSQL"

// openBarePostgres commits 300 bytes into a table of PostgreSQL, as small as durable commits can be.
func (s *settings) openBarePostgres(ctx context.Context, _ string) (func(context.Context) error, func() error, error) {
	conn, err := s.freshSchema(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, statement := range []string{"create schema " + benchSchema, "create table " + benchSchema + ".bare(id bigint generated always as identity primary key, data bytea)"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return nil, nil, errors.Join(err, conn.Close(ctx))
		}
	}
	data := bytes.Repeat([]byte("x"), 300)
	return func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "insert into "+benchSchema+".bare(data) values ($1)", data)
		return err
	}, func() error { return errors.Join(dropSchema(ctx, conn), conn.Close(ctx)) }, nil
}

// freshSchema connects, and deletes what an earlier run has left.
func (s *settings) freshSchema(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, s.postgres)
	if err != nil {
		return nil, fmt.Errorf("-postgres: %w", err)
	}
	if err := dropSchema(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

func dropSchema(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "drop schema if exists "+benchSchema+" cascade")
	return err
}

// onPostgres runs the workload on PostgreSQL.
func (w *workload) onPostgres(s *settings) func(context.Context, string) (func(context.Context) error, func() error, error) {
	return func(ctx context.Context, _ string) (func(context.Context) error, func() error, error) {
		conn, err := s.freshSchema(ctx)
		if err != nil {
			return nil, nil, err
		}
		closeAll := func() error { return errors.Join(dropSchema(ctx, conn), conn.Close(ctx)) }
		kept, err := sqlstore.OpenPostgres(ctx, s.postgres, benchSchema)
		if err != nil {
			return nil, nil, errors.Join(err, closeAll())
		}
		return w.on(ctx, kept, func() error { return errors.Join(kept.Close(), closeAll()) })
	}
}
