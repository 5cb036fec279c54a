package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// Path is a compiled path. It is immutable and safe for concurrent use.
type Path struct {
	text  string
	root  string
	steps []step

	// hops are the steps once more, for those that are a single name or index.
	// Most steps of most paths are, and need neither a search nor a location.
	hops []hop
	// strictFrom is the first step from which on all are definite. A name that
	// is missing is an error only in that part.
	strictFrom int
	// column is the wildcard of a path that ends in [*] or [*].name, else -1.
	column int
	// gaps: the path ends with an index behind a wildcard, without a scan. An array
	// that is too short has null there on AWS, which Jayway passes over.
	gaps bool
}

// hop is a step to a single member or element.
type hop struct {
	kind  hopKind
	index int
	name  string
}

type hopKind uint8

const (
	noHop hopKind = iota // any other step
	byName
	byIndex
)

// Parse compiles a path. The error is a *[SyntaxError].
func Parse(text string) (*Path, error) { return Config{}.Parse(text) }

// Config says how to compile paths. [Parse] and [ParseReference] use the zero
// Config.
type Config struct {
	// Budget bounds the work of compiling the patterns of filters. Parse takes
	// 1 off for every 8 bytes of a pattern and for every instruction of its
	// program, and fails with [ErrLimit] when nothing is left. Compiling many
	// paths with the same Budget bounds all of them together; that must not be
	// done by two goroutines at once.
	// Default: [DefaultBudget] for each path.
	Budget *int
}

// DefaultBudget is the budget of one path; see [Config].
const DefaultBudget = 250_000

// Parse compiles a path. The error is a *[SyntaxError].
func (c Config) Parse(text string) (*Path, error) { return c.parse(text, jaywayDialect) }

// MustParse is Parse for paths that are part of the program; it panics where
// Parse returns an error.
func MustParse(text string) *Path {
	path, err := Parse(text)
	if err != nil {
		panic("jsonpath: Parse(" + text + "): " + err.Error())
	}
	return path
}

// newPath derives from the steps what evaluation asks for.
func newPath(text, root string, steps []step) *Path {
	p := &Path{text: text, root: root, steps: steps, hops: make([]hop, len(steps))}
	wild, scans := false, false
	for i, s := range steps {
		p.hops[i] = asHop(s)
		if !s.definite() {
			p.strictFrom = i + 1
		}
		p.gaps = wild && !scans && p.hops[i].kind == byIndex
		wild = wild || s == step(wildcardStep{})
		scans = scans || s == step(scanStep{})
	}
	p.column = column(p)
	return p
}

// column returns what Path.column is for p.
func column(p *Path) int {
	i := len(p.hops) - 1
	if i > 0 && p.hops[i].kind == byName {
		i--
	}
	if i < 0 || p.steps[i] != step(wildcardStep{}) {
		return -1
	}
	return i
}

func asHop(s step) hop {
	switch s := s.(type) {
	case nameStep:
		return hop{kind: byName, name: string(s)}
	case indexStep:
		if s >= 0 {
			return hop{kind: byIndex, index: int(s)}
		}
	}
	return hop{}
}

// Root returns where the path starts: "$", "$$" (the Context Object) or
// "$name" (a variable).
func (p *Path) Root() string { return p.root }

// Definite reports whether the path leads to exactly one value.
func (p *Path) Definite() bool { return p.strictFrom == 0 }

// Get follows the path through root and returns what it finds: one value if
// the path is definite, else an array, which may be empty. Names and single
// indexes do not allocate. The error is an *[Error].
func (p *Path) Get(root jsonvalue.Value) (jsonvalue.Value, error) {
	if name, ok := p.member(); ok { // most paths
		if v, ok := root.Get(name); ok {
			return v, nil
		}
	}
	i, v := p.follow(0, root)
	switch {
	case i == len(p.steps):
		return v, nil
	case i == p.column && v.Kind() == jsonvalue.KindArray && v.Len() <= maxResults:
		return p.each(i+1, v), nil
	}
	return p.search(i, v, root)
}

// member returns the name of a path that is one name.
func (p *Path) member() (name string, ok bool) {
	if len(p.hops) != 1 || p.hops[0].kind != byName {
		return "", false
	}
	return p.hops[0].name, true
}

// String returns the path as it was written.
func (p *Path) String() string { return p.text }
