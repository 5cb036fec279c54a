package sfnapi

import (
	"slices"

	"github.com/statemill/statemill/jsonvalue"
)

type tagResourceIn struct {
	ARN  string `sfn:"resourceArn,required,1..256"`
	Tags []tag  `sfn:"tags,required"`
}

// tagResource adds tags, and replaces those with the same key.
func (s *scope) tagResource(in *tagResourceIn) (fields, error) {
	return s.retag(in.ARN, func(tags []tag) ([]tag, error) {
		for _, t := range in.Tags {
			tags = slices.DeleteFunc(tags, func(old tag) bool { return old.Key == t.Key })
			tags = append(tags, t)
		}
		return tags, checkTags(tags, in.ARN)
	})
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

// retag changes the tags of a state machine. Versions have none.
func (s *scope) retag(text string, do func(tags []tag) ([]tag, error)) (fields, error) {
	return s.change(func() (fields, bool, error) {
		m, ref, err := s.tagged(text)
		if err != nil {
			return nil, false, err
		}
		if ref.qualifier != "" {
			return nil, false, noResource(text)
		}
		if m.Tags, err = do(m.Tags); err != nil {
			return nil, false, err
		}
		changed, err := s.write(m.changed())
		return nil, changed, err
	})
}

// tagged returns the state machine of an ARN.
func (s *scope) tagged(text string) (*machine, machineRef, error) {
	a, err := parseARN(text, kindMachine, kindActivity)
	if err != nil {
		return nil, machineRef{}, err
	}
	if a.kind == kindActivity {
		return nil, machineRef{}, noResource(text)
	}
	ref, err := parseMachine(text)
	if err != nil {
		return nil, ref, err
	}
	m, found, err := s.machineOf(ref)
	if err == nil && !found {
		err = noResource(text)
	}
	return m, ref, err
}

type listTagsForResourceIn struct {
	ARN string `sfn:"resourceArn,required,1..256"`
}

func (s *scope) listTagsForResource(in *listTagsForResourceIn) (fields, error) {
	m, ref, err := s.tagged(in.ARN)
	if err != nil {
		return nil, err
	}
	if ref.qualifier != "" {
		m.Tags = nil // of a version (recorded)
	}
	items := make([]jsonvalue.Value, len(m.Tags))
	for i, t := range m.Tags {
		items[i] = fields{"key": text(t.Key), "value": text(t.Value)}.value()
	}
	return fields{"tags": jsonvalue.Array(items...)}, nil
}
