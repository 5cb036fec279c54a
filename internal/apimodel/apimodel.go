// Package apimodel knows what operations of AWS answer: the shapes of the services that
// workflows call most, those with optimised integrations first. TestState holds mocks to
// them.
//
// The data is made by tools/apimodel from the models of github.com/aws/aws-sdk-go, at the version
// that tools/go.mod pins; see NOTICE. It has no inputs of operations, and no documentation.
package apimodel

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf16"

	"github.com/statemill/statemill/jsonvalue"
)

// ErrUnknown says that there is no model of a service or of an action.
var ErrUnknown = errors.New("apimodel: no model")

// Check returns what is wrong with the result of a task that calls an action of a service, in
// the words that TestState has for it (recorded). The service is as in the Resource of a Task
// state, without "aws-sdk:". Members that the model does not have may be there (recorded);
// complete says that none that it requires may be missing.
func Check(service, action string, result jsonvalue.Value, complete bool) error {
	model, err := modelOf(service)
	if err != nil {
		return err
	}
	output, there := model.Operations[capital(action)]
	if !there && service == "bedrock" { // the optimised integration has the actions of both
		return Check("bedrockruntime", action, result, complete)
	}
	if !there {
		return fmt.Errorf("%w of %s:%s", ErrUnknown, service, action)
	}
	if output == "" {
		return nil
	}
	c := checker{model: model, complete: complete}
	return c.value("", output, result)
}

// model is a file of data.
type model struct {
	Operations map[string]string `json:"operations"` // the shapes of their answers; "": they have none
	Shapes     map[string]*shape `json:"shapes"`
}

// shape says what a value is.
type shape struct {
	Kind     string            `json:"k"` // structure, list, map, string, number, boolean or any
	Members  map[string]string `json:"m"` // of a structure: the shapes by name
	Element  string            `json:"e"` // the shape of the elements of a list, or of the values of a map
	Required []string          `json:"r"`
	Values   []string          `json:"v"` // that a text may have; none: any
	Min      *float64          `json:"min"`
	Max      *float64          `json:"max"`
}

//go:embed data
var data embed.FS

// optimised are services whose optimised integrations have other names than their SDKs.
var optimised = map[string]string{
	"states": "sfn", "events": "eventbridge", "elasticmapreduce": "emr", "emr-containers": "emrcontainers", "emr-serverless": "emrserverless",
}

// models are read when they are first asked for.
var models sync.Map // of func() (*model, error), by the name of the service

func modelOf(service string) (*model, error) {
	name := service
	if other := optimised[service]; other != "" {
		name = other
	}
	read, ok := models.Load(name)
	if !ok {
		packed, err := data.ReadFile("data/" + name + ".json.gz")
		if err != nil {
			return nil, fmt.Errorf("%w of %s", ErrUnknown, service)
		}
		read, _ = models.LoadOrStore(name, sync.OnceValues(func() (*model, error) { return parse(packed) }))
	}
	return read.(func() (*model, error))()
}

func parse(packed []byte) (*model, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	m := new(model)
	return m, json.Unmarshal(text, m)
}

// checker holds a value to the shapes of a model.
type checker struct {
	model    *model
	complete bool
}

// mismatch is what is wrong, in a sentence of AWS.
type mismatch string

func (m mismatch) Error() string { return string(m) }

// problem is what is wrong with a member. Messages name the innermost one, without the way
// to it (recorded).
func problem(member, what string) error { return mismatch("Field '" + member + "' " + what) }

// kinds are what values of a kind must be: the words for texts, numbers and lists are
// recorded, the others not (unsure).
var kinds = map[string]struct {
	kind jsonvalue.Kind
	must string
}{
	"string": {jsonvalue.KindString, "must be a string"}, "number": {jsonvalue.KindNumber, "must be a number"},
	"boolean": {jsonvalue.KindBool, "must be a boolean"}, "list": {jsonvalue.KindArray, "must be an array"},
	"structure": {jsonvalue.KindObject, "must be an object"}, "map": {jsonvalue.KindObject, "must be an object"},
}

// value checks a value; name is the member that it is in. null is as good as absent (unsure).
func (c *checker) value(name, of string, v jsonvalue.Value) error {
	s := c.model.Shapes[of]
	if s == nil || s.Kind == "any" || v.IsNull() {
		return nil
	}
	if want := kinds[s.Kind]; v.Kind() != want.kind {
		return problem(name, want.must)
	}
	switch s.Kind {
	case "structure":
		return c.structure(s, v)
	case "list":
		for _, e := range v.Elements() {
			if err := c.value(name, s.Element, e); err != nil {
				return err
			}
		}
	case "map":
		for key, e := range v.Members() {
			if err := c.value(key, s.Element, e); err != nil {
				return err
			}
		}
	}
	return s.bounds(name, v)
}

func (c *checker) structure(s *shape, v jsonvalue.Value) error {
	if c.complete {
		for _, name := range s.Required {
			if member, there := v.Get(capital(name)); !there || member.IsNull() {
				return mismatch("Required field '" + capital(name) + "' is missing")
			}
		}
	}
	for name, member := range v.Members() {
		if err := c.value(name, s.member(name), member); err != nil {
			return err
		}
	}
	return nil
}

// member returns the shape of a member, or "". In results of tasks names begin with a capital.
func (s *shape) member(name string) string {
	if name != capital(name) {
		return ""
	}
	if of := s.Members[name]; of != "" {
		return of
	}
	return s.Members[strings.ToLower(name[:min(1, len(name))])+name[min(1, len(name)):]]
}

// bounds checks how large a value is, and which text.
func (s *shape) bounds(name string, v jsonvalue.Value) error {
	size, less, more := 0.0, "is smaller than the minimum length", "exceeds the maximum length"
	switch text, isText := v.AsString(); {
	case isText && len(s.Values) > 0 && !slices.Contains(s.Values, text):
		return problem(name, "is not an expected value")
	case isText:
		size = float64(len(utf16.Encode([]rune(text))))
	case v.Kind() == jsonvalue.KindNumber:
		size, _ = v.AsFloat64()
		less, more = "is less than the minimum value", "exceeds the maximum value"
	default:
		size = float64(v.Len())
	}
	switch {
	case s.Min != nil && size < *s.Min:
		return problem(name, less)
	case s.Max != nil && size > *s.Max:
		return problem(name, more)
	}
	return nil
}

// capital returns a name with a capital.
func capital(name string) string {
	if name == "" {
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
