// Package sqlstore keeps executions in a file of SQLite, and is the store.Store and
// store.Documents to use where they must outlive the process.
//
//	s, err := sqlstore.OpenSQLite(ctx, "executions.db")
//
// It needs no C compiler: SQLite is modernc.org/sqlite. A file serves one process at
// a time.
//
// # How it works
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
//     place.go knows the conditions of what this process wrote last, and which tables
//     an execution has rows in: most have one row, that of table execution.
//   - record.go, name.go and payload.go turn a Record into columns and back;
//     history.go packs short histories into the row of the execution.
//   - due.go and poll.go find executions that need an owner.
//   - load.go and list.go read; documents.go keeps documents.
//
// SQLite calls fsync for each commit. Where the file system writes more for fsync than
// for fdatasync, sqlite.Fdatasync(true) of modernc.org/sqlite, which is a setting of the whole process,
// makes commits faster and no less durable.
package sqlstore
