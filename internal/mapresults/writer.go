package mapresults

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// Writer writes the results of one Map Run. It is used by one goroutine at a time. Close or
// Abort ends it.
type Writer struct {
	// MaxFile is how many bytes a file has at most, if it has more than one element.
	// Default: 5 GB, as on AWS.
	MaxFile int64

	to      objects.Objects
	where   interp.WriteResults
	lists   [len(names)]list
	next    int64 // index of the child that is written next
	waiting map[int64]*Child
	text    []byte // memory for an element
}

// The lists of files, in the order of the manifest.
const (
	failed = iota
	pending
	succeeded
)

var names = [...]string{failed: "FAILED", pending: "PENDING", succeeded: "SUCCEEDED"}

// list is the files of one name.
type list struct {
	before []file // of the results before these
	files  []file
	open   objects.Writer // the last of the files; nil: none is being written
	out    *bufio.Writer  // to it
}

type file struct {
	key  string
	size int64
}

// New returns a Writer. It writes nothing yet.
func New(to objects.Objects, where interp.WriteResults) *Writer {
	return &Writer{MaxFile: 5 << 30, to: to, where: where, waiting: make(map[int64]*Child)}
}

// Probe writes the manifest of a run without results: what cannot be written is to be known
// before the first child begins.
func (w *Writer) Probe(ctx context.Context) error { return w.manifest(ctx) }

// Add writes what a child contributes. Children may come in any order, each index once; they are
// written in that of their indices, and those whose turn has not come are held in memory.
func (w *Writer) Add(ctx context.Context, c *Child) error {
	w.waiting[c.Index] = c
	for {
		c := w.waiting[w.next]
		if c == nil {
			return nil
		}
		delete(w.waiting, w.next)
		w.next++
		if err := w.Append(ctx, c); err != nil {
			return err
		}
	}
}

// Append writes what a child contributes, at once: those of one file come in the order of their
// indices.
func (w *Writer) Append(ctx context.Context, c *Child) error {
	to := failed
	switch {
	case c.Pending:
		to = pending
	case c.Status == interp.Succeeded:
		to = succeeded
	}
	if to == succeeded && w.where.Transformation != "NONE" {
		for v := range Contributions(c.Output, w.where.Transformation) {
			if err := w.element(ctx, to, v.AppendJSON(w.text[:0])); err != nil {
				return err
			}
		}
		return nil
	}
	return w.element(ctx, to, c.AppendRecord(w.text[:0]))
}

// Contributions returns what an output contributes to the results: itself, or with FLATTEN
// the elements of an array.
func Contributions(output jsonvalue.Value, transformation string) func(yield func(jsonvalue.Value) bool) {
	return func(yield func(jsonvalue.Value) bool) {
		if transformation != "FLATTEN" || output.Kind() != jsonvalue.KindArray {
			yield(output)
			return
		}
		for _, v := range output.Elements() {
			if !yield(v) {
				return
			}
		}
	}
}

// element writes an element of a list.
func (w *Writer) element(ctx context.Context, to int, text []byte) error {
	w.text = text
	l := &w.lists[to]
	const around = 2 // brackets and commas
	if l.open != nil && l.files[len(l.files)-1].size+int64(len(text))+around > w.MaxFile {
		if err := w.finish(l); err != nil {
			return err
		}
	}
	before := ","
	if l.open == nil {
		if err := w.create(ctx, to); err != nil {
			return err
		}
		before = "["
	}
	if w.lines() {
		return l.write("", text, "\n")
	}
	return l.write(before, text, "")
}

func (w *Writer) lines() bool { return w.where.OutputType == "JSONL" }

// create begins the next file of a list.
func (w *Writer) create(ctx context.Context, to int) error {
	l, extension := &w.lists[to], "json"
	if w.lines() {
		extension = "jsonl"
	}
	key := fmt.Sprintf("%s%s_%d.%s", w.where.Folder, names[to], len(l.files), extension)
	made, err := w.to.Create(ctx, objects.Ref{Bucket: w.where.Bucket, Key: key})
	if err != nil {
		return unwritable(err)
	}
	l.files, l.open = append(l.files, file{key: key}), made
	if l.out == nil {
		l.out = bufio.NewWriterSize(nil, 64<<10)
	}
	l.out.Reset(made)
	return nil
}

func (l *list) write(before string, text []byte, after string) error {
	_, _ = l.out.WriteString(before) // an error stays until the last
	_, _ = l.out.Write(text)
	_, err := l.out.WriteString(after)
	l.files[len(l.files)-1].size += int64(len(before) + len(text) + len(after))
	return unwritable(err)
}

// finish ends the file that is being written.
func (w *Writer) finish(l *list) error {
	if l.open == nil {
		return nil
	}
	var err error
	if !w.lines() {
		err = l.write("", nil, "]")
	}
	if err == nil {
		err = l.out.Flush()
	}
	open := l.open
	l.open = nil
	if err != nil {
		return unwritable(errors.Join(err, open.Abort()))
	}
	return unwritable(open.Close())
}

// Close ends the files, and writes the manifest. If it fails, the caller calls Abort.
func (w *Writer) Close(ctx context.Context) error {
	if len(w.waiting) > 0 {
		return fmt.Errorf("mapresults: child %d of the Map Run is missing", w.next)
	}
	if err := w.follow(ctx); err != nil {
		return err
	}
	for i := range w.lists {
		if err := w.finish(&w.lists[i]); err != nil {
			return err
		}
	}
	return w.manifest(ctx)
}

// Abort drops the files that are being written. Those that are complete stay.
func (w *Writer) Abort() error {
	var errs []error
	for i := range w.lists {
		if l := &w.lists[i]; l.open != nil {
			errs = append(errs, l.open.Abort())
			l.open = nil
		}
	}
	w.waiting = nil
	return errors.Join(errs...)
}

// manifest writes manifest.json.
func (w *Writer) manifest(ctx context.Context) error {
	text := w.appendManifest(nil)
	made, err := w.to.Create(ctx, objects.Ref{Bucket: w.where.Bucket, Key: w.where.Folder + "manifest.json"})
	if err != nil {
		return unwritable(err)
	}
	if _, err = made.Write(text); err != nil {
		return unwritable(errors.Join(err, made.Abort()))
	}
	return unwritable(made.Close())
}

func (w *Writer) appendManifest(dst []byte) []byte {
	r := record{append(dst, '{')}
	r.text("DestinationBucket", w.where.Bucket)
	r.text("MapRunArn", w.where.ARN)
	lists := record{[]byte{'{'}}
	for i := range w.lists {
		files := make([]jsonvalue.Value, 0, len(w.lists[i].files))
		l := &w.lists[i]
		for _, f := range slices.Concat(l.before, l.files) {
			files = append(files, jsonvalue.Object(
				jsonvalue.Member{Name: "Key", Value: jsonvalue.String(f.key)},
				jsonvalue.Member{Name: "Size", Value: jsonvalue.Int(f.size)}))
		}
		lists.value(names[i], jsonvalue.Array(files...))
	}
	r.raw("ResultFiles", string(append(lists.dst, '}')))
	return append(r.dst, '}')
}

// unwritable says why an object cannot be written, in the words of S3 where it has some.
func unwritable(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &refusal{"The specified bucket does not exist.", err}
	case errors.Is(err, fs.ErrPermission):
		return &refusal{"Access Denied", err}
	}
	return err
}

// refusal is an error with the words of S3 before it.
type refusal struct {
	words string
	err   error
}

func (r *refusal) Error() string { return r.words + " (" + r.err.Error() + ")" }

func (r *refusal) Unwrap() error { return r.err }
