package awstasks

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/document"
	"github.com/aws/smithy-go/traits"

	"github.com/statemill/statemill/jsonvalue"
)

// output reads the output of an operation as a value.
type output struct {
	naming naming
	schema *smithy.Schema
	value  jsonvalue.Value
}

// Deserialize implements smithy.Deserializable.
func (o *output) Deserialize(d smithy.ShapeDeserializer) (err error) {
	o.value, err = reader{naming: o.naming}.read(d, o.schema)
	return err
}

// streamedOutput is the output of an operation whose body is no JSON.
type streamedOutput struct {
	*output
	body io.ReadCloser
}

// SetPayloadStream implements smithy.StreamingOutput.
func (o *streamedOutput) SetPayloadStream(body io.ReadCloser) { o.body = body }

// readBody reads the body into the member that it belongs to.
func (o *streamedOutput) readBody() error {
	if o.body == nil {
		return nil
	}
	text, err := readStream(o.body)
	if err != nil {
		return err
	}
	for name, m := range o.schema.Members() {
		if _, ok := smithy.SchemaTrait[*traits.HTTPPayload](m); ok {
			o.value = o.value.With(o.naming.member(name), text)
		}
	}
	o.value = sorted(slices.Collect(membersOf(o.value)))
	return nil
}

func membersOf(v jsonvalue.Value) func(func(jsonvalue.Member) bool) {
	return func(yield func(jsonvalue.Member) bool) {
		for name, value := range v.Members() {
			if !yield(jsonvalue.Member{Name: name, Value: value}) {
				return
			}
		}
	}
}

// sorted returns an object with its members in the order of their names (recorded).
func sorted(members []jsonvalue.Member) jsonvalue.Value {
	slices.SortFunc(members, func(a, b jsonvalue.Member) int { return strings.Compare(a.Name, b.Name) })
	return jsonvalue.Object(members...)
}

// reader reads shapes.
type reader struct {
	naming
	depth int // how many shapes are around what it reads
}

// read reads a shape.
func (n reader) read(d smithy.ShapeDeserializer, s *smithy.Schema) (v jsonvalue.Value, err error) {
	if n.depth++; n.depth > jsonvalue.MaxDepth {
		return v, errors.New("awstasks: the response is too deep")
	}
	var members []jsonvalue.Member
	member := func(m *smithy.Schema) error {
		x, err := n.read(d, m)
		members = append(members, jsonvalue.Member{Name: n.member(m.MemberName()), Value: x})
		return err
	}
	switch s.Type() {
	case smithy.ShapeTypeStructure:
		err = smithy.ReadStruct(d, s, member)
		return sorted(members), err
	case smithy.ShapeTypeUnion:
		err = smithy.ReadUnion(d, s, member)
		return sorted(members), err
	case smithy.ShapeTypeMap:
		err = smithy.ReadMap(d, s, func(key string) error {
			x, err := n.readElement(d, s.MapValue())
			members = append(members, jsonvalue.Member{Name: key, Value: x})
			return err
		})
		return sorted(members), err
	case smithy.ShapeTypeList, smithy.ShapeTypeSet:
		return n.readList(d, s)
	}
	return n.readScalar(d, s)
}

// readElement reads an element of a list or map, which may be null.
func (n reader) readElement(d smithy.ShapeDeserializer, s *smithy.Schema) (v jsonvalue.Value, err error) {
	null, err := d.ReadNil(s)
	if !null && err == nil {
		v, err = n.read(d, s)
	}
	return v, err
}

func (n reader) readList(d smithy.ShapeDeserializer, s *smithy.Schema) (jsonvalue.Value, error) {
	var elements []jsonvalue.Value
	err := smithy.ReadList(d, s, func() error {
		x, err := n.readElement(d, s.ListMember())
		elements = append(elements, x)
		return err
	})
	return jsonvalue.Array(elements...), err
}

// readScalar reads what has no members.
func (n reader) readScalar(d smithy.ShapeDeserializer, s *smithy.Schema) (jsonvalue.Value, error) {
	switch s.Type() {
	case smithy.ShapeTypeString, smithy.ShapeTypeEnum:
		return scalar(d.ReadString, s, jsonvalue.String)
	case smithy.ShapeTypeBlob:
		return scalar(d.ReadBlob, s, shownBytes)
	case smithy.ShapeTypeBoolean:
		return scalar(d.ReadBool, s, jsonvalue.Bool)
	case smithy.ShapeTypeTimestamp:
		return scalar(d.ReadTime, s, func(t time.Time) jsonvalue.Value { return n.instant(t) })
	case smithy.ShapeTypeByte:
		return scalar(d.ReadInt8, s, func(i int8) jsonvalue.Value { return jsonvalue.Int(int64(i)) })
	case smithy.ShapeTypeShort:
		return scalar(d.ReadInt16, s, func(i int16) jsonvalue.Value { return jsonvalue.Int(int64(i)) })
	case smithy.ShapeTypeInteger, smithy.ShapeTypeIntEnum:
		return scalar(d.ReadInt32, s, func(i int32) jsonvalue.Value { return jsonvalue.Int(int64(i)) })
	case smithy.ShapeTypeLong:
		return scalar(d.ReadInt64, s, jsonvalue.Int)
	case smithy.ShapeTypeFloat:
		return scalar(d.ReadFloat32, s, func(f float32) jsonvalue.Value { return shownFloat(float64(f), 32) })
	case smithy.ShapeTypeDouble:
		return scalar(d.ReadFloat64, s, func(f float64) jsonvalue.Value { return shownFloat(f, 64) })
	case smithy.ShapeTypeDocument:
		return scalar(d.ReadDocument, s, shownDocument)
	}
	return jsonvalue.Value{}, fmt.Errorf("awstasks: a shape of type %d cannot be read", s.Type())
}

func scalar[T any](read func(*smithy.Schema, *T) error, s *smithy.Schema, show func(T) jsonvalue.Value) (jsonvalue.Value, error) {
	var x T
	err := read(s, &x)
	return show(x), err
}

// shownDocument shows a document as a text (unsure).
func shownDocument(d document.Value) jsonvalue.Value { return jsonvalue.String(valueOf(d).String()) }

func valueOf(d document.Value) jsonvalue.Value {
	switch d := d.(type) {
	case document.Map:
		var members []jsonvalue.Member
		for name, member := range d {
			members = append(members, jsonvalue.Member{Name: name, Value: valueOf(member)})
		}
		return sorted(members)
	case document.List:
		var elements []jsonvalue.Value
		for _, element := range d {
			elements = append(elements, valueOf(element))
		}
		return jsonvalue.Array(elements...)
	case document.String:
		return jsonvalue.String(string(d))
	case document.Boolean:
		return jsonvalue.Bool(bool(d))
	case document.Number:
		if v, err := jsonvalue.Parse([]byte(d)); err == nil {
			return v
		}
	}
	return jsonvalue.Value{}
}
