// Package inputs makes values that a JSON Schema allows, and tells which ones it allows, for tests.
package inputs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/statemill/statemill/jsonvalue"
)

// Source makes values. A Source is for one goroutine.
type Source struct {
	schema *jsonschema.Schema
	random *rand.Rand
	made   int
}

// New returns a source. It refuses a schema with keywords that it cannot honour.
func New(schema *jsonschema.Schema, seed uint64) (*Source, error) {
	if err := check(schema, make(map[*jsonschema.Schema]bool)); err != nil {
		return nil, err
	}
	return &Source{schema: schema, random: rand.New(rand.NewPCG(seed, 0))}, nil
}

// tries is how often a value is made anew that the schema does not allow: one that fits
// two alternatives of oneOf.
const tries = 50

// Next returns the next value. The first ones are the edges: the least and the most that
// the schema allows.
func (s *Source) Next() (jsonvalue.Value, error) {
	for range tries {
		m := maker{choose: s.random.IntN}
		switch s.made {
		case 0:
			m.choose = func(int) int { return 0 }
		case 1:
			m.choose = func(n int) int { return n - 1 }
		}
		s.made++
		v, err := m.value(s.schema, 0)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		if Validate(s.schema, v) == nil {
			return v, nil
		}
	}
	return jsonvalue.Value{}, errors.New("no value was found that the schema allows")
}

// check returns an error for a keyword that cannot be honoured.
func check(s *jsonschema.Schema, seen map[*jsonschema.Schema]bool) error {
	if s == nil || seen[s] {
		return nil
	}
	seen[s] = true
	unknown := map[string]bool{
		"not": s.Not != nil, "allOf": len(s.AllOf) > 0, "if": s.If != nil, "pattern": s.Pattern != nil,
		"propertyNames": s.PropertyNames != nil, "patternProperties": len(s.PatternProperties) > 0, "minProperties": s.MinProperties > len(s.Required),
		"maxProperties": s.MaxProperties >= 0, "dependencies": len(s.Dependencies) > 0, "dependentRequired": len(s.DependentRequired) > 0,
		"dependentSchemas": len(s.DependentSchemas) > 0, "unevaluatedProperties": s.UnevaluatedProperties != nil, "contains": s.Contains != nil,
		"unevaluatedItems": s.UnevaluatedItems != nil, "contentEncoding": s.ContentEncoding != "", "$dynamicRef": s.DynamicRef != nil,
		"$recursiveRef": s.RecursiveRef != nil, "format " + s.Format: s.Format != "" && formats[s.Format] == nil,
	}
	for _, keyword := range slices.Sorted(maps.Keys(unknown)) {
		if unknown[keyword] {
			return fmt.Errorf("values for the keyword %q cannot be made (%s)", keyword, s.Location)
		}
	}
	for _, below := range inside(s) {
		if err := check(below, seen); err != nil {
			return err
		}
	}
	return nil
}

// inside returns the schemas inside of one, in a fixed order.
func inside(s *jsonschema.Schema) (all []*jsonschema.Schema) {
	all = append(all, s.Ref, s.Items2020)
	all = append(append(append(all, s.AnyOf...), s.OneOf...), s.PrefixItems...)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		all = append(all, s.Properties[name])
	}
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		all = append(all, items)
	case []*jsonschema.Schema:
		all = append(all, items...)
	}
	return all
}

// Validate returns nil if a schema allows a value, or says why not: mostly a
// *jsonschema.ValidationError.
func Validate(s *jsonschema.Schema, v jsonvalue.Value) error {
	d := json.NewDecoder(bytes.NewReader(v.AppendJSON(nil)))
	d.UseNumber() // numbers stay exact
	var plain any
	if err := d.Decode(&plain); err != nil {
		return err
	}
	return s.Validate(plain)
}

// deepest is how deep a value nests. A schema that refers to itself would not end.
const deepest = 12

// maker makes one value by a series of choices.
type maker struct {
	choose func(n int) int
	parts  int // elements and letters that were made
}

// longest is how long a text or an array is made, if the schema does not want a longer one:
// Step Functions takes no more bytes. mostParts bounds a whole value.
const longest, mostParts = 256 << 10, 1 << 20

// size chooses how long a text or an array is.
func (m *maker) size(least, most, more int) (n int, err error) {
	if least <= mostParts {
		n = m.between(least, min(most, max(least, longest)), more)
	}
	if m.parts += n; least > mostParts || m.parts > mostParts {
		return 0, fmt.Errorf("the schema wants values of more than %d parts", mostParts)
	}
	return n, nil
}

func (m *maker) value(s *jsonschema.Schema, depth int) (jsonvalue.Value, error) {
	switch {
	case depth > deepest:
		return jsonvalue.Value{}, errors.New("the schema allows no value that ends")
	case s.Ref != nil:
		return m.value(s.Ref, depth+1)
	case len(s.Constant) > 0:
		return jsonvalue.Of(s.Constant[0])
	case len(s.Enum) > 0:
		return jsonvalue.Of(s.Enum[m.choose(len(s.Enum))])
	case len(s.OneOf) > 0:
		return m.value(s.OneOf[m.choose(len(s.OneOf))], depth+1)
	case len(s.AnyOf) > 0:
		return m.value(s.AnyOf[m.choose(len(s.AnyOf))], depth+1)
	}
	switch kind := m.kind(s); kind {
	case "object":
		return m.object(s, depth)
	case "array":
		return m.array(s, depth)
	case "string":
		return m.text(s)
	case "integer", "number":
		return m.number(s, kind == "integer")
	case "boolean":
		return jsonvalue.Bool(m.choose(2) == 1), nil
	}
	return jsonvalue.Value{}, nil
}

// kind chooses a type. Without the keyword it follows from the others.
func (m *maker) kind(s *jsonschema.Schema) string {
	switch {
	case len(s.Types) > 0:
		return s.Types[m.choose(len(s.Types))]
	case len(s.Properties) > 0 || len(s.Required) > 0:
		return "object"
	case s.Items2020 != nil || s.Items != nil || len(s.PrefixItems) > 0:
		return "array"
	case s.Minimum != nil || s.Maximum != nil || s.MultipleOf != nil:
		return "number"
	case s.MinLength >= 0 || s.MaxLength >= 0 || s.Format != "":
		return "string"
	}
	return []string{"null", "boolean", "integer", "string"}[m.choose(4)]
}

func (m *maker) object(s *jsonschema.Schema, depth int) (jsonvalue.Value, error) {
	var members []jsonvalue.Member
	names := slices.Sorted(maps.Keys(s.Properties))
	for _, name := range s.Required {
		if s.Properties[name] == nil {
			names = append(names, name)
		}
	}
	for _, name := range names {
		required := slices.Contains(s.Required, name)
		if !required && (depth > deepest/2 || m.choose(2) == 0) {
			continue
		}
		of := s.Properties[name]
		if of == nil {
			of = &jsonschema.Schema{MinLength: -1, MaxLength: -1}
		}
		v, err := m.value(of, depth+1)
		if err != nil {
			return v, err
		}
		members = append(members, jsonvalue.Member{Name: name, Value: v})
	}
	return jsonvalue.Object(members...), nil
}

// mostElements is how many elements are made beyond the least, without maxItems.
const mostElements = 3

func (m *maker) array(s *jsonschema.Schema, depth int) (jsonvalue.Value, error) {
	of, first := s.Items2020, s.PrefixItems
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		of = items
	case []*jsonschema.Schema:
		first = items
	}
	n, err := m.size(max(s.MinItems, len(first)*min(1, s.MinItems+1)), s.MaxItems, mostElements)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	var elements []jsonvalue.Value
	for i := range n {
		element := of
		if i < len(first) {
			element = first[i]
		}
		if element == nil {
			element = &jsonschema.Schema{MinLength: -1, MaxLength: -1}
		}
		v, err := m.value(element, depth+1)
		if err != nil {
			return v, err
		}
		elements = append(elements, v)
	}
	return jsonvalue.Array(elements...), nil
}

// between chooses a size; most is -1 if there is no bound.
func (m *maker) between(least, most, more int) int {
	least = max(least, 0)
	if most < 0 || most > least+more {
		if most < 0 {
			most = least + more
		} else if m.choose(2) == 1 {
			return most
		} else {
			most = least + more
		}
	}
	return least + m.choose(max(most-least, 0)+1)
}

const letters = "aZ0 é\"\\\n世🙂"

func (m *maker) text(s *jsonschema.Schema) (jsonvalue.Value, error) {
	if examples := formats[s.Format]; examples != nil {
		return jsonvalue.String(examples[m.choose(len(examples))]), nil
	}
	all := []rune(letters)
	n, err := m.size(s.MinLength, s.MaxLength, 12)
	if err != nil {
		return jsonvalue.Value{}, err
	}
	made := make([]rune, n)
	for i := range made {
		made[i] = all[m.choose(len(all))]
	}
	return jsonvalue.String(string(made)), nil
}

// formats are texts of the formats that can be made.
var formats = map[string][]string{
	"date-time": {"2026-01-01T00:00:00Z", "2024-02-29T23:59:59.999+14:00"}, "date": {"2026-01-01", "2024-02-29"}, "time": {"00:00:00Z", "23:59:59Z"},
	"email": {"a@example.org"}, "uuid": {"00000000-0000-4000-8000-000000000000"}, "uri": {"https://example.org/a?b=c#d"}, "ipv4": {"192.0.2.1"},
	"ipv6": {"2001:db8::1"}, "hostname": {"example.org"}, "duration": {"PT1S"}, "json-pointer": {"/a"}, "regex": {"a*"},
}

func (m *maker) number(s *jsonschema.Schema, whole bool) (jsonvalue.Value, error) {
	least, most := big.NewRat(-1000, 1), big.NewRat(1000, 1)
	step := big.NewRat(1, 1)
	if !whole && s.MultipleOf == nil && m.choose(2) == 1 {
		step = big.NewRat(1, 4)
	}
	if s.MultipleOf != nil {
		step = s.MultipleOf
	}
	switch {
	case s.Minimum != nil:
		least = s.Minimum
	case s.ExclusiveMinimum != nil:
		least = new(big.Rat).Add(s.ExclusiveMinimum, step)
	case s.Maximum != nil || s.ExclusiveMaximum != nil:
		least = new(big.Rat).Sub(upper(s, step), big.NewRat(1000, 1))
	}
	if s.Maximum != nil || s.ExclusiveMaximum != nil {
		most = upper(s, step)
	} else if most.Cmp(least) < 0 {
		most = new(big.Rat).Add(least, big.NewRat(1000, 1))
	}
	return m.multiple(least, most, step)
}

func upper(s *jsonschema.Schema, step *big.Rat) *big.Rat {
	if s.Maximum != nil {
		return s.Maximum
	}
	return new(big.Rat).Sub(s.ExclusiveMaximum, step)
}

// multiple chooses a multiple of a step between two numbers.
func (m *maker) multiple(least, most, step *big.Rat) (jsonvalue.Value, error) {
	first := new(big.Int)
	low := new(big.Rat).Quo(least, step)
	first.Div(low.Num(), low.Denom())
	if new(big.Rat).SetInt(first).Cmp(low) < 0 {
		first.Add(first, big.NewInt(1))
	}
	high := new(big.Rat).Quo(most, step)
	last := new(big.Int).Div(high.Num(), high.Denom())
	span := new(big.Int).Sub(last, first)
	if span.Sign() < 0 {
		return jsonvalue.Value{}, errors.New("no number is between the bounds of the schema")
	}
	n := int64(1 << 30)
	if span.IsInt64() {
		n = min(span.Int64(), n)
	}
	at := new(big.Rat).SetInt(first.Add(first, big.NewInt(int64(m.choose(int(n)+1)))))
	f, _ := at.Mul(at, step).Float64()
	return jsonvalue.Float(f)
}
