package parquet

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// pages decompresses the pages of a file, and counts what they take in memory.
type pages struct {
	left    int64  // bytes
	packed  []byte // the page that is being decompressed
	unzstd  *zstd.Decoder
	ungzip  *gzip.Reader
	gzipped bytes.Reader // what ungzip reads
}

// take counts bytes that are going to be held.
func (p *pages) take(n int64) error {
	if p.left -= n; p.left < 0 {
		return fmt.Errorf("the pages that are read at a time take more than %d bytes", maxPages)
	}
	return nil
}

// buffer returns a buffer of n bytes, for which it gives up another.
func (p *pages) buffer(old []byte, n int) ([]byte, error) {
	if n <= cap(old) {
		return old[:n], nil
	}
	if err := p.take(int64(n - cap(old))); err != nil {
		return nil, err
	}
	return make([]byte, n), nil
}

func (p *pages) close() {
	if p.unzstd != nil {
		p.unzstd.Close()
	}
}

// codec is how pages are compressed.
type codec int64

const (
	plainPages  codec = 0
	snappyPages codec = 1
	gzipPages   codec = 2
	zstdPages   codec = 6
)

var codecNames = [...]string{"none", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"}

var errPageSize = errors.New("a page has another size than its header says")

// decompress fills dst.
func (p *pages) decompress(c codec, dst, from []byte) error {
	var n int
	var err error
	switch c {
	case plainPages:
		n = len(from)
		copy(dst, from)
	case snappyPages:
		if n, err = snappy.DecodedLen(from); err == nil && n == len(dst) {
			_, err = snappy.Decode(dst, from)
		}
	case gzipPages:
		n, err = p.gunzip(dst, from)
	case zstdPages:
		n, err = p.unpackZstd(dst, from)
	default:
		if c < 0 || int(c) >= len(codecNames) {
			return fmt.Errorf("compression %d is none", c)
		}
		return fmt.Errorf("compression %s is not supported: expected SNAPPY, GZIP or ZSTD", codecNames[c])
	}
	if err == nil && n != len(dst) {
		err = errPageSize
	}
	return err
}

func (p *pages) gunzip(dst, from []byte) (n int, err error) {
	p.gzipped.Reset(from)
	if p.ungzip == nil {
		p.ungzip, err = gzip.NewReader(&p.gzipped)
	} else {
		err = p.ungzip.Reset(&p.gzipped)
	}
	if err != nil {
		return 0, err
	}
	n, err = io.ReadFull(p.ungzip, dst)
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, errPageSize
	}
	if err == nil {
		var more [1]byte
		if k, end := p.ungzip.Read(more[:]); k > 0 || end != io.EOF {
			return n + k, end
		}
	}
	return n, err
}

func (p *pages) unpackZstd(dst, from []byte) (int, error) {
	if p.unzstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxPages))
		if err != nil {
			return 0, err
		}
		p.unzstd = d
	}
	out, err := p.unzstd.DecodeAll(from, dst[:0:len(dst)])
	if len(out) > 0 && len(dst) > 0 && &out[0] != &dst[0] {
		copy(dst, out) // it had to grow: the sizes differ
	}
	return len(out), err
}
