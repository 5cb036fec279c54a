// Package sqlstore keeps executions in a file of SQLite or in a schema of PostgreSQL, and is the store.Store and
// store.Documents to use where they must outlive the process.
//
//	s, err := sqlstore.OpenSQLite(ctx, "executions.db")
//	s, err := sqlstore.OpenPostgres(ctx, "postgres://user@host/database", "")
//
// SQLite needs no C compiler: it is modernc.org/sqlite. A file serves one process at a time. PostgreSQL is reached by
// pgx, and serves any number of processes.
//
// # How SQLite is used
//
// One connection writes and reads. The journal is a WAL and every commit is synced, so what
// Commit has returned survives a loss of power; the next process finds a prefix of the
// commits. Between commits the connection keeps the lock of the file. That saves system calls,
// and it proves that every other owner is dead: the executions of a dead process are taken
// over at once.
//
//   - sqlite.go opens, connection.go runs prepared statements, migrate.go makes
//     and changes the tables of schema/.
//   - commit.go applies changes: it looks at the conditions of a change, decides, writes.
//   - due.go and poll.go find executions that need an owner.
//
// SQLite calls fsync for each commit. Where the file system writes more for fsync than
// for fdatasync, sqlite.Fdatasync(true) of modernc.org/sqlite, which is a setting of the whole process,
// makes commits faster and no less durable.
//
// # How PostgreSQL is used
//
// A commit sends its statements together. One whose changes touch the rows of executions alone is one
// round trip; any other locks what it names, decides, and writes what was let in. Leases are measured by the clock
// of the server. A transaction that PostgreSQL ends for the sake of another begins again.
//
//   - postgres.go opens and runs transactions and pipelines, postgres_migrate.go makes the tables.
//   - postgres_commit.go divides changes, postgres_wave.go admits them, postgres_writes.go
//     writes, postgres_names.go numbers names.
//   - postgres_poll.go finds executions that need an owner, postgres_load.go reads one, postgres_notify.go tells
//     other processes of messages, postgres_error.go explains refusals.
//
// # What both have
//
//   - place.go knows the conditions of what this process wrote last, and which tables
//     an execution has rows in: most have one row, that of table execution.
//   - record.go, name.go and payload.go turn a Record into columns and back;
//     history.go packs short histories into the row of the execution.
//   - session.go, load.go and list.go read; documents.go keeps documents.
package sqlstore
