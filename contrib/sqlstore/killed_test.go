package sqlstore

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/store"
)

// A process that is killed leaves every commit that it was told of, and what it owned is free at once.
// The test starts itself as that process.
func TestKilled(t *testing.T) {
	if file := os.Getenv(childFile); file != "" {
		commitUntilKilled(t, file)
	}
	file := filepath.Join(t.TempDir(), "x.db")
	last := int64(0)
	for round := range 5 {
		told := runAndKill(t, file, last+int64(20+round*30))
		s, err := OpenSQLite(t.Context(), file)
		require.NoError(t, err, "the lock of a dead process is gone")
		last = countNumbered(t, s)
		assert.GreaterOrEqual(t, last, told, "a commit that has returned is there")
		found, err := s.Poll(t.Context(), store.Poll{Owner: "b", Lease: time.Hour, Now: time.Now(), Limit: 1})
		require.NoError(t, err)
		assert.Equal(t, []string{"counter"}, found.Claimed)
		_, err = s.Poll(t.Context(), store.Poll{Owner: "b"}) // gives it back
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
}

// commitUntilKilled goes on with the numbered commits, and prints the number of each that has returned.
func commitUntilKilled(t *testing.T, file string) {
	s, err := OpenSQLite(t.Context(), file)
	require.NoError(t, err)
	if _, err := s.Load(t.Context(), "counter"); err != nil {
		create(t, s, "counter")
	}
	_, err = s.Poll(t.Context(), store.Poll{Owner: "a", Lease: time.Hour, Now: time.Now()})
	require.NoError(t, err)
	for i := countNumbered(t, s) + 1; ; i++ {
		commitNumbered(t, s, i)
		fmt.Println("committed", i)
	}
}

// runAndKill lets a process commit until it has told of a number, kills it, and returns the last number
// that it told of.
func runAndKill(t *testing.T, file string, until int64) (told int64) {
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	command.Env = append(os.Environ(), childFile+"="+file)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		number, ok := strings.CutPrefix(lines.Text(), "committed ")
		if !ok {
			t.Log(lines.Text())
			continue
		}
		told, err = strconv.ParseInt(number, 10, 64)
		require.NoError(t, err)
		if told == until {
			require.NoError(t, command.Process.Kill())
		}
	}
	require.Error(t, command.Wait(), "it was killed")
	return told
}
