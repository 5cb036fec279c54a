package sqlstore

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
	"github.com/statemill/statemill/runtime/storetest"
)

// pooler runs pgbouncer, which gives each transaction any of two connections, and returns a URL that
// leads through it.
func pooler(t *testing.T) *url.URL {
	t.Helper()
	server := mustParse(t, postgresURL(t))
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		t.Skip("pgbouncer is not on this machine")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	dir, err := os.MkdirTemp("", "pooler")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	users, settings := filepath.Join(dir, "users"), filepath.Join(dir, "settings")
	password, _ := server.User.Password()
	require.NoError(t, os.WriteFile(users, fmt.Appendf(nil, "%q %q\n", server.User.Username(), password), 0o644))
	require.NoError(t, os.WriteFile(settings, fmt.Appendf(nil, `[databases]
* = host=%s port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 2
`, server.Hostname(), server.Port(), port, users), 0o644))
	command := exec.CommandContext(t.Context(), program, "-q", settings)
	if os.Getuid() == 0 { // pgbouncer refuses to be root
		require.NoError(t, os.Chmod(dir, 0o755))
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	command.Stderr = os.Stderr
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	through := *server
	through.Host = fmt.Sprintf("127.0.0.1:%d", port)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", through.Host)
		if err == nil {
			require.NoError(t, conn.Close())
			return &through
		}
		require.True(t, time.Now().Before(end), "pgbouncer does not listen: %v", err)
	}
}

// With the parameter that the error names, everything works through a pooler.
func TestPostgresThroughPooler(t *testing.T) {
	t.Parallel()
	through := pooler(t)
	query := through.Query()
	query.Set("default_query_exec_mode", "cache_describe")
	through.RawQuery = query.Encode()
	storetest.Run(t, func(t testing.TB, dir string) (store.Store, error) {
		s, err := OpenPostgres(t.Context(), through.String(), schemaOf(t, dir))
		if err != nil {
			return nil, err
		}
		return countedPostgres{s}, nil
	})
}

// Without it, the error of the first statement that meets another connection names the parameter.
func TestPostgresPoolerIsTold(t *testing.T) {
	through := pooler(t)
	s, err := OpenPostgres(t.Context(), through.String(), schemaOf(t, t.TempDir()))
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	create(t, s, "x") // the statements are prepared on the first connection
	other, err := pgx.Connect(t.Context(), through.String()+"?default_query_exec_mode=simple_protocol")
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close(t.Context())) }()
	_, err = other.Exec(t.Context(), "begin") // now it is another's
	require.NoError(t, err)
	_, err = s.Commit(t.Context(), []store.Change{creation("y", nil)})
	require.ErrorContains(t, err, "add default_query_exec_mode=cache_describe to the URL")
	_, err = other.Exec(t.Context(), "rollback")
	require.NoError(t, err)
}
