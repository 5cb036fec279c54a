package sqlstore

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
)

// inSchema makes the processes that are killed keep their executions in PostgreSQL.
func inSchema(t *testing.T) (dir string) {
	t.Helper()
	postgresURL(t)
	dir = t.TempDir()
	t.Setenv(victimSchema, schemaOf(t, dir))
	return dir
}

// TestPostgresEnginesKilled kills one of two processes on PostgreSQL after the other.
func TestPostgresEnginesKilled(t *testing.T) { killMany(t, inSchema(t), 2, 1000) }

// TestPostgresEnginesPaused stops one of them for three leases.
func TestPostgresEnginesPaused(t *testing.T) { pauseMany(t, inSchema(t)) }

// TestPostgresRestarted kills processes while the server ends and begins again, without time to tidy up.
func TestPostgresRestarted(t *testing.T) {
	dir := inSchema(t)
	server := serverOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	restarted := make(chan int)
	go func() {
		n := 0
		for ctx.Err() == nil {
			server.control(t, "restart", "-m", "immediate")
			n++
			select {
			case <-time.After(3 * time.Second):
			case <-ctx.Done():
			}
		}
		restarted <- n
	}()
	defer func() { t.Logf("the server was restarted %d times", <-restarted) }()
	defer cancel()
	killMany(t, dir, 2, 1500)
}

// server is the server of PostgreSQL, on this machine.
type server struct {
	data string // its folder
	uid  uint32 // whose folder it is
	tool string // pg_ctl
}

// serverOf finds the server, or skips the test if it is on another machine.
func serverOf(t testing.TB) *server {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), postgresURL(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	s := &server{}
	require.NoError(t, conn.QueryRow(t.Context(), "show data_directory").Scan(&s.data))
	info, err := os.Stat(s.data)
	tools, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if found, err := exec.LookPath("pg_ctl"); err == nil {
		tools = append(tools, found)
	}
	if err != nil || len(tools) == 0 {
		t.Skip("the server of PostgreSQL is not on this machine")
	}
	s.uid, s.tool = info.Sys().(*syscall.Stat_t).Uid, tools[len(tools)-1]
	return s
}

// control runs pg_ctl as the user to whom the server belongs.
// The server has its settings in files, because "start" does not know its last command line.
func (s *server) control(t testing.TB, arguments ...string) {
	command := exec.Command(s.tool, append(arguments, "-D", s.data, "-w", "-s", "-l", filepath.Join(s.data, "restarted.log"))...)
	command.Dir = "/"
	if os.Getuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: s.uid, Gid: s.uid}}
	}
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("pg_ctl %s: %v: %s", strings.Join(arguments, " "), err, out)
	}
}

// isAway reports whether an error says that PostgreSQL cannot be reached, or is going down.
func isAway(err error) bool {
	var connecting *pgconn.ConnectError
	var network net.Error
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return false
	case strings.HasPrefix(postgresCode(err), "57P"), errors.As(err, &connecting), errors.As(err, &network):
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pgconn.ErrConnClosed)
}
