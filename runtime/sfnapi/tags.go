package sfnapi

import (
	"slices"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/store"
)

type tagResourceIn struct {
	ARN  string `sfn:"resourceArn,required,1..256"`
	Tags []tag  `sfn:"tags,required"`
}

// tagResource adds tags, and replaces those with the same key.
func (s *scope) tagResource(in *tagResourceIn) (fields, error) {
	return s.retag(in.ARN, func(tags []tag) ([]tag, error) { return addTags(tags, in.Tags, in.ARN) })
}

type untagResourceIn struct {
	ARN  string   `sfn:"resourceArn,required,1..256"`
	Keys []string `sfn:"tagKeys,required,each,1..128"`
}

// untagResource succeeds for keys that are not there as well (recorded).
func (s *scope) untagResource(in *untagResourceIn) (fields, error) {
	return s.retag(in.ARN, func(tags []tag) ([]tag, error) {
		return slices.DeleteFunc(tags, func(t tag) bool { return slices.Contains(in.Keys, t.Key) }), nil
	})
}

// tagged is a resource with its tags.
type tagged struct {
	tags    *[]tag
	changed func() store.Document
	version bool // versions have no tags (recorded)
}

// retag changes the tags of a resource.
func (s *scope) retag(resource string, do func(tags []tag) ([]tag, error)) (fields, error) {
	return s.change(func() (fields, bool, error) {
		t, err := s.taggedOf(resource)
		if err != nil {
			return nil, false, err
		}
		if t.version {
			return nil, false, noResource(resource)
		}
		if *t.tags, err = do(*t.tags); err != nil {
			return nil, false, err
		}
		changed, err := s.write(t.changed())
		return nil, changed, err
	})
}

// taggedOf returns the resource of an ARN.
func (s *scope) taggedOf(text string) (*tagged, error) {
	kind, err := parseARN(text, kindMachine, kindActivity)
	if err != nil {
		return nil, err
	}
	if kind.kind == kindActivity {
		a, found, err := s.activityOf(text)
		if err == nil && !found {
			err = noResource(text)
		}
		if err != nil {
			return nil, err
		}
		return &tagged{tags: &a.Tags, changed: a.changed}, nil
	}
	ref, err := parseMachine(text)
	if err != nil {
		return nil, err
	}
	m, found, err := s.machineOf(ref)
	if err == nil && !found {
		err = noResource(text)
	}
	if err != nil {
		return nil, err
	}
	return &tagged{tags: &m.Tags, changed: m.changed, version: ref.qualifier != ""}, nil
}

// changed returns the document to write.
func (a *activity) changed() store.Document {
	doc := a.document
	doc.Data = encodeDocument(a)
	return doc
}

type listTagsForResourceIn struct {
	ARN string `sfn:"resourceArn,required,1..256"`
}

func (s *scope) listTagsForResource(in *listTagsForResourceIn) (fields, error) {
	t, err := s.taggedOf(in.ARN)
	if err != nil {
		return nil, err
	}
	items := []jsonvalue.Value{}
	for _, each := range *t.tags {
		if !t.version {
			items = append(items, fields{"key": text(each.Key), "value": text(each.Value)}.value())
		}
	}
	return fields{"tags": jsonvalue.Array(items...)}, nil
}
