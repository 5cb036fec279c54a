package main

import (
	"bytes"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRun needs a server: .ci/temporal starts one.
func TestRun(t *testing.T) {
	if os.Getenv("TEMPORAL_ADDRESS") == "" {
		t.Skip("TEMPORAL_ADDRESS is not set")
	}
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, fmt.Sprintf("order-%d", time.Now().UnixNano())))
	assert.Contains(t, out.String(), "somebody has to approve Approve\n-> Pack\n-> PackLine\n-> PackLine\n-> Expensive\n-> Approve\n-> Charge\n")
	assert.Contains(t, out.String(), `"parcels":["TEA-7","CUP-1"],"approval":"fine","payment":{"paid":true}`)
}
