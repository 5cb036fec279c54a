package wire

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReader(t *testing.T) {
	data := AppendInt(nil, -5)
	data = AppendUint(data, math.MaxUint64)
	data = InsertLength(append(data, "größer"...), len(data))
	data = AppendBool(data, true)
	data = append(data, 7)
	r := NewReader(data)
	require.Equal(t, int64(-5), r.Int())
	require.Equal(t, uint64(math.MaxUint64), r.Uint())
	require.Equal(t, "größer", r.Text())
	require.True(t, r.Bool())
	require.True(t, r.More())
	require.Equal(t, byte(7), r.Byte())
	require.NoError(t, r.End())
	require.Zero(t, r.Text())
	require.ErrorIs(t, r.Err(), ErrMalformed)

	r = NewReader(data)
	require.ErrorIs(t, r.End(), ErrMalformed, "bytes are left")
	for n := range data {
		r := NewReader(data[:n])
		r.Int()
		r.Uint()
		r.Text()
		r.Bool()
		r.Byte()
		require.ErrorIs(t, r.Err(), ErrMalformed, "%d bytes of %d", n, len(data))
	}
}

// FuzzReader reads any bytes: it asks for no more memory than there are bytes.
func FuzzReader(f *testing.F) {
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(data)
		for r.More() {
			require.LessOrEqual(t, len(r.Text()), len(data))
			require.LessOrEqual(t, r.Count(), len(data))
			r.Int()
			r.Bool()
		}
	})
}
