package dataset

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// opened counts the streams that are open.
type opened struct {
	objects.Objects
	open, most, all int
	fail            error // of each stream, at its second read
}

func (o *opened) Open(ctx context.Context, ref objects.Ref, offset int64) (io.ReadCloser, objects.Info, error) {
	r, info, err := o.Objects.Open(ctx, ref, offset)
	o.open, o.all = o.open+1, o.all+1
	o.most = max(o.most, o.open)
	return &counted{ReadCloser: r, of: o}, info, err
}

type counted struct {
	io.ReadCloser
	of    *opened
	reads int
}

func (c *counted) Read(b []byte) (int, error) {
	if c.reads++; c.of.fail != nil && c.reads > 1 {
		return 0, c.of.fail
	}
	return c.ReadCloser.Read(b)
}

func (c *counted) Close() error {
	c.of.open--
	return c.ReadCloser.Close()
}

// Whoever reads columns in turns gets what is there, by a stream for each.
func TestRanges(t *testing.T) {
	text := make([]byte, 1<<20)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range text {
		text[i] = byte(random.Uint32())
	}
	from := objects.Memory()
	from.Put("b", "k", string(text))
	store := &opened{Objects: from}
	r := &ranges{ctx: t.Context(), from: store, ref: objects.Ref{Bucket: "b", Key: "k"}}
	read := func(at, n int64) {
		b := make([]byte, n)
		got, err := r.ReadAt(b, at)
		end := min(at+n, int64(len(text)))
		if require.True(t, bytes.Equal(text[min(at, end):end], b[:got])); int64(got) < n {
			require.ErrorIs(t, err, io.EOF)
		} else {
			require.NoError(t, err)
		}
	}
	const columns = 8
	for at := int64(0); at < 1<<17; at += 1000 {
		for column := range int64(columns) {
			read(column<<17+at, 1000)
		}
	}
	require.Equal(t, columns, store.all)
	for range 1000 {
		read(random.Int64N(1<<20+100), random.Int64N(3000)+1)
	}
	require.NoError(t, r.close())
	require.Equal(t, mostStreams, store.most)
	require.Zero(t, store.open)
}

// A file that is replaced between two streams, and a store that fails, are told as such,
// whatever the format makes of it.
func TestRangesFail(t *testing.T) {
	m := mapOf(t, `{"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "PARQUET"}, "Parameters": {"Bucket": "b", "Key": "k"}}`)
	ask := &interp.ReadItems{Map: m, Parameters: m.ItemReader.Parameters.Value, Max: 1}
	from := objects.Memory()
	from.Put("b", "k", "{\"n\":1}\n{\"n\":2}\n")
	store := &opened{Objects: from}
	replacing := formats
	replacing.Parquet = func(file io.ReaderAt, size, row int64) (objects.Rows, error) {
		from.Put("b", "k", "{\"n\":1}\n{\"n\":3}\n")
		return formats.Parquet(file, size, row)
	}
	d, err := New(store, replacing, ask)
	require.NoError(t, err)
	_, err = d.Read(t.Context(), ask)
	require.EqualError(t, err, "The object s3://b/k was changed while its items were read.")
	require.Zero(t, store.open)

	store.fail = errors.New("the network is away")
	d, err = New(store, formats, ask)
	require.NoError(t, err)
	_, err = d.Read(t.Context(), ask)
	require.Equal(t, store.fail, err)
	require.Zero(t, store.open)
}
