package asltemporal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/proto"
)

var record = flag.Bool("record", false, "write the histories of the tests with a server into testdata/histories")

// recordings is the folder of the histories of this release.
var recordings = fmt.Sprintf("testdata/histories/v%d", Semantics)

// recordHistory keeps the history of a run. One that is there stays.
func recordHistory(t *testing.T, run int, h *historypb.History) {
	t.Helper()
	if !*record {
		return
	}
	name := strings.ReplaceAll(strings.TrimPrefix(t.Name(), "TestServer"), "/", "-")
	name = filepath.Join(recordings, fmt.Sprintf("%s-%d.pb", name, run))
	data, err := proto.Marshal(h)
	require.NoError(t, err)
	if _, err := os.Stat(name); err == nil || len(data) > maxRecorded {
		return
	}
	require.NoError(t, os.MkdirAll(recordings, 0o755))
	require.NoError(t, os.WriteFile(name, data, 0o644))
}

// maxRecorded is the size of the largest history that is kept.
const maxRecorded = 128 << 10

// TestGolden replays what a real server has recorded, strictly. A history that is there never changes
// and is never deleted: an execution may be under way that has one like it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/histories/*/*.pb")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".pb"), func(t *testing.T) {
			require.NoError(t, Replay(new(Worker), readHistory(t, file)))
		})
	}
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	h := new(historypb.History)
	require.NoError(t, proto.Unmarshal(data, h))
	return h
}
