// Package dataset reads the items of distributed Map states from objects: rows of CSV,
// elements of JSON, lines of JSONL, lists of objects, and the files that manifests name; what
// objects.Formats read besides. It holds no file in memory.
package dataset

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// The most that a chunk has as JSON text, and that AWS takes as one item.
const (
	maxChunk = 1 << 20
	maxItem  = 8 << 20
)

// cursor is where a reader is: what a Chunk has as Next.
type cursor struct {
	After  string   `json:"after,omitempty"`  // of a list: the key of the last object that is finished
	File   int      `json:"file,omitempty"`   // of a manifest: how many files are finished
	Bucket string   `json:"bucket,omitempty"` // of the object that is being read
	Key    string   `json:"key,omitempty"`    // likewise
	ETag   string   `json:"etag,omitempty"`   // likewise
	Offset int64    `json:"offset,omitempty"` // in it, after decompression; of PARQUET, the number of the row
	Header []string `json:"header,omitempty"` // of CSV
	Within bool     `json:"within,omitempty"` // of JSON: the first element is behind
	Object bool     `json:"object,omitempty"` // of JSON: the elements are members
}

// Reader reads the items of one Map Run. It keeps an object open between chunks, as long
// as they follow each other. It is used by one goroutine at a time. Close it.
type Reader struct {
	objects objects.Objects
	formats objects.Formats
	plan    *plan
	files   files // nil: nothing is open
	rows    rows  // of the present object; nil: none is open
	at      cursor
	next    string // the cursor of the chunk that would follow
}

// New returns a Reader of what an ItemReader with its parameters names.
func New(from objects.Objects, formats objects.Formats, r *interp.ReadItems) (*Reader, error) {
	p, err := planOf(r)
	if err != nil {
		return nil, err
	}
	return &Reader{objects: from, formats: formats, plan: p}, nil
}

// Close closes what is open.
func (d *Reader) Close() error {
	d.files = nil
	return d.closeRows()
}

func (d *Reader) closeRows() error {
	rows := d.rows
	if d.rows = nil; rows == nil {
		return nil
	}
	return rows.close()
}

// Read returns the items behind a cursor.
func (d *Reader) Read(ctx context.Context, r *interp.ReadItems) (interp.Chunk, error) {
	if d.files == nil || string(r.Cursor) != d.next {
		if err := d.seek(r.Cursor); err != nil {
			return interp.Chunk{}, err
		}
	}
	c := interp.Chunk{Items: make([]interp.Item, 0, min(r.Max, 1000))}
	skipped, bytes := 0, 0
	for len(c.Items) < r.Max && bytes < maxChunk {
		item, ok, err := d.item(ctx)
		if err != nil && len(c.Items) > 0 {
			_ = d.Close() // the items before come first; the error comes again with the next chunk
			break
		}
		if err != nil {
			return interp.Chunk{}, err
		}
		if !ok {
			c.Ended = true
			break
		}
		if skipped < r.Skip {
			skipped++
			continue
		}
		c.Items = append(c.Items, item)
		bytes += item.Value.Size()
	}
	next, err := json.Marshal(d.at)
	c.Next, d.next = next, string(next)
	return c, err
}

// seek goes to a cursor; nil is the beginning.
func (d *Reader) seek(at []byte) error {
	if err := d.Close(); err != nil {
		return err
	}
	d.at = cursor{}
	if at != nil {
		if err := json.Unmarshal(at, &d.at); err != nil {
			return fmt.Errorf("dataset: a cursor that is none: %w", err)
		}
	}
	d.files = d.plan.files(d.objects, &d.at)
	return nil
}

// item returns the next item; ok is false at the end.
func (d *Reader) item(ctx context.Context) (item interp.Item, ok bool, err error) {
	for {
		if d.plan.lists { // the objects are the items
			f, ok, err := d.files.next(ctx)
			if !ok || err != nil {
				return item, false, err
			}
			d.at.After = f.info.Key
			return interp.Item{Value: listed(f.info), Source: "s3://" + d.plan.bucket}, true, nil
		}
		if d.rows == nil {
			if ok, err := d.openNext(ctx); !ok || err != nil {
				return item, false, err
			}
		}
		item, err = d.rows.next()
		if err == nil {
			d.rows.mark(&d.at)
			item.Source = objects.Ref{Bucket: d.at.Bucket, Key: d.at.Key}.String()
			return item, true, nil
		}
		if !errors.Is(err, errEnd) {
			return item, false, err
		}
		if err := d.closeRows(); err != nil {
			return item, false, err
		}
		d.at = d.files.after(d.at)
	}
}

// openNext opens the object that is to be read: the one of the cursor, or the next.
func (d *Reader) openNext(ctx context.Context) (ok bool, err error) {
	resumed := d.at.Key != ""
	ref := objects.Ref{Bucket: d.at.Bucket, Key: d.at.Key, Version: d.plan.version, Owner: d.plan.owner}
	if !resumed {
		f, ok, err := d.files.next(ctx)
		if !ok || err != nil {
			return false, err
		}
		ref = f.ref
	} else if d.plan.manifest != "" { // it says what the columns are
		if err := d.files.(*manifest).load(ctx); err != nil {
			return false, err
		}
	}
	rows, info, err := d.rowsOf(ctx, ref)
	if err != nil {
		return false, err
	}
	d.rows = rows
	d.at.Bucket, d.at.Key, d.at.ETag = ref.Bucket, ref.Key, info.ETag
	return true, nil
}

// same makes sure that an object is still the one that the cursor is in.
func (d *Reader) same(ref objects.Ref, info objects.Info) error {
	if d.at.Key == "" || d.at.ETag == info.ETag {
		return nil
	}
	return changed(ref)
}

func changed(ref objects.Ref) error {
	return refusal("The object " + ref.String() + " was changed while its items were read.")
}

// rowsOf opens an object at the cursor.
func (d *Reader) rowsOf(ctx context.Context, ref objects.Ref) (rows, objects.Info, error) {
	if d.plan.format == "PARQUET" {
		return d.openParquet(ctx, ref, d.at.Offset)
	}
	from := d.at.Offset
	if packed(ref.Key) {
		from = 0
	}
	raw, info, err := d.objects.Open(ctx, ref, from)
	if err != nil {
		return nil, info, unreadable(err)
	}
	if err := d.same(ref, info); err != nil {
		return nil, info, errors.Join(err, raw.Close())
	}
	t, err := d.open(raw, ref.Key)
	if err != nil {
		return nil, info, errors.Join(err, raw.Close())
	}
	rows, err := d.plan.rows(t, &d.at)
	if err != nil {
		return nil, info, errors.Join(err, t.close())
	}
	return rows, info, nil
}

// rows returns the items of a text that has been opened at a cursor.
func (p *plan) rows(t *text, at *cursor) (rows, error) {
	switch p.format {
	case "CSV":
		return delimited(t, p, at)
	case "JSONL":
		if at.Offset == 0 {
			t.skipMark()
		}
		return lineRows{t}, nil
	}
	return elements(t, p, at)
}

// unreadable says why an object cannot be read, in the words of S3 where it has some.
func unreadable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return refusal("The specified key does not exist. (" + err.Error() + ")")
	case errors.Is(err, fs.ErrPermission):
		return refusal("Access Denied (" + err.Error() + ")")
	}
	return err
}

// listed returns the item of an object that listObjectsV2 finds.
func listed(o objects.Info) jsonvalue.Value {
	modified, _ := jsonvalue.Float(float64(o.Modified.UnixMilli()) / 1000)
	member := func(name string, v jsonvalue.Value) jsonvalue.Member { return jsonvalue.Member{Name: name, Value: v} }
	return jsonvalue.Object(
		member("Etag", jsonvalue.String(`"`+o.ETag+`"`)),
		member("Key", jsonvalue.String(o.Key)),
		member("LastModified", modified),
		member("Size", jsonvalue.Int(o.Size)),
		member("StorageClass", jsonvalue.String(o.StorageClass)))
}
