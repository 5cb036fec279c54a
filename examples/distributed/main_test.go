package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParcels(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(&out, t.TempDir()))
	require.Equal(t, `25000 of 100000 parcels
50000 of 100000 parcels
75000 of 100000 parcels
100000 of 100000 parcels
SUCCEEDED_0.jsonl: 99990 parcels, first {"id":"P0","cents":470}
FAILED_0.jsonl: 10 parcels, first {"Cause":"P9999","Error":"NoWeight","ExecutionArn":"arn:aws:
`, out.String())
}
