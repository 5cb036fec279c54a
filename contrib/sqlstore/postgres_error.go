package sqlstore

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

// postgresReasons say in plain words why PostgreSQL refused something, by its code.
var postgresReasons = map[string]string{
	"25006": "the database can only be read",
	"26000": "a pooler gives each transaction another connection, so prepared statements are lost: add default_query_exec_mode=cache_describe to the URL",
	"42P05": "a pooler gives each transaction another connection, so prepared statements are mixed up: add default_query_exec_mode=cache_describe to the URL",
	"42501": "the user lacks a right",
	"53100": "the disk of the server is full",
	"53300": "the server has too many connections",
	"55P03": "a lock was not free within lock_timeout",
	"57014": "the server has cancelled a statement, as statement_timeout makes it do",
	"57P01": "the server is going down",
	"57P03": "the server is starting or going down",
}

// The codes of transactions that PostgreSQL ends for the sake of others.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// postgresCode returns the code of an error of PostgreSQL, or "".
func postgresCode(err error) string {
	var coded *pgconn.PgError
	if errors.As(err, &coded) {
		return coded.Code
	}
	return ""
}

// isPassing reports whether a transaction has failed, and stored nothing, for a reason that is over when it
// begins again.
func isPassing(err error) bool {
	code := postgresCode(err)
	return code == serializationFailure || code == deadlockDetected || errors.Is(err, pgconn.ErrConnClosed)
}

// explained is an error with its reason.
type explained struct {
	reason string
	error
}

func (e *explained) Error() string { return e.reason + ": " + e.error.Error() }
func (e *explained) Unwrap() error { return e.error }

// explainPostgres says in plain words why PostgreSQL refused something, once.
func explainPostgres(err error) error {
	reason, known := postgresReasons[postgresCode(err)]
	var already *explained
	if !known || errors.As(err, &already) {
		return err
	}
	return &explained{reason, err}
}
