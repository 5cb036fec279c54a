package awstasks

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/similar"
	"github.com/statemill/statemill/jsonvalue"
)

// Check finds in tasks what Step Functions finds when a state machine is created, and asl cannot know: actions that a service does not
// have; parameters that are missing, that the API does not have, and literal ones of another type. Each finding has the place in the
// text. About the first 1,000 are returned. Tasks of services that t has no client of are left out: [Tasks.Resolve] tells those. No
// request is made.
func (t *Tasks) Check(sm *asl.StateMachine) asl.Diagnostics {
	c := &checker{machine: sm, filledIn: len(sm.Placeholders()) > 0, known: make(map[string]known)}
	for s := range sm.All() {
		task, ok := s.(*asl.Task)
		if !ok || task.Resource.Region != "" || len(c.found) >= maxFindings {
			continue
		}
		switch call, err := t.find(task.Resource.Text, task.Resource); {
		case err != nil:
			c.action(t.services[strings.TrimPrefix(task.Resource.Service, "aws-sdk:")], task)
		case task.Parameters.Value.Kind() == jsonvalue.KindObject:
			c.task(call, task)
		}
	}
	return c.found
}

// action reports an action that a service does not have. What the optimized integrations have asl knows.
func (c *checker) action(s *service, task *asl.Task) {
	r := &task.Resource
	if s == nil || !s.client.IsValid() || !strings.HasPrefix(r.Service, "aws-sdk:") {
		return
	}
	if _, ok := s.operation(r.Action); ok && !unsupported[strings.ToLower(s.name)+":"+r.Action] {
		return
	}
	at := task.Location + "/Resource"
	d := c.finding(at, at, "The resource provided "+r.Text+" is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.")
	if len(c.found) < maxHints {
		if near := similar.Name(r.Action, s.actions()); near != "" {
			d.Hint = fmt.Sprintf("did you mean %q?", near)
		}
	}
	c.found = append(c.found, d)
}

// finding returns a finding about what is at a place. It names the location of the field.
func (c *checker) finding(at, field, message string) asl.Diagnostic {
	d := asl.Diagnostic{Code: "SCHEMA_VALIDATION_FAILED", Message: message, Location: field}
	d.Start, _ = c.machine.Position(at)
	d.End = d.Start
	if c.lines == nil {
		c.lines = strings.Split(string(c.machine.Source()), "\n")
	}
	if n := d.Start.Line; n > 0 && n <= len(c.lines) {
		d.Line = strings.TrimSuffix(c.lines[n-1], "\r")
	}
	return d
}

// maxFindings is how many findings are returned, and no more than one task's besides.
const maxFindings = 1000

// maxHints is how many findings say what was probably meant: services have hundreds of actions.
const maxHints = 50

// checker collects findings.
type checker struct {
	machine  *asl.StateMachine
	filledIn bool             // it has placeholders
	known    map[string]known // by the Resource
	lines    []string         // of the text, once there is a finding
	found    asl.Diagnostics
}

// known is what is known of the input of an operation.
type known struct {
	input    shape
	required []string
}

// parameters are those of one task.
type parameters struct {
	*checker
	call    *call
	naming  naming
	jsonata bool
	field   string // the location of Parameters or Arguments, which all findings have
}

func (c *checker) task(call *call, task *asl.Task) {
	p := &parameters{checker: c, call: call, naming: naming{call.optimized != nil}, jsonata: task.QueryLanguage == asl.JSONata, field: task.Parameters.Location}
	k, ok := c.known[task.Resource.Text]
	if !ok {
		k = known{call.form.shape(call.input(p.naming)), call.form.required(call.required(p.naming))}
		if call.service.name == "S3" && task.Resource.Action == "putObject" {
			k.required = append(k.required, "Body") // (recorded)
		}
		c.known[task.Resource.Text] = k
	}
	complete := true
	for _, name := range k.required {
		if !p.has(task.Parameters.Value, name) {
			p.report(p.field, missing(name))
			complete = false
		}
	}
	if complete { // what is missing is told alone (recorded)
		p.structure(k.input, task.Parameters.Value, p.field, false)
	}
}

// has reports whether a parameter is given, as a literal or not.
func (p *parameters) has(v jsonvalue.Value, name string) bool {
	_, literal := v.Get(name)
	_, computed := v.Get(name + ".$")
	return literal || computed && !p.jsonata
}

func (p *parameters) report(at string, refused error) {
	if len(p.found) >= maxFindings {
		return
	}
	p.found = append(p.found, p.finding(at, p.field, refused.Error()))
}

// structure checks the members of a structure or union.
func (p *parameters) structure(s shape, v jsonvalue.Value, at string, nested bool) {
	for written, member := range v.Members() {
		name, computed := p.nameOf(written)
		m := s.member(p.naming, name)
		switch {
		case m == nil && p.naming.model:
			p.report(at+"/"+written, &refusal{"The field '" + name + "' is not supported by Step Functions"})
		case m == nil:
			p.report(at+"/"+written, p.naming.unknown(s, name, nested))
		case !computed && !member.IsNull():
			p.value(m, name, member, at+"/"+written)
		}
	}
}

// nameOf returns the name of a member as it is when the task runs, and whether its value is computed then.
func (p *parameters) nameOf(written string) (name string, computed bool) {
	if p.jsonata {
		return written, false
	}
	return strings.CutSuffix(written, ".$")
}

// value checks a literal.
func (p *parameters) value(s shape, name string, v jsonvalue.Value, at string) {
	if text, ok := v.AsString(); ok && p.later(text) {
		return
	}
	k := s.kind()
	want := map[kind]jsonvalue.Kind{structureKind: jsonvalue.KindObject, unionKind: jsonvalue.KindObject, mapKind: jsonvalue.KindObject, listKind: jsonvalue.KindArray}
	switch {
	case k == scalarKind:
		if err := s.fits(name, v); err != nil {
			p.report(at, err)
		}
	case want[k] != v.Kind():
		p.report(at, p.notMade(s, name, v))
	case k == listKind:
		for i, element := range v.Elements() {
			p.value(s.element(), name, element, fmt.Sprintf("%s[%d]", at, i))
		}
	case k == mapKind:
		for written, element := range v.Members() {
			if key, computed := p.nameOf(written); !computed && !element.IsNull() {
				p.value(s.element(), key, element, at+"/"+written)
			}
		}
	default:
		p.structure(s, v, at, true)
	}
}

// later reports whether a text is something else when the task runs: an expression, or what a template fills in.
func (p *parameters) later(text string) bool {
	if p.jsonata && strings.HasPrefix(text, "{%") && strings.HasSuffix(text, "%}") {
		return true
	}
	return p.filledIn && strings.Contains(text, "${")
}

// notMade says that something is made of members, and was given otherwise. AWS's text is known for a text.
func (p *parameters) notMade(s shape, name string, v jsonvalue.Value) error {
	text, ok := v.AsString()
	k := s.kind()
	if ok && (k == structureKind || k == unionKind) {
		return &refusal{fmt.Sprintf("Cannot construct instance of `software.amazon.awssdk.services.%s.model.%s$BuilderImpl` (although at least one Creator exists): "+
			"no String-argument constructor/factory method to deserialize from String value ('%s')", strings.ToLower(p.call.service.name), s.name(), text)}
	}
	return mustBe(name, map[kind]string{structureKind: "STRUCTURE", unionKind: "UNION", listKind: "LIST", mapKind: "MAP"}[k]) // (unsure)
}

// input returns the shape of the parameters.
func (c *call) input(n naming) shape {
	asked := new(schemaProbe)
	probe(c.operation, func(o reflect.Value) {
		addStack(o, func(stack *middleware.Stack) error {
			_, _ = stack.Initialize.Remove("OperationInputValidation")
			return nil
		})
		if f := o.FieldByName("Protocol"); f.IsValid() && f.Type() == protocolType && !f.IsNil() {
			asked.ClientProtocol = f.Interface().(smithyhttp.ClientProtocol)
			f.Set(reflect.ValueOf(asked))
		}
	})
	if asked.found != nil {
		return schemaShape{asked.found}
	}
	of := typeShape{structs: &structs{naming: n, unions: c.tasks.unions()}}
	return of.with(c.operation.Type().In(1))
}

// schemaProbe notes the schema of the operation that is called.
type schemaProbe struct {
	smithyhttp.ClientProtocol
	found *smithy.Schema
}

// SerializeRequest implements smithyhttp.ClientProtocol.
func (p *schemaProbe) SerializeRequest(_ context.Context, op *smithy.OperationSchema, _ smithy.Serializable, _ *smithyhttp.Request) error {
	p.found = op.Input
	return errProbed
}

// required returns the parameters that have to be there, as the client itself knows them: it refuses an empty input.
func (c *call) required(n naming) (names []string) {
	err := probe(c.operation, func(reflect.Value) {})
	var missing smithy.InvalidParamsError
	if !errors.As(err, &missing) {
		return nil
	}
	for _, e := range missing.Errs() {
		var one smithy.InvalidParamError
		if errors.As(e, &one) {
			path := strings.Split(one.Field(), ".")
			names = append(names, n.member(path[len(path)-1]))
		}
	}
	return slices.Compact(names)
}

// probe calls an operation with an empty input, and ends it before there is a request.
func probe(operation reflect.Value, change func(o reflect.Value)) (err error) {
	defer func() { _ = recover() }() // what wraps a client may do anything
	stop := func(context.Context, middleware.FinalizeInput, middleware.FinalizeHandler) (out middleware.FinalizeOutput, m middleware.Metadata, err error) {
		return out, m, errProbed
	}
	returned := operation.Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.New(operation.Type().In(1).Elem()), optionsOf(operation, func(o reflect.Value) {
		change(o)
		addStack(o, func(stack *middleware.Stack) error {
			return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("StatemillProbe", stop), middleware.Before)
		})
	})})
	err, _ = returned[1].Interface().(error)
	return err
}
