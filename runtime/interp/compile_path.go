package interp

import (
	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonpath"
)

// path compiles a field whose value is a path.
func (c *compiler) path(t asl.Template) path {
	text, _ := t.Value.AsString()
	p, err := jsonpath.Parse(text)
	if err != nil {
		c.problem("SCHEMA_VALIDATION_FAILED", t.Location, "Value must be a valid JSONPath: %v", err)
		return newPath(jsonpath.MustParse("$"))
	}
	return newPath(p)
}

// fieldPath compiles InputPath or OutputPath; nil stands for the default.
func (c *compiler) fieldPath(t asl.Template) *fieldPath {
	if !t.Present() {
		return nil
	}
	if t.Value.IsNull() {
		return &fieldPath{null: true}
	}
	if text, _ := t.Value.AsString(); text == "$" {
		return nil
	}
	return &fieldPath{path: c.path(t)}
}

func (c *compiler) resultPath(t asl.Template) resultPath {
	if !t.Present() {
		return resultPath{}
	}
	text, isText := t.Value.AsString()
	if !isText {
		return resultPath{discard: true}
	}
	if text == "$" {
		return resultPath{}
	}
	ref, err := jsonpath.ParseReference(text)
	if err != nil {
		c.problem("SCHEMA_VALIDATION_FAILED", t.Location, "Value is not a Reference Path: %v", err)
	}
	return resultPath{ref: ref}
}
