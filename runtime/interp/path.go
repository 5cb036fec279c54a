package interp

import (
	"errors"

	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// path is a compiled Path with the place where it starts.
type path struct {
	*jsonpath.Path
	variable string // the name, if it starts at a variable
	context  bool   // it starts at the Context Object

	part contextPart    // the part of the Context Object that it leads through
	rest *jsonpath.Path // the way from there

	simple bool // it leads from the document to one value
}

func newPath(p *jsonpath.Path) path {
	switch root := p.Root(); root {
	case "$":
		return path{Path: p, simple: p.Definite()}
	case "$$":
		part, rest := contextPartOf(p.String())
		return path{Path: p, context: true, part: part, rest: rest}
	default:
		return path{Path: p, variable: root[1:]}
	}
}

// get follows the path in a scope.
func (p *path) get(s *scope) (jsonvalue.Value, error) {
	if p.simple {
		return p.Get(s.document)
	}
	if p.part != wholeContext {
		if v, ok := s.turn.contextPart(p.part); ok {
			if v, err := p.rest.Get(v); err == nil {
				return v, nil
			}
		}
	}
	root, err := p.root(s)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	if !p.Definite() {
		s.turn.chargeSearch(p.searched(s, root))
		s.turn.pause = 0 // a search may take as long as an expression
	}
	return p.Get(root)
}

// searched returns how many bytes of JSON text a path may have to look through
// that starts at root.
func (p *path) searched(s *scope, root jsonvalue.Value) int {
	if !p.context && p.variable == "" && s.size > 0 {
		return s.size
	}
	return root.Size()
}

func (p *path) root(s *scope) (jsonvalue.Value, error) {
	switch {
	case p.context:
		return s.context(), nil
	case p.variable != "":
		v, ok := s.Lookup(p.variable)
		if !ok {
			return v, &jsonpath.Error{Path: p.String(), Message: "No results for path: $['" + p.variable + "']", Err: jsonpath.ErrNoLeaf}
		}
		return v, nil
	}
	return s.document, nil
}

// bound returns upper bounds for what the path finds: a definite path finds a
// part of where it starts.
func (p *path) bound(s *scope, found jsonvalue.Value) datum {
	if p.simple && s.size > 0 {
		return datum{found, s.size}
	}
	d := measured(found)
	s.turn.chargeSearch(d.size)
	return d
}

// fieldPath is a path that is the whole value of a field, which may be null.
type fieldPath struct {
	path
	null bool
}

// read applies InputPath or OutputPath, whose failures quote the library's text.
func (p *fieldPath) read(s *scope) (datum, *failure) {
	switch {
	case p == nil:
		return s.whole(), nil
	case p.null:
		return emptyObject, nil
	}
	v, err := p.get(s)
	switch {
	case err == nil:
		return p.bound(s, v), nil
	case s.document.IsNull() && !p.context && p.variable == "":
		return datum{}, s.turn.runtimeError("Unable to apply Path transformation to null or empty input")
	}
	return datum{}, s.turn.invalidPath(&p.path, err)
}

// invalidPath is the failure of a path in most fields whose value is a path.
func (t *turn) invalidPath(p *path, err error) *failure {
	var reason *jsonpath.Error
	if errors.As(err, &reason) {
		return t.runtimeError("Invalid path '%s' : %s", p, reason.Message)
	}
	return t.runtimeError("Invalid path '%s' : %s", p, err)
}

// referencePathConflict names the failure of a ResultPath into what is no object
// (recorded).
const referencePathConflict = "States.ReferencePathConflict"

// resultPath says where a result goes: the zero resultPath is $, it replaces
// the input.
type resultPath struct {
	ref     *jsonpath.Reference
	discard bool // null
}

// merge puts a result into the raw input of the state.
func (r resultPath) merge(t *turn, input, result datum) (datum, *failure) {
	switch {
	case r.discard:
		return input, nil
	case r.ref == nil:
		return result, nil
	}
	v, err := r.ref.Set(input.value, result.value)
	if err != nil {
		return datum{}, t.raise(referencePathConflict, "Unable to apply ReferencePath %s to input %s", r.ref, input.value)
	}
	// A name in the path adds itself and at most {"":}, twice, to the text.
	grown := 6*len(r.ref.String()) + 8
	return datum{v, input.size + result.size + grown}, nil
}
