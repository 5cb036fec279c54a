package objects

import (
	"io"

	"github.com/statemill/statemill/jsonvalue"
)

// Formats read what this module does not read itself, because it takes other modules: package
// contrib/parquet has both. Default, field by field: nobody does, and programs that need it are refused.
type Formats struct {
	// Parquet opens a file of the InputType PARQUET that has size bytes, at the row of that number,
	// from 0. It holds no file in memory, and refuses with an error what it would take too much for. The error
	// becomes the cause of States.ItemReaderFailed.
	Parquet func(file io.ReaderAt, size, row int64) (Rows, error)

	// Zstd decompresses objects whose keys end with ".zst" or ".zstd". The reader is closed before from is.
	Zstd func(from io.Reader) (io.ReadCloser, error)
}

// Rows are the rows of a file. They are read by one goroutine at a time.
type Rows interface {
	// Next returns the next row as a JSON object, with a member for each column. At the end the error
	// is io.EOF.
	Next() (jsonvalue.Value, error)

	Close() error
}
