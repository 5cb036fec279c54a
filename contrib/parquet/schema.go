package parquet

import (
	"fmt"
	"strings"
)

// physical is how the values of a column are stored.
type physical int64

const (
	booleans physical = iota
	int32s
	int64s
	int96s
	floats
	doubles
	byteArrays
	fixedArrays
)

// width returns how many bytes a value takes; 0: it differs.
func (l *leaf) width() int {
	switch l.physical {
	case int32s, floats:
		return 4
	case int64s, doubles:
		return 8
	case int96s:
		return 12
	case fixedArrays:
		return l.length
	}
	return 0
}

// repetition says how often something is there.
type repetition int64

const (
	once repetition = iota
	optional
	repeated
)

// element is a node of the schema as it is written: those below it follow.
type element struct {
	physical   physical
	typed      bool // it is a column
	length     int
	repetition repetition
	name       string
	children   int
	converted  int64 // the older way to say what a value means; -1: it does not
	logical    logical
	scale      int
}

// logical says what a value means.
type logical struct {
	kind   int64 // 0: nothing
	scale  int   // of a decimal
	unit   int64 // of a time: 1 milliseconds, 2 microseconds, 3 nanoseconds
	utc    bool
	signed bool
	known  bool
}

// node is a node of the schema.
type node struct {
	name       string
	repetition repetition
	definition int // the level from which on it is there
	level      int // the repetition level of its elements
	children   []*node
	leaf       *leaf // nil: a group
	bare       bool  // stands for its only child
	pairs      bool  // its only child are the keys and values of a map
	first, end int   // its columns
}

// leaf is a column.
type leaf struct {
	path                      string
	physical                  physical
	length                    int // of fixedArrays
	meaning                   meaning
	scale                     int
	unit                      int64
	utc                       bool
	maxRepetition, definition int
}

func readElement(t *compact, kind byte) element {
	e := element{converted: -1}
	t.structure(kind, func(id int64, kind byte) {
		switch id {
		case 1:
			e.physical, e.typed = physical(t.int(kind)), true
		case 2:
			e.length = t.size(kind)
		case 3:
			e.repetition = repetition(t.int(kind))
		case 4:
			e.name = t.text(kind)
		case 5:
			e.children = t.size(kind)
		case 6:
			e.converted = t.int(kind)
		case 7:
			e.scale = t.size(kind)
		case 10:
			e.logical = readLogical(t, kind)
		default:
			t.skip(kind)
		}
	})
	return e
}

// readLogical reads a union, whose only field says what it is.
func readLogical(t *compact, kind byte) (l logical) {
	t.structure(kind, func(id int64, kind byte) {
		l.kind, l.known = id, true
		t.structure(kind, func(id int64, kind byte) {
			switch {
			case l.kind == logicalDecimal && id == 1:
				l.scale = t.size(kind)
			case (l.kind == logicalTime || l.kind == logicalTimestamp) && id == 1:
				l.utc = t.bool(kind)
			case (l.kind == logicalTime || l.kind == logicalTimestamp) && id == 2:
				t.structure(kind, func(id int64, kind byte) {
					l.unit = id
					t.skip(kind)
				})
			case l.kind == logicalInteger && id == 2:
				l.signed = t.bool(kind)
			default:
				t.skip(kind)
			}
		})
	})
	return l
}

// tree makes the nodes of elements.
type tree struct {
	elements []element
	next     int
	leaves   []*leaf
}

func treeOf(elements []element) (*node, []*leaf, error) {
	if len(elements) == 0 || elements[0].typed {
		return nil, nil, fmt.Errorf("the schema has no columns")
	}
	elements[0].repetition = once
	t := tree{elements: elements}
	root, err := t.node(nil, 0, 0)
	if err == nil && t.next != len(elements) {
		err = fmt.Errorf("the schema has %d elements that belong to nothing", len(elements)-t.next)
	}
	return root, t.leaves, err
}

// node makes the next node. Its levels are those of its parent, and more.
func (t *tree) node(path []string, definition, level int) (*node, error) {
	if t.next == len(t.elements) {
		return nil, fmt.Errorf("the schema: %w", errEarly)
	}
	e := &t.elements[t.next]
	n := &node{name: e.name, repetition: e.repetition, definition: definition, level: level, first: len(t.leaves)}
	if t.next++; t.next > 1 {
		path = append(path, e.name)
	}
	switch e.repetition {
	case once:
	case optional:
		n.definition++
	case repeated:
		n.definition++
		n.level++
	default:
		return nil, fmt.Errorf("column %q has no repetition", strings.Join(path, "."))
	}
	var err error
	switch {
	case len(path) > maxNesting:
		err = fmt.Errorf("columns are nested more than %d deep", maxNesting)
	case e.typed:
		err = t.leaf(n, e, path)
	case e.children == 0:
		err = fmt.Errorf("group %q has no columns", strings.Join(path, "."))
	default:
		err = t.children(n, e, path)
	}
	n.end = len(t.leaves)
	return n, err
}

func (t *tree) leaf(n *node, e *element, path []string) error {
	l, err := leafOf(e)
	if err != nil {
		return fmt.Errorf("column %q: %w", strings.Join(path, "."), err)
	}
	if len(t.leaves) == maxColumns {
		return fmt.Errorf("more than %d columns", maxColumns)
	}
	l.path, l.maxRepetition, l.definition = strings.Join(path, "."), n.level, n.definition
	n.leaf, t.leaves = l, append(t.leaves, l)
	return nil
}

func (t *tree) children(n *node, e *element, path []string) error {
	for range e.children {
		child, err := t.node(path, n.definition, n.level)
		if err != nil {
			return err
		}
		n.children = append(n.children, child)
	}
	only := n.children[0]
	if len(n.children) > 1 || only.repetition != repeated {
		return nil
	}
	switch {
	case e.logical.kind == logicalList || !e.logical.known && e.converted == convertedList:
		n.bare = true
		// Older writers leave out the level between the list and its elements.
		only.bare = only.leaf == nil && len(only.children) == 1 && only.children[0].repetition != repeated && only.name != "array" && only.name != n.name+"_tuple"
	case e.logical.kind == logicalMap || !e.logical.known && (e.converted == convertedMap || e.converted == convertedMapKeyValue):
		n.pairs = only.leaf == nil && len(only.children) <= 2 && only.children[0].repetition != repeated
	}
	return nil
}
