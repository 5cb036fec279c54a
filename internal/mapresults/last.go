package mapresults

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/objects"
)

// mostManifest is how many bytes of a manifest are read at most: each of its files has 5 GB.
const mostManifest = 16 << 20

// follow makes the manifest name the results before these of children that succeeded. If there
// are some and no new ones, a file without elements says so (recorded).
func (w *Writer) follow(ctx context.Context) error {
	if w.where.LastFolder == "" {
		return nil
	}
	before, err := w.last(ctx)
	if err != nil {
		return fmt.Errorf("the manifest of the results before these, %smanifest.json: %w", w.where.LastFolder, err)
	}
	l := &w.lists[succeeded]
	if l.before = before; len(before) == 0 || len(l.files) > 0 {
		return nil
	}
	if err := w.create(ctx, succeeded); err != nil || w.lines() {
		return err
	}
	return l.write("[", nil, "")
}

// last reads which files of children that succeeded the last manifest names.
func (w *Writer) last(ctx context.Context) (files []file, err error) {
	r, _, err := w.to.Open(ctx, objects.Ref{Bucket: w.where.Bucket, Key: w.where.LastFolder + "manifest.json"}, 0)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, mostManifest))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	manifest, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, err
	}
	results, _ := manifest.Get("ResultFiles")
	list, ok := results.Get(names[succeeded])
	if !ok {
		return nil, errors.New("it has no ResultFiles")
	}
	for _, f := range list.Elements() {
		key, _ := f.Get("Key")
		size, _ := f.Get("Size")
		text, isText := key.AsString()
		n, isCount := size.AsInt64()
		if !isText || !isCount {
			return nil, errors.New("it names a file without Key or Size")
		}
		files = append(files, file{text, n})
	}
	return files, nil
}
