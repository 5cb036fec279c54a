package jsonata

// syntaxKind tells the kinds of syntax nodes apart.
type syntaxKind uint8

const (
	syntaxEnd       syntaxKind = iota // the end of the text, where an operand was expected
	syntaxName                        // a name, the step of a path
	syntaxVariable                    // $name
	syntaxString                      // "..."
	syntaxNumber                      // 42
	syntaxValue                       // true, false, null
	syntaxRegex                       // /.../
	syntaxWildcard                    // *
	syntaxDescend                     // **
	syntaxParent                      // %
	syntaxHole                        // ? as an argument
	syntaxBinary                      // a + b, and before resolving also a.b, a[b], a{...}, a^(...), a@$v, a#$v
	syntaxNegate                      // -a
	syntaxArray                       // [a, b]
	syntaxObject                      // {k: v}
	syntaxBlock                       // (a; b)
	syntaxCondition                   // a ? b : c
	syntaxDefault                     // a ?: b, a ?? b
	syntaxBind                        // $v := a
	syntaxApply                       // a ~> b
	syntaxCall                        // f(a, b)
	syntaxPartial                     // f(a, ?)
	syntaxLambda                      // function($x){a}
	syntaxTransform                   // |a|b,c|
	syntaxPath                        // a.b.c, after resolving
	syntaxSort                        // the step that ^(...) becomes
)

// syntax is a node of the syntax tree. The parser builds what is written;
// resolving turns names and dots into paths and fills the second half.
type syntax struct {
	kind   syntaxKind
	tok    token     // what the node was made of; its position is the node's
	lhs    *syntax   // left side, operand, condition, procedure, pattern
	rhs    *syntax   // right side, then, body, update
	third  *syntax   // else, delete
	list   []*syntax // items, arguments, expressions of a block, steps of a path
	pairs  []pair
	terms  []sortTerm
	sig    *signature // of a lambda
	height int        // of the tree below, which bounds every recursion over it
	start  int        // the first byte of what was read

	keepArray bool // followed by []

	stages        []stage // filters and index bindings of a step
	predicates    []stage // filters of any other node
	group         *group
	focus         string  // of a step: the variable after @
	index         string  // of a step: the variable after #
	tuple         bool    // a step that makes tuples; a path that yields them
	consArray     bool    // an array constructor that is the end of a path
	keepSingleton bool    // a path with [] somewhere
	slot          *slot   // of a parent operator: what it looks for
	ancestor      *slot   // of a step: under which label its context is kept
	open          []*slot // slots whose parents are outside of the node
}

// pair is one member of an object constructor or grouping.
type pair struct{ key, value *syntax }

// sortTerm is one criterion of an order-by clause.
type sortTerm struct {
	expr       *syntax
	descending bool
}

// stage follows a step: it is a filter, or the binding of an index.
type stage struct {
	filter *syntax
	index  string
	pos    int
}

// group is a grouping of a node's result.
type group struct {
	pairs []pair
	pos   int
}

// slot is a place that a parent operator looks for, some levels up.
type slot struct {
	label string
	level int
}

// maxHeight is how deeply an expression may nest. Nothing that is written by
// hand comes near, and no goroutine stack suffers from it.
const maxHeight = 2000
