package asl

import (
	"iter"
	"strconv"
	"strings"

	"github.com/statemill/statemill/internal/jsontext"
)

// tree is a definition as JSON, with the place of everything in the text. Its
// rows are in the order of the text, so that whatever a value contains follows
// it immediately.
type tree struct {
	source string // as it was given
	prefix string // the location of the root, if that is a part of something
	rows   []row
}

// row is one value of a tree.
type row struct {
	kind       kind
	start, end int32  // of the value in the text
	nameStart  int32  // of the member name in the text, with its quotes
	nameEnd    int32  //
	parent     int32  // -1: none
	after      int32  // the first row that is no longer inside this one
	index      int32  // in the parent
	count      int32  // of members or elements
	name       string // of a member
	text       string // of a string
}

// kind is a type of JSON value, in the order of its names.
type kind uint8

const (
	nullKind kind = iota
	boolKind
	numberKind
	textKind
	arrayKind
	objectKind
	substitutionKind // ${Name}, outside quotes
)

// node is one value of a tree.
type node struct {
	*tree
	at int32
}

// reader builds a tree.
type reader struct {
	*tree
	scanner jsontext.Scanner
	open    []int32 // the arrays and objects around the next value
	name    struct {
		start, end int32
		text       string
	}
}

// readTree reads a text; scanned is what to scan in place of it, of the same
// length. The error is a *jsontext.SyntaxError.
func readTree(source, scanned string) (*tree, error) {
	r := reader{
		tree:    &tree{source: source, rows: make([]row, 0, len(source)/20+8)},
		scanner: jsontext.NewScanner(scanned),
	}
	for {
		token, err := r.scanner.Next()
		if err != nil {
			return nil, err
		}
		switch token {
		case jsontext.EOF:
			return r.tree, nil
		case jsontext.EndObject, jsontext.EndArray:
			r.close()
		case jsontext.Name:
			r.name.start, r.name.end = int32(r.scanner.Start), int32(r.scanner.End)
			r.name.text = r.scanner.Text()
		default:
			r.value(token)
		}
	}
}

func (r *reader) value(token jsontext.Kind) {
	at := int32(len(r.rows))
	v := row{
		start: int32(r.scanner.Start), end: int32(r.scanner.End),
		parent: -1, after: at + 1,
	}
	if n := len(r.open); n > 0 {
		v.parent = r.open[n-1]
		parent := &r.rows[v.parent]
		v.index = parent.count
		parent.count++
		if parent.kind == objectKind {
			v.nameStart, v.nameEnd, v.name = r.name.start, r.name.end, r.name.text
		}
	}
	switch token {
	case jsontext.BeginObject:
		v.kind = objectKind
	case jsontext.BeginArray:
		v.kind = arrayKind
	case jsontext.String:
		v.kind, v.text = textKind, r.scanner.Text()
		if r.source[v.start] != '"' {
			v.kind = substitutionKind
		}
	case jsontext.Number:
		v.kind = numberKind
	case jsontext.True, jsontext.False:
		v.kind = boolKind
	}
	r.rows = append(r.rows, v)
	if v.kind == objectKind || v.kind == arrayKind {
		r.open = append(r.open, at)
	}
}

func (r *reader) close() {
	at := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	r.rows[at].end = int32(r.scanner.End)
	r.rows[at].after = int32(len(r.rows))
}

func (t *tree) root() node { return node{t, 0} }

func (n node) row() *row    { return &n.rows[n.at] }
func (n node) kind() kind   { return n.row().kind }
func (n node) name() string { return n.row().name }
func (n node) text() string { return n.row().text }
func (n node) len() int     { return int(n.row().count) }

// raw returns the text of the value as it was written.
func (n node) raw() string { return n.source[n.row().start:n.row().end] }

// isTrue reports whether n is the literal true.
func (n node) isTrue() bool { return n.kind() == boolKind && n.source[n.row().start] == 't' }

// children iterates over the members of an object or the elements of an array.
func (n node) children() iter.Seq[node] {
	return func(yield func(node) bool) {
		for at := n.at + 1; at < n.row().after; at = n.rows[at].after {
			if !yield(node{n.tree, at}) {
				return
			}
		}
	}
}

// get returns the member of an object with this name; of several, the last.
func (n node) get(name string) (member node, ok bool) {
	if n.kind() != objectKind {
		return node{}, false
	}
	for at := n.at + 1; at < n.row().after; at = n.rows[at].after {
		if n.rows[at].name == name {
			member, ok = node{n.tree, at}, true
		}
	}
	return member, ok
}

// has reports whether an object has a member with this name.
func (n node) has(name string) bool {
	_, ok := n.get(name)
	return ok
}

// str returns the text of a member that is a string, and "" otherwise.
func (n node) str(name string) string {
	member, ok := n.get(name)
	if !ok {
		return ""
	}
	return member.text()
}

// location returns the path from the root, as AWS writes it: without any
// escapes. The root of a definition is "".
func (n node) location() string {
	var steps []node
	for at := n.at; n.rows[at].parent >= 0; at = n.rows[at].parent {
		steps = append(steps, node{n.tree, at})
	}
	var b strings.Builder
	b.WriteString(n.prefix)
	for i := len(steps) - 1; i >= 0; i-- {
		r := steps[i].row()
		if n.rows[r.parent].kind == arrayKind {
			b.WriteString("[" + strconv.Itoa(int(r.index)) + "]")
		} else {
			b.WriteString("/" + r.name)
		}
	}
	return b.String()
}

// find returns the value at a location. Names are written there as they are,
// also with slashes and brackets in them, so that more than one way to read a
// location may have to be tried.
func (n node) find(location string) (node, bool) {
	if n.at == 0 {
		location = strings.TrimPrefix(location, n.prefix)
	}
	if location == "" || location == "/" && n.at == 0 {
		return n, true
	}
	for child := range n.children() {
		rest, ok := child.step(location)
		if !ok {
			continue
		}
		if found, ok := child.find(rest); ok {
			return found, true
		}
	}
	return node{}, false
}

// step takes the name or index of n off the front of a location.
func (n node) step(location string) (rest string, ok bool) {
	r := n.row()
	if n.rows[r.parent].kind == arrayKind {
		return strings.CutPrefix(location, "["+strconv.Itoa(int(r.index))+"]")
	}
	if location[0] != '/' || !strings.HasPrefix(location[1:], r.name) {
		return "", false
	}
	rest = location[1+len(r.name):]
	return rest, rest == "" || rest[0] == '/' || rest[0] == '['
}
