package parquet

import (
	"io"

	"github.com/klauspost/compress/zstd"
)

// unzstd decompresses a stream, on the goroutine that reads it.
func unzstd(from io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}
