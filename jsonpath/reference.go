package jsonpath

import (
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// Reference is a Reference Path (States Language, "Reference Paths"): a path of
// single names and indexes, to which a value can be written. It is immutable
// and safe for concurrent use.
//
// Between dots a backslash takes the next character as it is: $.store\.book
// names one member "store.book". In brackets there are no escapes.
type Reference struct{ path *Path }

// ParseReference compiles a Reference Path. The error is a *[SyntaxError],
// also for a path that Parse accepts but that is no Reference Path; so it is
// the way to ask whether a path is one.
func ParseReference(text string) (*Reference, error) { return Config{}.ParseReference(text) }

// ParseReference compiles a Reference Path. The error is a *[SyntaxError].
func (c Config) ParseReference(text string) (*Reference, error) {
	if !strings.HasPrefix(text, "$") {
		return nil, &SyntaxError{Path: text, Message: "Reference path didn't start with '$'"}
	}
	path, err := c.parse(text, referenceDialect)
	if err != nil {
		return nil, err
	}
	return &Reference{path}, nil
}

// referenceDialect reads Reference Paths.
var referenceDialect = dialect{member: referenceMember, unescape: true, onlyHops: true}

// referenceMember removes the escapes from a name and refuses what the
// specification keeps for paths that lead to several places, and functions.
func referenceMember(p *parser, start, end int) (step, error) {
	var name []byte
	for i := start; i < end; i++ {
		c := p.text[i]
		switch {
		case c == '\\' && i+1 < end:
			i++
			c = p.text[i]
		case c == '\\':
			return nil, p.fail(i, "Nothing follows the backslash")
		case strings.IndexByte("@,:?*()", c) >= 0:
			return nil, p.fail(i, "Value is not a Reference Path: '"+string(c)+"' must be escaped or in brackets")
		}
		name = append(name, c)
	}
	return nameStep(asName(string(name))), nil
}

// Path returns r as a path to read from.
func (r *Reference) Path() *Path { return r.whole() }

// whole returns the path. That of the zero Reference leads nowhere further: $.
func (r *Reference) whole() *Path {
	if r.path == nil {
		return &Path{text: "$"}
	}
	return r.path
}

// Set returns a copy of root in which the place that r names holds x. Objects
// that are missing on the way are made; elements of arrays must exist. Only
// the way to the place is copied, the rest is shared. The error is an
// *[Error] if root has no such place (Step Functions:
// States.ReferencePathConflict).
func (r *Reference) Set(root, x jsonvalue.Value) (jsonvalue.Value, error) {
	v, err := set(root, r.whole().hops, x)
	if err != nil {
		return jsonvalue.Value{}, &Error{
			Path:    r.whole().text,
			Message: "Unable to apply ReferencePath " + r.whole().text + " to input " + root.String(),
			Err:     err,
		}
	}
	return v, nil
}

func set(v jsonvalue.Value, hops []hop, x jsonvalue.Value) (jsonvalue.Value, error) {
	if len(hops) == 0 {
		return x, nil
	}
	if h := hops[0]; h.kind == byIndex {
		return setElement(v, h.index, hops[1:], x)
	}
	return setMember(v, hops[0].name, hops[1:], x)
}

func setMember(v jsonvalue.Value, name string, hops []hop, x jsonvalue.Value) (jsonvalue.Value, error) {
	if v.Kind() != jsonvalue.KindObject {
		return v, ErrType
	}
	member, ok := v.Get(name)
	if !ok {
		member = jsonvalue.Object()
	}
	member, err := set(member, hops, x)
	if err != nil {
		return v, err
	}
	return v.With(name, member), nil
}

func setElement(v jsonvalue.Value, index int, hops []hop, x jsonvalue.Value) (jsonvalue.Value, error) {
	if v.Kind() != jsonvalue.KindArray {
		return v, ErrType
	}
	element, ok := v.Index(index)
	if !ok {
		return v, ErrNoIndex
	}
	element, err := set(element, hops, x)
	if err != nil {
		return v, err
	}
	w, _ := v.WithIndex(index, element)
	return w, nil
}

// String returns the path as it was written.
func (r *Reference) String() string { return r.whole().text }
