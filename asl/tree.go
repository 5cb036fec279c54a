package asl

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/statemill/statemill/internal/jsontext"
)

// tree is a definition as JSON, with the place of everything in the text. Its
// rows are in the order of the text, so that whatever a value contains follows
// it immediately. Rows have no pointers: a definition of many values is no work
// for the garbage collector.
type tree struct {
	source  string // as it was given
	prefix  string // the location of the root, if that is a part of something
	rows    []row
	escaped map[int32]string // names (at -1-row) and strings (at row) that are written with escapes
}

// row is one value of a tree.
type row struct {
	kind      kind
	escapes   escapes
	hash      uint8   // of the member name
	field     int8    // 1 + its number in the table of its object; 0 if it is none there, or not checked
	names     hashSet // of the names of the members
	start     int32   // of the value in the text
	end       int32
	nameStart int32 // of the member name in the text, with its quotes; 0 if there is none
	nameEnd   int32
	parent    int32 // -1: none
	after     int32 // the first row that is no longer inside this one
	index     int32 // in the parent
	count     int32 // of members or elements
}

// escapes says whether the name of a row, or its string, is written with
// escapes, so that it is not a part of the text.
type escapes uint8

const (
	nameEscaped escapes = 1 << iota
	textEscaped
)

// hashSet is a set of hashes of names. It tells most of the names that an object
// does not have.
type hashSet uint64

func (s hashSet) has(hash uint8) bool { return s&(1<<hash) != 0 }
func (s *hashSet) add(hash uint8)     { *s |= 1 << hash }

// nameHash returns a hash below 64. Its factors are such that few fields of the
// same kind of object share one.
func nameHash(name string) uint8 {
	if name == "" {
		return 0
	}
	return (uint8(len(name))*18 + name[0]*7 + name[len(name)-1]*29) % 64
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
		start, end int
		text       string
	}
}

// readTree reads a text. It scans the text in scanned, which has the same length
// and strings in the places of substitutions. The error is a
// *jsontext.SyntaxError.
func readTree(source, scanned string, rows []row) (*tree, error) {
	r := reader{
		tree:    &tree{source: source, rows: slices.Grow(rows, rowsIn(source))},
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
			r.name.start, r.name.end, r.name.text = r.scanner.Start, r.scanner.End, r.scanner.Text()
		default:
			r.value(token)
		}
	}
}

// rowsIn guesses how many values a text has, rather too many than too few.
func rowsIn(source string) int {
	n := 1 + strings.Count(source, ",") + strings.Count(source, "{") + strings.Count(source, "[")
	return min(n, len(source)/8+8)
}

func (r *reader) value(token jsontext.Kind) {
	at := int32(len(r.rows))
	r.rows = append(r.rows, row{
		kind:  kinds[token],
		start: int32(r.scanner.Start), end: int32(r.scanner.End),
		parent: -1, after: at + 1,
	})
	v := &r.rows[at]
	if n := len(r.open); n > 0 {
		v.parent = r.open[n-1]
		r.child(v, at)
	}
	switch v.kind {
	case textKind:
		r.text(v, at)
	case objectKind, arrayKind:
		r.open = append(r.open, at)
	}
}

// kinds are the kinds of value that tokens begin.
var kinds = [...]kind{
	jsontext.True: boolKind, jsontext.False: boolKind, jsontext.Number: numberKind, jsontext.String: textKind,
	jsontext.BeginArray: arrayKind, jsontext.BeginObject: objectKind, jsontext.EndObject: nullKind,
}

// child enters a value as the next one of the container around it.
func (r *reader) child(v *row, at int32) {
	parent := &r.rows[v.parent]
	v.index = parent.count
	parent.count++
	if parent.kind != objectKind {
		return
	}
	v.nameStart, v.nameEnd = int32(r.name.start), int32(r.name.end)
	v.hash = nameHash(r.name.text)
	parent.names.add(v.hash)
	if len(r.name.text) != r.name.end-r.name.start-len(`""`) {
		v.escapes |= nameEscaped
		r.remember(-1-at, r.name.text)
	}
}

func (r *reader) text(v *row, at int32) {
	if r.source[v.start] != '"' {
		v.kind = substitutionKind
	} else if text := r.scanner.Text(); len(text) != int(v.end-v.start)-len(`""`) {
		v.escapes |= textEscaped
		r.remember(at, text)
	}
}

func (r *reader) remember(key int32, text string) {
	if r.escaped == nil {
		r.escaped = map[int32]string{}
	}
	r.escaped[key] = text
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
func (n node) name() string { return n.tree.name(n.at) }
func (n node) len() int     { return int(n.row().count) }

// name returns the name of a member; "" if the row is none.
func (t *tree) name(at int32) string {
	r := &t.rows[at]
	switch {
	case r.nameEnd == 0:
		return ""
	case r.escapes&nameEscaped != 0:
		return t.escaped[-1-at]
	}
	return t.source[r.nameStart+1 : r.nameEnd-1]
}

// named reports whether a row is a member with this name.
func (t *tree) named(at int32, name string) bool {
	r := &t.rows[at]
	if r.escapes&nameEscaped != 0 {
		return t.escaped[-1-at] == name
	}
	return int(r.nameEnd-r.nameStart) == len(name)+len(`""`) && t.source[r.nameStart+1:r.nameEnd-1] == name
}

// text returns the value of a string, or a substitution as it was written; ""
// if n is something else.
func (n node) text() string {
	r := n.row()
	switch {
	case r.kind == substitutionKind:
		return n.source[r.start:r.end]
	case r.kind != textKind:
		return ""
	case r.escapes&textEscaped != 0:
		return n.escaped[n.at]
	}
	return n.source[r.start+1 : r.end-1]
}

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
	object, hash := n.row(), nameHash(name)
	if !object.names.has(hash) {
		return node{}, false
	}
	for at := n.at + 1; at < object.after; at = n.rows[at].after {
		if n.rows[at].hash == hash && n.tree.named(at, name) {
			member, ok = node{n.tree, at}, true
		}
	}
	return member, ok
}

// first returns the first member with a name, which there is, and its hash.
func (n node) first(name string, hash uint8) node {
	at := n.at + 1
	for n.rows[at].hash != hash || !n.tree.named(at, name) {
		at = n.rows[at].after
	}
	return node{n.tree, at}
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
			b.WriteString("/" + steps[i].name())
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
	name := n.name()
	if location[0] != '/' || !strings.HasPrefix(location[1:], name) {
		return "", false
	}
	rest = location[1+len(name):]
	return rest, rest == "" || rest[0] == '/' || rest[0] == '['
}
