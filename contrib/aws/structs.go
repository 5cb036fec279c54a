package awstasks

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/statemill/statemill/jsonvalue"
)

// structs fills the Go structs of the SDK by their fields, and shows them, for clients without schemas. With schemas it fills what
// endpoint rules read of an input, and leaves out what only a schema tells.
type structs struct {
	naming  naming
	unions  map[reflect.Type]map[string]reflect.Type // the members of unions, by the model's names
	lenient bool                                     // what does not fit is left out
}

// Union names the members of a union in the input of a client without schemas, which Go cannot list. See UnionOf.
type Union struct {
	of      reflect.Type
	members map[string]reflect.Type
}

// UnionOf returns the members of a union: UnionOf[types.Destination](&types.DestinationMemberS3{}, ...). It panics if U is no
// interface, and if a member is no pointer to a struct with a Value: those are faults of the program.
func UnionOf[U any](members ...U) Union {
	u := Union{reflect.TypeFor[U](), make(map[string]reflect.Type)}
	if u.of.Kind() != reflect.Interface {
		panic(fmt.Sprintf("awstasks: %s is no union", u.of))
	}
	for _, m := range members {
		pointer := reflect.TypeOf(m)
		if pointer == nil || !isPointerToStruct(pointer) {
			panic(fmt.Sprintf("awstasks: %v is no member of %s", pointer, u.of))
		}
		member := pointer.Elem()
		if _, ok := member.FieldByName("Value"); !ok {
			panic(fmt.Sprintf("awstasks: %v is no member of %s", pointer, u.of))
		}
		u.members[strings.TrimPrefix(member.Name(), u.of.Name()+"Member")] = member
	}
	return u
}

var (
	timeType   = reflect.TypeFor[time.Time]()
	bytesType  = reflect.TypeFor[[]byte]()
	readerType = reflect.TypeFor[io.Reader]()
	metaType   = reflect.TypeFor[middleware.Metadata]()
)

// fields are the fields of structs by the names that are shown, each made once.
var fields sync.Map // of fieldKey to map[string]int

type fieldKey struct {
	of     reflect.Type
	naming naming
}

func (s *structs) index(of reflect.Type) map[string]int {
	key := fieldKey{of, s.naming}
	if known, ok := fields.Load(key); ok {
		return known.(map[string]int)
	}
	index := make(map[string]int)
	for i := range of.NumField() {
		f := of.Field(i)
		if _, twice := index[s.naming.member(f.Name)]; f.IsExported() && f.Type != metaType && !twice {
			index[s.naming.member(f.Name)] = i
		}
	}
	fields.Store(key, index)
	return index
}

// fill fills to with a value.
func (s *structs) fill(to reflect.Value, field string, v jsonvalue.Value) error {
	switch to.Type() {
	case timeType:
		t, err := timeOf(v, field)
		to.Set(reflect.ValueOf(t))
		return err
	case bytesType:
		to.SetBytes(s.naming.bytes(v))
		return nil
	case readerType:
		to.Set(reflect.ValueOf(strings.NewReader(v.String())))
		return nil
	}
	switch to.Kind() {
	case reflect.Pointer:
		p := reflect.New(to.Type().Elem())
		to.Set(p)
		return s.fill(p.Elem(), field, v)
	case reflect.Struct:
		return s.fillStruct(to, field, v, true)
	case reflect.Map:
		return s.fillMap(to, field, v)
	case reflect.Slice:
		return s.fillSlice(to, field, v)
	case reflect.Interface:
		return s.fillUnion(to, field, v)
	}
	return fillScalar(to, field, v)
}

func (s *structs) fillStruct(to reflect.Value, field string, v jsonvalue.Value, nested bool) error {
	if v.Kind() != jsonvalue.KindObject {
		return mustBe(field, "STRUCTURE")
	}
	index := s.index(to.Type())
	for name, member := range v.Members() {
		i, known := index[name]
		if !known {
			if s.lenient || s.naming.drops(nested) {
				continue
			}
			return s.naming.unknown(typeShape{to.Type(), s}, name, nested)
		}
		f := to.Field(i)
		if member.IsNull() && f.Type() != readerType && f.Type() != bytesType {
			continue
		}
		if err := s.fill(f, name, member); err != nil && !s.lenient {
			return err
		}
	}
	return nil
}

func (s *structs) fillMap(to reflect.Value, field string, v jsonvalue.Value) error {
	if v.Kind() != jsonvalue.KindObject {
		return mustBe(field, "MAP")
	}
	m := reflect.MakeMap(to.Type())
	for key, value := range v.Members() {
		element := reflect.New(to.Type().Elem()).Elem()
		if value.IsNull() {
			continue
		}
		if err := s.fill(element, key, value); err != nil {
			return err
		}
		m.SetMapIndex(reflect.ValueOf(key).Convert(to.Type().Key()), element)
	}
	to.Set(m)
	return nil
}

func (s *structs) fillSlice(to reflect.Value, field string, v jsonvalue.Value) error {
	if v.Kind() != jsonvalue.KindArray {
		return mustBe(field, "LIST")
	}
	list := reflect.MakeSlice(to.Type(), v.Len(), v.Len())
	for i, element := range v.Elements() {
		if err := s.fill(list.Index(i), field, element); err != nil {
			return err
		}
	}
	to.Set(list)
	return nil
}

func (s *structs) fillUnion(to reflect.Value, field string, v jsonvalue.Value) error {
	members := s.unions[to.Type()]
	switch {
	case members == nil && s.lenient:
		return nil
	case members == nil:
		return &refusal{fmt.Sprintf("The field '%s' is a union: Tasks.Unions must name the members of %s", field, to.Type())}
	}
	key, value, ok := theOne(v)
	if !ok {
		return mustBe(field, "UNION with one member")
	}
	for name, member := range members {
		if s.naming.member(name) == key {
			p := reflect.New(member)
			to.Set(p)
			return s.fill(p.Elem().FieldByName("Value"), key, value)
		}
	}
	return unknown(key, nil)
}

func fillScalar(to reflect.Value, field string, v jsonvalue.Value) error {
	switch to.Kind() {
	case reflect.String:
		text, err := textOf(v, field)
		to.SetString(text)
		return err
	case reflect.Bool:
		b, err := boolOf(v, field)
		to.SetBool(b)
		return err
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := intOf(v, to.Type().Bits(), field)
		to.SetInt(i)
		return err
	case reflect.Float32, reflect.Float64:
		f, err := floatOf(v, to.Type().Bits(), field)
		to.SetFloat(f)
		return err
	}
	return &refusal{"The field '" + field + "' has a type that cannot be sent"}
}

// show returns what Step Functions shows of an output.
func (s *structs) show(v reflect.Value) (jsonvalue.Value, error) {
	if (v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface) && v.IsNil() {
		return jsonvalue.Value{}, nil // an element of a list or map
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return s.naming.instant(x), nil
	case []byte:
		return shownBytes(x), nil
	case io.ReadCloser:
		return readStream(x)
	case interface{ MarshalSmithyDocument() ([]byte, error) }:
		text, err := x.MarshalSmithyDocument()
		return shownBytes(text), err
	}
	switch v.Kind() {
	case reflect.Pointer:
		return s.show(v.Elem())
	case reflect.Struct:
		return s.showStruct(v)
	case reflect.Map:
		return s.showMap(v)
	case reflect.Slice:
		elements := make([]jsonvalue.Value, v.Len())
		for i := range elements {
			var err error
			if elements[i], err = s.show(v.Index(i)); err != nil {
				return jsonvalue.Value{}, err
			}
		}
		return jsonvalue.Array(elements...), nil
	case reflect.Interface:
		return s.showUnion(v)
	}
	return showScalar(v)
}

func (s *structs) showStruct(v reflect.Value) (jsonvalue.Value, error) {
	var members []jsonvalue.Member
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Type == metaType || isAbsent(v.Field(i)) {
			continue
		}
		member, err := s.show(v.Field(i))
		if err != nil {
			return jsonvalue.Value{}, err
		}
		members = append(members, jsonvalue.Member{Name: s.naming.member(f.Name), Value: member})
	}
	return sorted(members), nil
}

func (s *structs) showMap(v reflect.Value) (jsonvalue.Value, error) {
	var members []jsonvalue.Member
	for _, key := range v.MapKeys() {
		value, err := s.show(v.MapIndex(key))
		if err != nil {
			return jsonvalue.Value{}, err
		}
		members = append(members, jsonvalue.Member{Name: key.String(), Value: value})
	}
	return sorted(members), nil
}

// showUnion shows the one member of a union. One that this version of the client does not know has no value.
func (s *structs) showUnion(v reflect.Value) (jsonvalue.Value, error) {
	member := reflect.Indirect(v.Elem())
	name, known := strings.CutPrefix(member.Type().Name(), v.Type().Name()+"Member")
	value := member
	if known && member.Kind() == reflect.Struct {
		value = member.FieldByName("Value")
	}
	if !known || !value.IsValid() {
		return jsonvalue.Object(), nil
	}
	shown, err := s.show(value)
	return jsonvalue.Object(jsonvalue.Member{Name: s.naming.member(name), Value: shown}), err
}

func showScalar(v reflect.Value) (jsonvalue.Value, error) {
	switch v.Kind() {
	case reflect.String:
		return jsonvalue.String(v.String()), nil
	case reflect.Bool:
		return jsonvalue.Bool(v.Bool()), nil
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return jsonvalue.Int(v.Int()), nil
	case reflect.Float32, reflect.Float64:
		return shownFloat(v.Float(), v.Type().Bits()), nil
	}
	return jsonvalue.Value{}, fmt.Errorf("awstasks: a value of type %s cannot be shown", v.Type())
}

// isAbsent reports whether a member is not there. Numbers and booleans that are no pointers always are.
func isAbsent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.String() == ""
	}
	return false
}
