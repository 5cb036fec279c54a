package awstasks

import (
	"maps"
	"reflect"
	"slices"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/traits"

	"github.com/statemill/statemill/jsonvalue"
)

// kind is what a shape is made of.
type kind uint8

const (
	scalarKind kind = iota
	structureKind
	unionKind
	listKind
	mapKind
)

// shape is what a parameter has to be: by a schema, or by a Go type of a client without schemas.
type shape interface {
	kind() kind
	name() string                              // in the model
	member(n naming, name string) shape        // of a structure or union; nil: it has none of this name
	members(n naming) []string                 // their names, but for a streamed body
	element() shape                            // of a list or map
	fits(name string, v jsonvalue.Value) error // of a scalar
}

// unknown refuses a member that a structure does not have.
func (n naming) unknown(s shape, name string, nested bool) error {
	if nested {
		return unknown(name, nil)
	}
	return unknown(name, s.members(n))
}

// schemaShape is a shape of a client with schemas.
type schemaShape struct{ schema *smithy.Schema }

func (s schemaShape) kind() kind {
	switch s.schema.Type() {
	case smithy.ShapeTypeStructure:
		return structureKind
	case smithy.ShapeTypeUnion:
		return unionKind
	case smithy.ShapeTypeList, smithy.ShapeTypeSet:
		return listKind
	case smithy.ShapeTypeMap:
		return mapKind
	}
	return scalarKind
}

func (s schemaShape) name() string {
	if target := s.schema.TargetID().Name; target != "" {
		return target
	}
	return s.schema.ID().Name
}

func (s schemaShape) member(n naming, name string) shape {
	if m := n.index(s.schema)[name]; m != nil {
		return schemaShape{m}
	}
	return nil
}

func (s schemaShape) members(n naming) (names []string) {
	for name, m := range n.index(s.schema) {
		if _, streamed := smithy.SchemaTrait[*traits.Streaming](m); !streamed {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s schemaShape) element() shape {
	if s.kind() == mapKind {
		return schemaShape{s.schema.MapValue()}
	}
	return schemaShape{s.schema.ListMember()}
}

func (s schemaShape) fits(name string, v jsonvalue.Value) (err error) {
	switch t := s.schema.Type(); t {
	case smithy.ShapeTypeString, smithy.ShapeTypeEnum:
		_, err = textOf(v, name)
	case smithy.ShapeTypeBoolean:
		_, err = boolOf(v, name)
	case smithy.ShapeTypeTimestamp:
		_, err = timeOf(v, name)
	case smithy.ShapeTypeFloat:
		_, err = floatOf(v, 32, name)
	case smithy.ShapeTypeDouble:
		_, err = floatOf(v, 64, name)
	default:
		if bits := intBits[t]; bits > 0 {
			_, err = intOf(v, bits, name)
		}
	}
	return err
}

// typeShape is a shape of a client without schemas.
type typeShape struct {
	of      reflect.Type
	structs *structs // with the unions that are known
}

func (s typeShape) with(of reflect.Type) typeShape {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	return typeShape{of, s.structs}
}

func (s typeShape) kind() kind {
	switch s.of.Kind() {
	case reflect.Struct:
		if s.of != timeType {
			return structureKind
		}
	case reflect.Interface:
		if s.structs.unions[s.of] != nil {
			return unionKind
		}
	case reflect.Slice:
		if s.of != bytesType {
			return listKind
		}
	case reflect.Map:
		return mapKind
	}
	return scalarKind
}

func (s typeShape) name() string { return s.of.Name() }

func (s typeShape) member(n naming, name string) shape {
	if s.kind() == unionKind {
		for member, of := range s.structs.unions[s.of] {
			if value, ok := of.FieldByName("Value"); ok && n.member(member) == name {
				return s.with(value.Type)
			}
		}
		return nil
	}
	if i, ok := s.structs.index(s.of)[name]; ok {
		return s.with(s.of.Field(i).Type)
	}
	return nil
}

func (s typeShape) members(naming) (names []string) {
	index := s.structs.index(s.of)
	for _, name := range slices.Sorted(maps.Keys(index)) {
		if s.of.Field(index[name]).Type != readerType {
			names = append(names, name)
		}
	}
	return names
}

func (s typeShape) element() shape { return s.with(s.of.Elem()) }

func (s typeShape) fits(name string, v jsonvalue.Value) error {
	return s.structs.fill(reflect.New(s.of).Elem(), name, v)
}
