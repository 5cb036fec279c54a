package sfnapi

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/statemill/statemill/jsonvalue"
)

// decoder reads the body of a request into a struct, and collects the constraints that
// it does not satisfy.
type decoder struct {
	findings []string // the first ones
	found    int      // how many there are
}

// maxFindings is how many constraints are told: a list may have hundreds of thousands of elements.
const maxFindings = 100

// decode reads a body. Members that are not known are ignored, and null is as good as
// absent.
func decode(s *shape, body jsonvalue.Value, in reflect.Value) error {
	var d decoder
	if body.Kind() != jsonvalue.KindObject {
		return serialization("The body is not a JSON object.")
	}
	if err := d.structure(s, body, in, ""); err != nil {
		return err
	}
	if d.found == 0 {
		return nil
	}
	errors := "error"
	if d.found > 1 {
		errors = "errors"
	}
	return &fault{
		namespace: constraintErrors, name: "ValidationException",
		message: fmt.Sprintf("%d validation %s detected: %s", d.found, errors, strings.Join(d.findings, "; ")),
	}
}

// serialization is the fault of a body that cannot be read.
func serialization(format string, args ...any) *fault {
	return protocol(http.StatusBadRequest, "SerializationException", format, args...)
}

func (d *decoder) structure(s *shape, v jsonvalue.Value, to reflect.Value, path string) error {
	if v.Kind() != jsonvalue.KindObject {
		return wrongKind(path, "an object", v)
	}
	for i := range s.members {
		m := &s.members[i]
		inner := m.name
		if path != "" {
			inner = path + "." + m.name
		}
		part, ok := v.Get(m.name)
		if !ok || part.IsNull() {
			if m.required {
				d.find(inner, "null", "Member must not be null")
			}
			continue
		}
		if err := d.member(m, part, to.Field(m.field), inner); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) member(m *member, v jsonvalue.Value, to reflect.Value, path string) error {
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	var err error
	switch m.kind {
	case isStructure:
		err = d.structure(m.structure, v, to, path)
	case isList:
		err = d.list(m, v, to, path)
	default:
		err = scalar(m, v, to, path)
	}
	if err != nil {
		return err
	}
	if broken := m.broken(v); broken != "" {
		d.find(path, "'"+m.shown(v)+"'", broken)
	}
	return nil
}

func (d *decoder) list(m *member, v jsonvalue.Value, to reflect.Value, path string) error {
	if v.Kind() != jsonvalue.KindArray {
		return wrongKind(path, "a list", v)
	}
	to.Set(reflect.MakeSlice(to.Type(), v.Len(), v.Len()))
	for i, e := range v.Elements() {
		at := path + "." + strconv.Itoa(i+1) + ".member" // recorded
		if e.IsNull() {
			d.find(at, "null", "Member must not be null")
			continue
		}
		if err := d.member(m.elements, e, to.Index(i), at); err != nil {
			return err
		}
	}
	return nil
}

func scalar(m *member, v jsonvalue.Value, to reflect.Value, path string) error {
	switch m.kind {
	case isText:
		s, ok := v.AsString()
		if !ok {
			return wrongKind(path, "a string", v)
		}
		if !utf8.ValidString(s) && m.name != "name" { // documents could not keep it; a name is refused with a fault of its own
			return serialization("%s has half of a surrogate pair", path)
		}
		to.SetString(s)
	case isInteger:
		n, ok := v.AsInt64()
		if !ok {
			return wrongKind(path, "an integer", v)
		}
		to.SetInt(n)
	case isNumber:
		n, ok := v.AsFloat64()
		if !ok {
			return wrongKind(path, "a number", v)
		}
		to.SetFloat(n)
	case isBool:
		b, ok := v.AsBool()
		if !ok {
			return wrongKind(path, "a boolean", v)
		}
		to.SetBool(b)
	}
	return nil
}

// wrongKind does not show the value: it may be long, and secret.
func wrongKind(path, want string, v jsonvalue.Value) error {
	return serialization("%s must be %s, found %s", path, want, v.Kind())
}

// find notes a constraint that is not satisfied.
func (d *decoder) find(path, shown, constraint string) {
	if d.found++; d.found <= maxFindings {
		d.findings = append(d.findings, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", shown, path, constraint))
	}
}
