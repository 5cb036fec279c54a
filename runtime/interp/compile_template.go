package interp

import (
	"fmt"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/javahash"
	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// template compiles a field of a state; nil stands for a field that is absent.
func (c *compiler) template(info *asl.StateInfo, t asl.Template) template {
	return c.templateIn(info.QueryLanguage == asl.JSONata, "", t)
}

// templateIn compiles a field that is inside another: prefix is where, relative
// to the state.
func (c *compiler) templateIn(inJSONata bool, prefix string, t asl.Template) template {
	if !t.Present() {
		return nil
	}
	w := templateWriter{c, inJSONata, t.Location}
	return w.value(place{prefix + t.Field, t.Location}, t.Value)
}

// templateWriter compiles one template.
type templateWriter struct {
	*compiler
	jsonata  bool
	location string // of the whole template
}

// place says where a value stands.
type place struct {
	field    string // relative to the state: "Output/a"
	location string // in the definition: "/States/Charge/Output/a"
}

func (p place) member(name string) place { return place{p.field + "/" + name, p.location + "/" + name} }

func (p place) element(i int) place {
	at := fmt.Sprintf("[%d]", i)
	return place{p.field + at, p.location + at}
}

// value compiles a value.
func (w *templateWriter) value(at place, v jsonvalue.Value) template {
	switch v.Kind() {
	case jsonvalue.KindObject:
		return w.object(at, v)
	case jsonvalue.KindArray:
		return w.array(at, v)
	case jsonvalue.KindString:
		if text, _ := v.AsString(); w.jsonata && isExpression(text) {
			return w.expression(at, text)
		}
	}
	return literal(measured(v))
}

// isExpression reports whether a string of JSONata is an expression.
func isExpression(text string) bool {
	return len(text) >= len("{%%}") && strings.HasPrefix(text, "{%") && strings.HasSuffix(text, "%}")
}

func (w *templateWriter) expression(at place, written string) template {
	text := strings.TrimSpace(written[2 : len(written)-2])
	expr, err := jsonata.Config{Dialect: jsonata.StepFunctions}.Compile(text)
	if err != nil {
		w.problem("INVALID_JSONATA_EXPRESSION", w.location, "%v", err)
	}
	e := &expression{expr: expr, text: text, field: at.field}
	if err == nil {
		e.points, e.branches = w.branchPoints(expr, at.location, strings.Index(written, text)), len(expr.Branches())
	}
	return e
}

// object compiles an object. In JSONPath, AWS makes first the members that are
// written out, then those with ".$" in the order of a Java HashMap of their names
// (recorded); in JSONata all stay in the written order. That several members which
// are written out keep their order is not recorded (unsure).
func (w *templateWriter) object(at place, v jsonvalue.Value) template {
	made := make(objectTemplate, 0, v.Len())
	var computed objectTemplate
	static := true
	for name, m := range v.Members() {
		if plain, dynamic := strings.CutSuffix(name, ".$"); dynamic && !w.jsonata {
			computed = append(computed, newMember(plain, w.dynamic(name, m)))
			continue
		}
		t := w.value(at.member(name), m)
		_, isLiteral := t.(literal)
		static = static && isLiteral
		made = append(made, newMember(name, t))
	}
	if static && len(computed) == 0 {
		return literal(measured(v))
	}
	return append(made, computed.hashed()...)
}

func newMember(name string, value template) memberTemplate {
	return memberTemplate{name, value, jsonvalue.String(name).Size() + len(":,")}
}

// hashed returns the members in the order of a Java HashMap of their names.
func (o objectTemplate) hashed() objectTemplate {
	names := make([]string, len(o))
	for i := range o {
		names[i] = o[i].name
	}
	ordered := make(objectTemplate, len(o))
	for i, from := range javahash.Names(names) {
		ordered[i] = o[from]
	}
	return ordered
}

// assign compiles an Assign, whose variables AWS lists in the order of a Java
// HashMap of their names in both query languages (recorded).
func (c *compiler) assign(inJSONata bool, prefix string, t asl.Template) template {
	switch made := c.templateIn(inJSONata, prefix, t).(type) {
	case objectTemplate:
		return made.hashed()
	case literal:
		made.value = hashedMembers(made.value)
		return made
	default:
		return made
	}
}

// hashedMembers returns an object with its members in the order of a Java HashMap
// of their names.
func hashedMembers(v jsonvalue.Value) jsonvalue.Value {
	var names []string
	var members []jsonvalue.Member
	for name, m := range v.Members() {
		names, members = append(names, name), append(members, member(name, m))
	}
	ordered := make([]jsonvalue.Member, len(members))
	for i, from := range javahash.Names(names) {
		ordered[i] = members[from]
	}
	return jsonvalue.Object(ordered...)
}

func (w *templateWriter) array(at place, v jsonvalue.Value) template {
	made := make(arrayTemplate, 0, v.Len())
	static := true
	for i, element := range v.Elements() {
		t := w.value(at.element(i), element)
		_, isLiteral := t.(literal)
		static = static && isLiteral
		made = append(made, t)
	}
	if static {
		return literal(measured(v))
	}
	return made
}

// dynamic compiles the value of a member whose name ends with ".$": a path or
// an intrinsic call.
func (w *templateWriter) dynamic(name string, v jsonvalue.Value) template {
	text, ok := v.AsString()
	if !ok {
		w.problem("SCHEMA_VALIDATION_FAILED", w.location, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call", name)
		return literal{}
	}
	t, err := pathOrCall(name, text)
	if err != nil {
		w.problem("SCHEMA_VALIDATION_FAILED", w.location, "The value for the field '%s' must be a valid JSONPath or a valid intrinsic function call: %v", name, err)
		return literal{}
	}
	return t
}

// pathOrCall compiles a text that is one or the other.
func pathOrCall(field, text string) (template, error) {
	if !strings.HasPrefix(text, "$") {
		parsed, err := intrinsics.Parse(text)
		if err != nil {
			return nil, err
		}
		return &call{parsed, field, strings.Contains(text, "$$")}, nil
	}
	parsed, err := jsonpath.Parse(text)
	if err != nil {
		return nil, err
	}
	m := &pathMember{path: newPath(parsed), field: field}
	if array := beforeIndex(text); array != "" {
		if parsed, err := jsonpath.Parse(array); err == nil && m.Definite() {
			p := newPath(parsed)
			m.array = &p
		}
	}
	return m, nil
}

// beforeIndex returns a path without the index that it ends with, or "".
func beforeIndex(text string) string {
	open := strings.LastIndexByte(text, '[')
	if open < 0 || !strings.HasSuffix(text, "]") {
		return ""
	}
	digits := strings.TrimSpace(text[open+1 : len(text)-1])
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return text[:open]
}

// expressionOf returns the expression that a field consists of, or nil.
func (c *compiler) expressionOf(info *asl.StateInfo, t asl.Template) *expression {
	e, _ := c.template(info, t).(*expression)
	return e
}
