package interp

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// A bound may be loose, but a quota is kept to the byte.
func TestDatumFits(t *testing.T) {
	for _, v := range []jsonvalue.Value{
		jsonvalue.String(""), jsonvalue.String("plain"), jsonvalue.String("\x01\"\\é\n"),
		jsonvalue.String(strings.Repeat("a", looseText)), jsonvalue.String(strings.Repeat("\x01", looseText+1)),
		jsonvalue.Int(-42), jsonvalue.Object(), jsonvalue.MustParse(`{"a":["\u0007",1.50,null]}`),
	} {
		size := len(v.String())
		require.GreaterOrEqual(t, measured(v).size, size)
		for limit := size - 2; limit <= size+2; limit++ {
			d := measured(v)
			require.Equal(t, size <= limit, d.fits(limit), "%s with a limit of %d", v, limit)
		}
	}
}

// The text of a task's result counts against the quota as it is.
func TestTaskResultAtTheQuota(t *testing.T) {
	machine, err := asl.Parse([]byte(`{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:1:function:f", "End": true}}}`))
	require.NoError(t, err)
	p, err := Compile(machine)
	require.NoError(t, err)
	for length, want := range map[int]Status{98: Succeeded, 99: Failed} {
		x := p.New(Header{}, Config{Limits: Limits{Payload: 100}})
		x.Begin(jsonvalue.Object())
		start := x.Step(time.Time{}).Start
		x.Succeed(start[0].ID, jsonvalue.String(strings.Repeat("x", length)))
		require.Equal(t, want, x.Step(time.Time{}).Outcome.Status, "%d characters", length)
	}
}
