//go:build unix

package command

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// The process of a task that is no longer wanted ends, with the processes that it began.
func TestCancelled(t *testing.T) {
	file := t.TempDir() + "/pid"
	begun := file + ".begun" // a pipe: who reads it waits until the process writes
	require.NoError(t, syscall.Mkfifo(begun, 0o600))
	tasks, err := parseTasks([]string{"*=exec:sh -c 'trap \"\" TERM; sleep 1000 & echo $! >" + file + "; kill -0 $$; echo begun >" + begun + "; wait; wait'"}, performers{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = os.ReadFile(begun)
		cancel()
	}()
	_, err = tasks.InvokeTask(ctx, &runtime.Task{Input: jsonvalue.Object()})
	require.Error(t, err)
	pid, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return gone(strings.TrimSpace(string(pid))) }, time.Minute, time.Millisecond)
}

// gone reports whether a process has ended.
func gone(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return errors.Is(err, os.ErrNotExist) || err == nil && strings.Contains(string(stat), ") Z ")
}
