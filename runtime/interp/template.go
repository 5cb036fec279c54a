package interp

import (
	"errors"

	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// template is a field whose value is made when the state runs: a payload
// template in JSONPath, any JSON with expressions in JSONata.
type template interface {
	eval(s *scope) (datum, *failure)
}

// literal is a template, or a part of one, without anything to evaluate.
type literal datum

func (l literal) eval(*scope) (datum, *failure) { return datum(l), nil }

// objectTemplate makes an object.
type objectTemplate []memberTemplate

type memberTemplate struct {
	name  string
	value template
	size  int // of the name, its colon and a comma
}

func (o objectTemplate) eval(s *scope) (datum, *failure) {
	t := s.turn
	base := len(t.members)
	made := datum{size: len("{}")}
	for i := range o {
		d, fl := o[i].value.eval(s)
		if fl != nil {
			t.members = t.members[:base]
			return datum{}, fl
		}
		t.members = append(t.members, jsonvalue.Member{Name: o[i].name, Value: d.value})
		made.size += o[i].size + d.size
	}
	made.value = jsonvalue.Object(t.members[base:]...)
	t.members = t.members[:base]
	return made, nil
}

// arrayTemplate makes an array.
type arrayTemplate []template

func (a arrayTemplate) eval(s *scope) (datum, *failure) {
	elements := make([]jsonvalue.Value, len(a))
	made := datum{size: len("[]")}
	for i, element := range a {
		d, fl := element.eval(s)
		if fl != nil {
			return datum{}, fl
		}
		elements[i] = d.value
		made.size += d.size + 1
	}
	made.value = jsonvalue.Array(elements...)
	return made, nil
}

// pathMember is the value of a member whose name ends with ".$".
type pathMember struct {
	path
	field string // the name as it was written
	array *path  // if the path ends with an index: the path before it
}

func (p *pathMember) eval(s *scope) (datum, *failure) {
	if stopped := s.turn.interruption(); stopped != nil {
		return datum{}, stopped
	}
	if s.document.IsNull() && !p.context && p.variable == "" {
		// Reported of Parameters, also for $ itself; of the other templates (unsure).
		return datum{}, s.turn.runtimeError("Unable to apply Path transformation to null or empty input.")
	}
	v, err := p.get(s)
	switch {
	case err == nil && !p.Definite():
		return s.turn.hold(v)
	case err == nil:
		return p.bound(s, v), nil
	}
	if p.endsBeyondArray(s, err) {
		return datum{size: len("null")}, nil
	}
	return datum{}, s.turn.notFound(&p.path, p.field, s.document)
}

// endsBeyondArray reports whether the last step is an index that an existing
// array does not have: in a payload template that is null (measured on AWS).
func (p *pathMember) endsBeyondArray(s *scope, err error) bool {
	if p.array == nil || !errors.Is(err, jsonpath.ErrNoIndex) {
		return false
	}
	_, err = p.array.get(s)
	return err == nil
}

// notFound is the failure of a path in a template, in ErrorPath and in
// CausePath.
func (t *turn) notFound(p *path, field string, document jsonvalue.Value) *failure {
	if p.context {
		document = t.contextObject()
	}
	return t.runtimeError("The JSONPath '%s' specified for the field '%s' could not be found in the input '%s'", p, field, document)
}

// call is an intrinsic function as the value of a member.
type call struct {
	*intrinsics.Call
	field       string
	usesContext bool
}

func (c *call) eval(s *scope) (datum, *failure) {
	t := s.turn
	if stopped := t.interruption(); stopped != nil {
		return datum{}, stopped
	}
	t.searched = 0
	env := intrinsics.Env{Input: s.document, Variables: s, Random: s, Spent: &t.searched}
	if c.usesContext {
		env.Context = s.context()
	}
	v, err := c.EvalWith(env)
	t.chargeSearch(t.searched)
	if err != nil {
		return datum{}, t.intrinsicError(c, err)
	}
	return t.hold(v)
}

// intrinsicError is the failure of an intrinsic function. AWS frames what a path
// of an argument comes to otherwise than what a function says (both recorded).
func (t *turn) intrinsicError(c *call, err error) *failure {
	var missing *jsonpath.Error
	if errors.As(err, &missing) {
		return t.runtimeError("The function '%s' had the following error: %s", c, err)
	}
	return t.runtimeError("There was an error while evaluating the intrinsic function: %s. %s", c, err)
}
