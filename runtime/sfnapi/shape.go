package sfnapi

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode"
)

// shape says which members a structure of a request has. It is made of the tags of a
// struct:
//
//	Name string `sfn:"name,required,1..80,pattern=alias"`
//
// The tag begins with the name of the member. required, low..high (of a number the
// value, of a text or list the length; high may be missing), pattern=, enum= and data
// follow, all optional. data is a text whose length counts in bytes and which no message
// shows. A pointer tells an absent member from an empty one.
type shape struct {
	name    string // as AWS calls the structure
	members []member
}

// member is a member of a structure, or the elements of a list.
type member struct {
	name     string
	field    int // in the struct
	kind     memberKind
	required bool
	data     bool

	bounded   bool
	low, high int64 // high -1: none

	pattern *pattern
	enum    *enum

	elements  *member // of a list
	structure *shape
}

// memberKind is what the value of a member is.
type memberKind uint8

const (
	isText memberKind = iota
	isInteger
	isNumber
	isBool
	isList
	isStructure
)

// shapeOf reads the tags of a struct. It panics if they make no sense, which the tests
// of the package would see.
func shapeOf(t reflect.Type) *shape {
	s := &shape{name: string(unicode.ToUpper(rune(t.Name()[0]))) + t.Name()[1:]}
	for i := range t.NumField() {
		tag, ok := t.Field(i).Tag.Lookup("sfn")
		if !ok {
			panic(fmt.Sprintf("%s.%s has no tag", t, t.Field(i).Name))
		}
		m := member{field: i, high: -1}
		words := strings.Split(tag, ",")
		m.name = words[0]
		target := &m
		m.typed(t.Field(i).Type)
		for _, word := range words[1:] {
			if word == "each" { // what follows is about the elements of the list
				target = m.elements
				continue
			}
			target.constrain(word)
		}
		s.members = append(s.members, m)
	}
	return s
}

// typed sets what the value is.
func (m *member) typed(t reflect.Type) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		m.kind = isText
	case reflect.Int64:
		m.kind = isInteger
	case reflect.Float64:
		m.kind = isNumber
	case reflect.Bool:
		m.kind = isBool
	case reflect.Slice:
		m.kind, m.elements = isList, &member{name: "member", high: -1}
		m.elements.typed(t.Elem())
	case reflect.Struct:
		m.kind, m.structure = isStructure, shapeOf(t)
	default:
		panic("no request has a " + t.String())
	}
}

// constrain reads a word of a tag.
func (m *member) constrain(word string) {
	if low, high, ok := strings.Cut(word, ".."); ok {
		m.bounded = true
		m.low = integer(low)
		if high != "" {
			m.high = integer(high)
		}
		return
	}
	key, value, _ := strings.Cut(word, "=")
	switch key {
	case "required":
		m.required = true
	case "data":
		m.data = true
	case "pattern":
		m.pattern = patterns[value]
	case "enum":
		m.enum = enums[value]
	default:
		panic("unknown word " + word)
	}
	if key == "pattern" && m.pattern == nil || key == "enum" && m.enum == nil {
		panic("unknown " + word)
	}
}

func integer(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}
