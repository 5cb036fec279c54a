package dataset

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/statemill/statemill/runtime/objects"
)

// files are the objects that hold the items, in their order.
type files interface {
	next(ctx context.Context) (file, bool, error)
	after(at cursor) cursor // the cursor behind the present object
}

// file is an object that holds items, or is one.
type file struct {
	ref  objects.Ref
	info objects.Info // of a list
}

// files returns the objects that follow on a cursor. The object that the cursor is in is not
// among them.
func (p *plan) files(from objects.Objects, at *cursor) files {
	switch {
	case p.lists || p.flattens:
		l := &listing{plan: p, from: from, last: at.After}
		if at.Key != "" {
			l.last = at.Key
		}
		return l
	case p.manifest != "":
		m := &manifest{plan: p, from: from, file: at.File}
		if at.Key != "" {
			m.file++
		}
		return m
	}
	return &single{plan: p, done: at.File > 0 || at.Key != ""}
}

// single is one object.
type single struct {
	plan *plan
	done bool
}

func (s *single) next(context.Context) (file, bool, error) {
	if s.done {
		return file{}, false, nil
	}
	s.done = true
	return file{ref: s.plan.object()}, true, nil
}

// object is the one that the parameters name.
func (p *plan) object() objects.Ref {
	return objects.Ref{Bucket: p.bucket, Key: p.key, Version: p.version, Owner: p.owner}
}

func (s *single) after(cursor) cursor { return cursor{File: 1} }

// listing is all objects that listObjectsV2 finds. Those without a byte, which the console
// makes for folders, have no items.
type listing struct {
	plan *plan
	from objects.Objects
	page []objects.Info
	last string // the key behind which the next page begins
}

func (l *listing) next(ctx context.Context) (file, bool, error) {
	p := l.plan
	for {
		if len(l.page) == 0 {
			page, err := l.from.List(ctx, p.bucket, p.prefix, l.last)
			if err != nil {
				return file{}, false, unreadable(err)
			}
			if l.page = page; len(page) == 0 {
				return file{}, false, nil
			}
		}
		info := l.page[0]
		l.page, l.last = l.page[1:], info.Key
		if p.lists || info.Size > 0 {
			return file{objects.Ref{Bucket: p.bucket, Key: info.Key, Owner: p.owner}, info}, true, nil
		}
	}
}

func (l *listing) after(at cursor) cursor { return cursor{After: at.Key} }

// manifest is the objects that a manifest names: an inventory of S3, or what Athena has
// unloaded.
type manifest struct {
	plan  *plan
	from  objects.Objects
	file  int // the next one
	files []objects.Ref
	read  bool
}

// maxManifest is how many bytes a manifest may have.
const maxManifest = 64 << 20

func (m *manifest) next(ctx context.Context) (file, bool, error) {
	if err := m.load(ctx); err != nil {
		return file{}, false, err
	}
	if m.file >= len(m.files) {
		return file{}, false, nil
	}
	m.file++
	return file{ref: m.files[m.file-1]}, true, nil
}

func (m *manifest) after(at cursor) cursor { return cursor{File: at.File + 1} }

// load reads the manifest, once. That of an inventory also says what the columns are.
func (m *manifest) load(ctx context.Context) error {
	if m.read {
		return nil
	}
	raw, _, err := m.from.Open(ctx, m.plan.object(), 0)
	if err != nil {
		return unreadable(err)
	}
	text, err := io.ReadAll(io.LimitReader(raw, maxManifest+1))
	if err = errors.Join(err, raw.Close()); err != nil {
		return err
	}
	if len(text) > maxManifest {
		return fmt.Errorf("dataset: the manifest %s is larger than %d bytes", m.plan.object(), maxManifest)
	}
	m.read = true
	if m.plan.manifest == "ATHENA_DATA" {
		return m.lines(string(text))
	}
	return m.inventory(text)
}

func (m *manifest) lines(text string) error {
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.Trim(strings.TrimSpace(lines.Text()), `"`)
		if line == "" {
			continue
		}
		bucket, key, ok := strings.Cut(strings.TrimPrefix(line, "s3://"), "/")
		if !ok || !strings.HasPrefix(line, "s3://") {
			return fmt.Errorf("dataset: the manifest %s has a line that names no object: %q", m.plan.object(), line)
		}
		m.files = append(m.files, objects.Ref{Bucket: bucket, Key: key})
	}
	return lines.Err()
}

func (m *manifest) inventory(text []byte) error {
	var written struct {
		DestinationBucket string `json:"destinationBucket"`
		FileFormat        string `json:"fileFormat"`
		FileSchema        string `json:"fileSchema"`
		Files             []struct {
			Key string `json:"key"`
		} `json:"files"`
	}
	if err := json.Unmarshal(text, &written); err != nil {
		return fmt.Errorf("dataset: the manifest %s: %w", m.plan.object(), err)
	}
	if written.FileFormat != "CSV" {
		return fmt.Errorf("dataset: the manifest %s is of files in the format %q: only CSV can be read", m.plan.object(), written.FileFormat)
	}
	m.plan.header = strings.Split(written.FileSchema, ", ")
	bucket := strings.TrimPrefix(written.DestinationBucket, "arn:aws:s3:::")
	for _, f := range written.Files {
		m.files = append(m.files, objects.Ref{Bucket: bucket, Key: f.Key})
	}
	return distinct(m.plan.header)
}
