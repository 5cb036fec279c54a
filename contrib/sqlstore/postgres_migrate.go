package sqlstore

import (
	"context"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// migrate brings the tables to the newest form, by the migrations that are missing, in their order.
// Of processes that begin at the same time, one does. It changes nothing if the tables have that form.
func (s *Postgres) migrate(ctx context.Context) error {
	return s.with(ctx, func(conn *pgx.Conn) error {
		db := &postgresSession{ctx, s, conn}
		if _, err := conn.Exec(ctx, beginWriting); err != nil {
			return err
		}
		if err := db.migrate(); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, endWriting)
		return err
	})
}

func (p *postgresSession) migrate() error {
	if err := p.check(); err != nil {
		return err
	}
	// It takes the time that it takes, however short the requests of others are to be.
	if _, err := p.first("select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)"); err != nil {
		return err
	}
	if _, err := p.first("select pg_advisory_xact_lock(?)", lockOf(p.store.schema)); err != nil {
		return err
	}
	migrations, err := schema.ReadDir("schema/postgres")
	if err != nil {
		return err
	}
	version, err := p.version()
	if err != nil {
		return err
	}
	newest := int64(len(migrations))
	if version > newest {
		return errLater(version, newest)
	}
	for _, migration := range migrations[version:] {
		text, err := schema.ReadFile("schema/postgres/" + migration.Name())
		if err != nil {
			return err
		}
		if err := p.script(string(text)); err != nil {
			return fmt.Errorf("migration %s: %w", migration.Name(), err)
		}
	}
	if version < newest {
		_, err = p.exec("update main.statemill set version = ?", newest)
	}
	return err
}

// script runs several statements.
func (p *postgresSession) script(text string) error {
	_, err := p.conn.Exec(p.ctx, strings.ReplaceAll(text, "main.", quoted(p.store.schema)+"."), pgx.QueryExecModeSimpleProtocol)
	return err
}

// check holds the server to what the store needs.
func (p *postgresSession) check() error {
	row, err := p.first("select current_setting('server_version_num')::bigint, current_setting('server_encoding')")
	if err != nil {
		return err
	}
	if row.number(0) < 130000 {
		return fmt.Errorf("the server has version %d.%d, expected 13 or later", row.number(0)/10000, row.number(0)%10000)
	}
	if row.text(1) != "UTF8" {
		return fmt.Errorf("the database has the encoding %s, expected UTF8", row.text(1))
	}
	return nil
}

// version returns the number of the last migration that was applied, and makes the schema if
// it is not there.
func (p *postgresSession) version() (int64, error) {
	there, err := p.first("select 1 from pg_namespace where nspname = ?", p.store.schema)
	if err != nil {
		return 0, err
	}
	if there == nil {
		return 0, p.script("create schema " + quoted(p.store.schema))
	}
	foreign, err := p.first(`select min(relname)::text, coalesce(bool_or(relname = 'statemill'), false) from pg_class
		where relnamespace = (select oid from pg_namespace where nspname = ?)`, p.store.schema)
	if err != nil || foreign[0] == nil {
		return 0, err
	}
	if known, _ := foreign[1].(bool); !known {
		return 0, fmt.Errorf("it is the schema of another program: it has %s", foreign.text(0))
	}
	row, err := p.first("select version from main.statemill")
	if err == nil && row == nil {
		err = fmt.Errorf("its table statemill is empty")
	}
	if err != nil {
		return 0, err
	}
	return row.number(0), nil
}

// lockOf returns the number of the lock under which a schema is migrated.
func lockOf(schema string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("statemill migrates " + schema)) // it never fails
	return int64(h.Sum64())
}
