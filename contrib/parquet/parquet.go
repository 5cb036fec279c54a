// Package parquet reads items of distributed Map states from files in the format Apache Parquet, and
// from objects that are compressed by zstd:
//
//	r := runtime.Runner{Objects: objects.Dir("folder"), Formats: parquet.Formats()}
//
// A row becomes a JSON object with a member for each column. What AWS makes of types is known for texts,
// numbers and booleans only; the others become what their readers in Java print (unsure):
//
//	BOOLEAN                              true, false
//	INT32, INT64, with or without sign   a number, exact
//	FLOAT, DOUBLE, FLOAT16               a number, as short as it goes; or "NaN", "Infinity", "-Infinity"
//	DECIMAL                              a number; with decimals, as exact as 64 bits are
//	STRING, ENUM, JSON                   a text
//	DATE, TIME                           "2026-01-02", "03:04:05.678"
//	TIMESTAMP, INT96                     "2026-01-02T03:04:05.678Z"; without Z where it is of no time zone
//	UUID                                 "3318ddf7-9a0e-3259-a825-55a4e8e3e9b1"
//	other bytes                          their base64
//	a group                              an object
//	LIST, and what is repeated           an array
//	MAP                                  an object
//	what is not there                    null
//
// Pages may be compressed by snappy, gzip or zstd, as on AWS. Files that are encrypted, or whose columns are
// in other files, are refused.
//
// # Limits
//
// No file is in memory. Each column that is being read holds a page and a dictionary. So that no file
// takes unbounded memory, an error refuses one with
//
//   - a footer of more than 5 MB, or a row group that takes more than 256 MB in the file, as on AWS
//     (unsure which size AWS looks at),
//   - columns whose pages and dictionaries take more than 256 MB at a time,
//   - more than 10,000 columns, or columns that are nested more than 50 deep,
//   - a row of more than 8 MB.
//
// What is compressed by zstd may refer at most 128 MB back, which is what the command zstd accepts.
// The fault of a file that is damaged is told with the column in which it is found, and never a panic.
package parquet

import (
	"fmt"
	"io"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/objects"
)

const (
	maxFooter   = 5 << 20
	maxRowGroup = 256 << 20
	maxPages    = 256 << 20
	maxColumns  = 10_000
	maxNesting  = 50
	maxRow      = 8 << 20
	maxWindow   = 128 << 20
)

// mostBuffered is how many bytes of the file each column buffers at most.
const mostBuffered = 16 << 10

// Formats returns what reads PARQUET and zstd.
func Formats() objects.Formats {
	return objects.Formats{Parquet: openRows, Zstd: unzstd}
}

// rows are the rows of a file, from some row on. It implements objects.Rows.
type rows struct {
	file    io.ReaderAt
	footer  *footer
	columns []*column
	pages   *pages
	window  int   // how many bytes of the file each column buffers
	group   int   // the number of the next row group
	left    int64 // how many rows of the present one have not been read
	size    int   // of the present row
}

// openRows opens a file at a row.
func openRows(file io.ReaderAt, size, row int64) (objects.Rows, error) {
	f, err := readFooter(file, size)
	if err != nil {
		return nil, fmt.Errorf("parquet: %w", err)
	}
	r := &rows{file: file, footer: f, pages: &pages{left: maxPages}, window: int(min(size, mostBuffered))}
	if err := r.begin(row); err != nil {
		r.pages.close()
		return nil, err
	}
	return r, nil
}

// begin goes to a row.
func (r *rows) begin(row int64) error {
	for _, l := range r.footer.leaves {
		c, err := newColumn(r.file, r.window, r.pages, l)
		if err != nil {
			return err
		}
		r.columns = append(r.columns, c)
	}
	for r.group < len(r.footer.groups) && r.footer.groups[r.group].rows <= row {
		row -= r.footer.groups[r.group].rows
		r.group++
	}
	if row == 0 || r.group == len(r.footer.groups) {
		return nil
	}
	return r.enter(row)
}

// enter goes to a row of the next row group.
func (r *rows) enter(row int64) error {
	group := &r.footer.groups[r.group]
	for i, c := range r.columns {
		err := c.enter(&group.chunks[i])
		if err == nil {
			err = c.skip(row)
		}
		if err != nil {
			return r.wrong(c, err)
		}
	}
	r.group++
	r.left = group.rows - row
	return nil
}

// wrong says where an error was found.
func (r *rows) wrong(c *column, err error) error {
	return fmt.Errorf("parquet: column %q: %w", c.path, err)
}

// Next implements objects.Rows.
func (r *rows) Next() (jsonvalue.Value, error) {
	for r.left == 0 {
		if r.group == len(r.footer.groups) {
			return jsonvalue.Value{}, io.EOF
		}
		if err := r.enter(0); err != nil {
			return jsonvalue.Value{}, err
		}
	}
	r.left--
	r.size = 0
	for _, c := range r.columns {
		if c.over || c.repetition != 0 {
			return jsonvalue.Value{}, r.wrong(c, errNotRows)
		}
	}
	return r.object(r.footer.root)
}

// Close implements objects.Rows.
func (r *rows) Close() error {
	r.pages.close()
	return nil
}
