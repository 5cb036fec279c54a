package jsonvalue

import (
	"errors"
	"sync"

	"github.com/statemill/statemill/internal/jsontext"
)

// SyntaxError reports text that is not JSON.
type SyntaxError struct {
	Message      string // in the words that Step Functions uses
	Offset       int    // in bytes, from 0
	Line, Column int    // from 1; columns count characters
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Message }

// Parse reads one JSON text, strictly after RFC 8259. Of members with the same
// name the last one counts, in the place of the first, as on AWS. Arrays and
// objects nest at most [MaxDepth] deep and a number has at most 1,000
// characters. The error is a *[SyntaxError].
func Parse(text []byte) (Value, error) { return parse(string(text)) }

// MustParse is Parse for texts that are part of the program; it panics where
// Parse returns an error.
func MustParse(text string) Value {
	v, err := parse(text)
	if err != nil {
		panic("jsonvalue: " + err.Error() + " in " + text)
	}
	return v
}

func parse(text string) (Value, error) {
	b := builders.Get().(*builder)
	defer b.release()
	b.scan = jsontext.NewScanner(text)
	kind, err := b.scan.Next()
	var v Value
	if err == nil {
		v, err = b.value(kind, nil)
	}
	if err == nil {
		_, err = b.scan.Next()
	}
	if err != nil {
		return Value{}, syntaxError(text, err)
	}
	return v, nil
}

func syntaxError(text string, err error) error {
	var e *jsontext.SyntaxError
	if !errors.As(err, &e) {
		return err
	}
	line, column := jsontext.LineColumn(text, e.Offset)
	return &SyntaxError{e.Message, e.Offset, line, column}
}

// builder makes values of tokens. The content of containers that are still open
// waits on two stacks; when a container closes, its part is copied to where it
// stays, side by side with others.
type builder struct {
	scan     jsontext.Scanner
	members  []Member
	elements []Value

	memberRoom  room[Member]
	elementRoom room[Value]
}

var builders = sync.Pool{New: func() any { return new(builder) }}

// maxKept bounds the stacks that are kept for the next text.
const maxKept = 4096

// release makes b ready for another text. It keeps the stacks, without what
// they held.
func (b *builder) release() {
	if cap(b.members) > maxKept || cap(b.elements) > maxKept {
		return
	}
	clear(b.members[:cap(b.members)])
	clear(b.elements[:cap(b.elements)])
	*b = builder{members: b.members[:0], elements: b.elements[:0]}
	builders.Put(b)
}

// value makes the value that begins with a token. It is likely to look like the
// value in the same place of the element before; nil: there is none.
func (b *builder) value(kind jsontext.Kind, like *Value) (Value, error) {
	switch kind {
	case jsontext.String:
		return ownString(b.scan.Text()), nil
	case jsontext.Number:
		return b.number(), nil
	case jsontext.BeginObject:
		return b.object(like)
	case jsontext.BeginArray:
		return b.array(like)
	case jsontext.True:
		return Bool(true), nil
	case jsontext.False:
		return Bool(false), nil
	}
	return Value{}, nil
}

func (b *builder) number() Value {
	switch b.scan.Form {
	case jsontext.Int:
		return Int(b.scan.Int)
	case jsontext.Float:
		return ownFloat(b.scan.Float)
	}
	return ownExact(b.scan.Literal())
}

// object takes over the names of an object that it is like: what is looked up
// in a list is then found by comparing pointers, and no name is there twice.
func (b *builder) object(likeObject *Value) (Value, error) {
	base, alike := len(b.members), true
	var like []Member
	if likeObject != nil {
		like = likeObject.members()
	}
	for i := 0; ; i++ {
		kind, err := b.scan.Next()
		if err != nil {
			return Value{}, err
		}
		if kind == jsontext.EndObject {
			break
		}
		name := b.scan.Text()
		var before *Value
		if i < len(like) && like[i].Name == name {
			name, before = like[i].Name, &like[i].Value
		} else {
			alike = false
		}
		if kind, err = b.scan.Next(); err != nil {
			return Value{}, err
		}
		v, err := b.value(kind, before)
		if err != nil {
			return Value{}, err
		}
		b.members = append(b.members, Member{name, v})
	}
	members := b.memberRoom.place(b.members[base:])
	b.members = b.members[:base]
	if alike && len(members) <= smallMembers {
		return distinctObject(members), nil
	}
	return ownObject(members), nil
}

func (b *builder) array(likeArray *Value) (Value, error) {
	base := len(b.elements)
	var before *Value
	if likeArray != nil && likeArray.Kind() == KindArray && likeArray.Len() > 0 {
		before = &likeArray.elements()[0]
	}
	for {
		kind, err := b.scan.Next()
		if err != nil {
			return Value{}, err
		}
		if kind == jsontext.EndArray {
			break
		}
		v, err := b.value(kind, before)
		if err != nil {
			return Value{}, err
		}
		b.elements = append(b.elements, v)
		before = &b.elements[len(b.elements)-1]
	}
	elements := b.elementRoom.place(b.elements[base:])
	b.elements = b.elements[:base]
	return ownArray(elements), nil
}

// room is memory for the content of containers, taken in pieces that grow with
// what has been placed, so that a large text needs few allocations and a small
// one wastes nothing.
type room[T any] struct {
	free   []T
	placed int
}

// maxPiece bounds a piece, and so what one surviving value can hold on to.
const maxPiece = 512

func (r *room[T]) place(content []T) []T {
	n := len(content)
	if n > len(r.free) {
		if n >= maxPiece/4 {
			return append(make([]T, 0, n), content...)
		}
		r.free = make([]T, max(n, min(r.placed, maxPiece)))
	}
	placed := r.free[:n:n]
	copy(placed, content)
	r.free = r.free[n:]
	r.placed += n
	return placed
}
