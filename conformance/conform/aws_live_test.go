package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/internal/replay"
	"github.com/statemill/statemill/runtime"
)

// TestAWSLive runs the recorded executions by the live driver, with goroutines
// and timers, in the virtual time of a synctest bubble for each: outputs and
// histories are those of the recordings, as they are when replayed.
func TestAWSLive(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS names no folder with recorded cases")
	}
	var out bytes.Buffer
	r := &report{Suite: "aws", out: &out, virtual: virtual(t)}
	s := &awsRun{mode: "simulate", kinds: "execution,choice,intrinsic"}
	s.drive = func(run replay.Replay) (result replay.Result, err error) {
		synctest.Test(t, func(*testing.T) { result, err = live(run) })
		return result, err
	}
	require.NoError(t, s.run(r, []string{filepath.Join(corpus, "aws")}))
	assert.Zero(t, r.Failed, out.String())
	assert.NotZero(t, r.Passed)
	t.Logf("%d recorded cases hold live", r.Passed)
}

// live runs what a Replay says with a Runner.
func live(run replay.Replay) (replay.Result, error) {
	<-time.After(time.Until(run.Start)) // the bubble begins in the year 2000
	return recorded.ByRunner(context.Background(), run, runtime.Runner{}, func(ctx context.Context, d time.Duration) error {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}
