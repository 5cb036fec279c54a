package jsonpath

import "github.com/statemill/statemill/jsonvalue"

// Path is a compiled path. It is immutable and safe for concurrent use.
type Path struct {
	text  string
	root  string
	steps []step

	// hops are the steps once more if they are single names and indexes only,
	// and direct says so: most paths are, and can do without a search.
	hops   []hop
	direct bool

	definite bool
	// strictFrom is the first step from which on all are definite. A name that
	// is missing is an error only in that part.
	strictFrom int
}

// hop is a single name, or a single index if name is not used.
type hop struct {
	name  string
	index int // -1: a name
}

// Parse compiles a path. The error is a *[SyntaxError].
func Parse(text string) (*Path, error) {
	path, err := parse(text, jaywayDialect)
	if err != nil {
		return nil, err // not path: a nil *SyntaxError must not become an error
	}
	return path, nil
}

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
	p := &Path{text: text, root: root, steps: steps, direct: true}
	for i, s := range steps {
		if !s.definite() {
			p.strictFrom = i + 1
		}
		h, ok := asHop(s)
		p.hops = append(p.hops, h)
		p.direct = p.direct && ok
	}
	p.definite = p.strictFrom == 0
	if !p.direct {
		p.hops = nil
	}
	return p
}

func asHop(s step) (hop, bool) {
	switch s := s.(type) {
	case nameStep:
		return hop{name: string(s), index: -1}, true
	case indexStep:
		return hop{index: int(s)}, s >= 0
	}
	return hop{}, false
}

// Root returns where the path starts: "$", "$$" (the Context Object) or
// "$name" (a variable).
func (p *Path) Root() string { return p.root }

// Definite reports whether the path leads to exactly one value.
func (p *Path) Definite() bool { return p.definite }

// Get follows the path through root and returns what it finds. Names and
// single indexes do not allocate. The error is an *[Error].
func (p *Path) Get(root jsonvalue.Value) (jsonvalue.Value, error) {
	if p.direct {
		if v, ok := p.follow(root); ok {
			return v, nil
		}
	}
	return p.search(root)
}

// follow walks the hops; ok is false if one of them leads nowhere.
func (p *Path) follow(v jsonvalue.Value) (_ jsonvalue.Value, ok bool) {
	for i := range p.hops {
		if h := &p.hops[i]; h.index < 0 {
			v, ok = v.Get(h.name)
		} else {
			v, ok = v.Index(h.index)
		}
		if !ok {
			return v, false
		}
	}
	return v, true
}

// String returns the path as it was written.
func (p *Path) String() string { return p.text }
