package awstasks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/document"
	"github.com/aws/smithy-go/traits"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/statemill/statemill/jsonvalue"
)

// protocol stands before the protocol of a client with schemas: parameters are written by the schema of the operation, and
// never become a Go struct, and the response is read by it.
type protocol struct {
	smithyhttp.ClientProtocol
	naming naming
	params jsonvalue.Value
	out    jsonvalue.Value
	read   bool // there is an out
}

// SerializeRequest implements smithyhttp.ClientProtocol.
func (p *protocol) SerializeRequest(ctx context.Context, op *smithy.OperationSchema, in smithy.Serializable, r *smithyhttp.Request) error {
	if op.Input == nil {
		return p.ClientProtocol.SerializeRequest(ctx, op, in, r)
	}
	w := &input{naming: p.naming, schema: op.Input, params: p.params, filled: reflect.Indirect(reflect.ValueOf(in))}
	var written smithy.Serializable = w
	if stream, ok := in.(smithy.StreamingInput); ok {
		written = &streamedInput{w, stream}
	}
	err := p.ClientProtocol.SerializeRequest(ctx, op, written, r)
	if w.err != nil {
		return w.err // nothing is sent
	}
	return err
}

// DeserializeResponse implements smithyhttp.ClientProtocol. The readers of the SDK go on after JSON that is wrong or ends too early, or
// panic.
func (p *protocol) DeserializeResponse(ctx context.Context, op *smithy.OperationSchema, types *smithy.TypeRegistry, r *smithyhttp.Response, out smithy.Deserializable) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the response cannot be read: %v", value)
		}
	}()
	if err := p.wellFormed(op, r); err != nil {
		return err
	}
	if op.Output == nil {
		return p.ClientProtocol.DeserializeResponse(ctx, op, types, r, out)
	}
	o := &output{naming: p.naming, schema: op.Output, value: jsonvalue.Object()}
	p.read = true
	if _, ok := out.(smithy.StreamingOutput); !ok {
		err := p.ClientProtocol.DeserializeResponse(ctx, op, types, r, o)
		p.out = o.value
		return err
	}
	streamed := &streamedOutput{output: o}
	err = p.ClientProtocol.DeserializeResponse(ctx, op, types, r, streamed)
	if err == nil {
		err = streamed.readBody()
	}
	p.out = o.value
	return err
}

// wellFormed refuses a response that is no JSON where it has to be.
func (p *protocol) wellFormed(op *smithy.OperationSchema, r *smithyhttp.Response) error {
	if op.Output == nil || r.StatusCode >= http.StatusMultipleChoices || !strings.Contains(strings.ToLower(p.ID().Name), "json") {
		return nil
	}
	for _, m := range op.Output.Members() {
		if _, ok := smithy.SchemaTrait[*traits.HTTPPayload](m); ok {
			return nil // the body is a member
		}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
		return errors.New("the response is no JSON")
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(body), r.Body}
	return nil
}

// input is parameters as the input of an operation.
type input struct {
	naming naming
	schema *smithy.Schema
	params jsonvalue.Value
	filled reflect.Value // the Go struct, with what the SDK has put in: idempotency tokens
	err    error         // why the parameters do not fit
}

type streamedInput struct {
	*input
	smithy.StreamingInput
}

// Serialize implements smithy.Serializable.
func (in *input) Serialize(s smithy.ShapeSerializer) {
	s.WriteStruct(in.schema)
	in.err = in.naming.writeMembers(s, in.schema, in.params, false)
	for name, m := range in.schema.Members() {
		if given, _ := in.params.Get(in.naming.member(name)); !given.IsNull() || m.Type() != smithy.ShapeTypeString {
			continue
		}
		if f := in.filled.FieldByName(capital(name)); f.IsValid() && f.Kind() == reflect.Pointer && !f.IsNil() && f.Elem().Kind() == reflect.String {
			s.WriteString(m, f.Elem().String())
		}
	}
	s.CloseStruct()
	in.addressed()
}

// addressed refuses parameters without what the path or the host is made of: the request would go to something else.
func (in *input) addressed() {
	members := in.schema.Members()
	for _, name := range slices.Sorted(maps.Keys(members)) {
		_, inPath := smithy.SchemaTrait[*traits.HTTPLabel](members[name])
		_, inHost := smithy.SchemaTrait[*traits.HostLabel](members[name])
		given, _ := in.params.Get(in.naming.member(name))
		if in.err == nil && (inPath || inHost) && (given.IsNull() || given.Equal(jsonvalue.String(""))) {
			in.err = missing(in.naming.member(name))
		}
	}
}

// indexes are the members of schemas by the names that are shown, each made once.
var indexes sync.Map // of indexKey to map[string]*smithy.Schema

type indexKey struct {
	schema *smithy.Schema
	naming naming
}

func (n naming) index(schema *smithy.Schema) map[string]*smithy.Schema {
	key := indexKey{schema, n}
	if known, ok := indexes.Load(key); ok {
		return known.(map[string]*smithy.Schema)
	}
	members := make(map[string]*smithy.Schema)
	all := schema.Members()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if _, twice := members[n.member(name)]; !twice {
			members[n.member(name)] = all[name]
		}
	}
	indexes.Store(key, members)
	return members
}

// writeMembers writes the members of a structure. What is null is left out.
func (n naming) writeMembers(s smithy.ShapeSerializer, schema *smithy.Schema, v jsonvalue.Value, nested bool) error {
	members := n.index(schema)
	for name, member := range v.Members() {
		m := members[name]
		if m == nil && n.drops(nested) {
			continue
		}
		if m == nil {
			return n.unknown(schemaShape{schema}, name, nested)
		}
		if member.IsNull() && m.Type() != smithy.ShapeTypeBlob {
			continue
		}
		if err := n.write(s, m, name, member); err != nil {
			return err
		}
	}
	return nil
}

// write writes a value as a shape.
func (n naming) write(s smithy.ShapeSerializer, m *smithy.Schema, name string, v jsonvalue.Value) error {
	switch m.Type() {
	case smithy.ShapeTypeStructure:
		if v.Kind() != jsonvalue.KindObject {
			return mustBe(name, "STRUCTURE")
		}
		s.WriteStruct(m)
		defer s.CloseStruct()
		return n.writeMembers(s, m, v, true)
	case smithy.ShapeTypeUnion:
		return n.writeUnion(s, m, name, v)
	case smithy.ShapeTypeList, smithy.ShapeTypeSet:
		if v.Kind() != jsonvalue.KindArray {
			return mustBe(name, "LIST")
		}
		s.WriteList(m)
		defer s.CloseList()
		for _, element := range v.Elements() { // one that is null does not fit (unsure)
			if err := n.write(s, m.ListMember(), name, element); err != nil {
				return err
			}
		}
		return nil
	case smithy.ShapeTypeMap:
		if v.Kind() != jsonvalue.KindObject {
			return mustBe(name, "MAP")
		}
		s.WriteMap(m)
		defer s.CloseMap()
		for key, element := range v.Members() {
			if element.IsNull() {
				continue
			}
			s.WriteKey(m.MapKey(), key)
			if err := n.write(s, m.MapValue(), key, element); err != nil {
				return err
			}
		}
		return nil
	}
	return n.writeScalar(s, m, name, v)
}

func (n naming) writeUnion(s smithy.ShapeSerializer, m *smithy.Schema, name string, v jsonvalue.Value) error {
	key, value, ok := theOne(v)
	if !ok {
		return mustBe(name, "UNION with one member")
	}
	variant := n.index(m)[key]
	if variant == nil {
		return unknown(key, nil)
	}
	s.WriteUnion(m, variant)
	defer s.CloseUnion()
	return n.write(s, variant, key, value)
}

// writeScalar writes what has no members.
func (n naming) writeScalar(s smithy.ShapeSerializer, m *smithy.Schema, name string, v jsonvalue.Value) (err error) {
	switch m.Type() {
	case smithy.ShapeTypeString, smithy.ShapeTypeEnum:
		var text string
		text, err = textOf(v, name)
		s.WriteString(m, text)
	case smithy.ShapeTypeBlob:
		s.WriteBlob(m, n.bytes(v))
	case smithy.ShapeTypeBoolean:
		var b bool
		b, err = boolOf(v, name)
		s.WriteBool(m, b)
	case smithy.ShapeTypeTimestamp:
		at, failed := timeOf(v, name)
		s.WriteTime(m, at)
		err = failed
	case smithy.ShapeTypeFloat, smithy.ShapeTypeDouble:
		err = writeFloat(s, m, name, v)
	case smithy.ShapeTypeDocument:
		s.WriteDocument(m, documentOf(v))
	default:
		err = writeInt(s, m, name, v)
	}
	return err
}

func writeFloat(s smithy.ShapeSerializer, m *smithy.Schema, name string, v jsonvalue.Value) error {
	if m.Type() == smithy.ShapeTypeFloat {
		f, err := floatOf(v, 32, name)
		s.WriteFloat32(m, float32(f))
		return err
	}
	f, err := floatOf(v, 64, name)
	s.WriteFloat64(m, f)
	return err
}

// intBits are the sizes of whole numbers.
var intBits = map[smithy.ShapeType]int{smithy.ShapeTypeByte: 8, smithy.ShapeTypeShort: 16, smithy.ShapeTypeInteger: 32, smithy.ShapeTypeIntEnum: 32, smithy.ShapeTypeLong: 64}

func writeInt(s smithy.ShapeSerializer, m *smithy.Schema, name string, v jsonvalue.Value) error {
	bits := intBits[m.Type()]
	if bits == 0 {
		return &refusal{"The field '" + name + "' has a type that cannot be sent"}
	}
	i, err := intOf(v, bits, name)
	switch bits {
	case 8:
		s.WriteInt8(m, int8(i))
	case 16:
		s.WriteInt16(m, int16(i))
	case 32:
		s.WriteInt32(m, int32(i))
	default:
		s.WriteInt64(m, i)
	}
	return err
}

// documentOf returns any JSON as a document.
func documentOf(v jsonvalue.Value) document.Value {
	switch v.Kind() {
	case jsonvalue.KindObject:
		m := make(document.Map, v.Len())
		for name, member := range v.Members() {
			m[name] = documentOf(member)
		}
		return m
	case jsonvalue.KindArray:
		list := make(document.List, 0, v.Len())
		for _, element := range v.Elements() {
			list = append(list, documentOf(element))
		}
		return list
	}
	if text, ok := v.AsString(); ok {
		return document.String(text)
	}
	if b, ok := v.AsBool(); ok {
		return document.Boolean(b)
	}
	if number, ok := v.AsNumber(); ok {
		return document.Number(number)
	}
	return document.Null{}
}
