package jsonata

import "strings"

// signature says which arguments a function takes.
type signature struct{ params []param }

// param is one parameter of a signature.
type param struct {
	symbol  string // "s", "a", "(nsb)"
	class   string // the types it takes, as letters; m is a missing one
	subtype string // of the members of an array
	context bool   // -: the context stands in for a missing argument
	option  bool   // ?
	repeat  bool   // +
}

// classes are the types that a symbol takes: an array parameter takes anything,
// which is wrapped.
func classOf(symbol byte) string {
	switch symbol {
	case 's', 'n', 'b', 'l', 'o':
		return string(symbol) + "m"
	case 'a', 'x':
		return "asnblfom"
	case 'j':
		return "asnblom"
	case 'f':
		return "f"
	}
	return ""
}

// parseSignature parses <...>. The position of a fault counts from its start.
func parseSignature(text string) (*signature, *fault) {
	sig := &signature{}
	last := func() *param {
		if len(sig.params) == 0 {
			return &param{}
		}
		return &sig.params[len(sig.params)-1]
	}
	for at := 1; at < len(text) && text[at] != ':'; at++ {
		switch c := text[at]; c {
		case '-':
			last().context = true
		case '?':
			last().option = true
		case '+':
			last().repeat = true
		case '(':
			end := closingBracket(text, at, ')')
			choice := text[at+1 : end]
			if strings.Contains(choice, "<") {
				return nil, fail("S0402", at).text("value", choice)
			}
			sig.params = append(sig.params, param{symbol: "(" + choice + ")", class: choice + "m"})
			at = end
		case '<':
			if s := last().symbol; s != "a" && s != "f" {
				return nil, fail("S0401", at).text("value", s)
			}
			end := closingBracket(text, at, '>')
			last().subtype = text[at+1 : end]
			at = end
		default:
			if class := classOf(c); class != "" {
				sig.params = append(sig.params, param{symbol: string(c), class: class})
			}
		}
	}
	return sig, nil
}

// closingBracket returns where the bracket at a position is closed.
func closingBracket(text string, at int, closing byte) int {
	opening, depth := text[at], 0
	for ; at < len(text); at++ {
		switch text[at] {
		case opening:
			depth++
		case closing:
			if depth--; depth == 0 {
				return at
			}
		}
	}
	return len(text) - 1
}

// letter returns the type of a value as signatures name it.
func (v value) letter() byte { return "mlbnsaof"[v.kind()] }

// validate checks arguments against the signature, and adds, converts and
// wraps as it says.
func (s *signature) validate(ev *evaluation, args []value, context value) ([]value, error) {
	var room [8]int
	counts, ok := s.quickMatch(args, room[:0])
	if !ok {
		m := matching{params: s.params, args: args, counts: make([]int, len(s.params))}
		ok, counts = m.match(0, 0), m.counts
		if err := ev.charge(m.work); err != nil {
			return nil, err
		}
		if !ok {
			return nil, s.mismatch(args)
		}
	}
	if s.fits(args, counts) {
		return args, nil
	}
	return s.convert(ev, args, counts, context)
}

// quickMatch matches arguments one to one, if that is possible.
func (s *signature) quickMatch(args []value, counts []int) ([]int, bool) {
	if len(args) > len(s.params) || len(s.params) > cap(counts) {
		return nil, false
	}
	for i := range s.params {
		p := &s.params[i]
		switch {
		case p.repeat, i >= len(args) && !p.optional():
			return nil, false
		case i >= len(args):
			counts = append(counts, 0)
		case !p.takes(args[i]):
			return nil, false
		default:
			counts = append(counts, 1)
		}
	}
	return counts, true
}

// fits reports whether the arguments are already what the function gets.
func (s *signature) fits(args []value, counts []int) bool {
	if len(args) != len(s.params) {
		return false
	}
	for i := range s.params {
		p := &s.params[i]
		if counts[i] != 1 || p.symbol == "a" && (p.subtype != "" || args[i].letter() != 'a') {
			return false
		}
	}
	return true
}

func (p *param) takes(v value) bool { return strings.IndexByte(p.class, v.letter()) >= 0 }
func (p *param) optional() bool     { return p.option || p.context }

// matching is the distribution of arguments over parameters.
type matching struct {
	params []param
	args   []value
	counts []int // how many arguments each parameter takes
	work   int   // so far
}

// maxWork is how much work a matching may be. A signature that needs more
// matches nothing.
const maxWork = 10_000

// match distributes the arguments from arg on over the parameters from i on,
// greedily, as a regular expression would.
func (m *matching) match(i, arg int) bool {
	if m.work++; m.work > maxWork {
		return false
	}
	if i == len(m.params) {
		return arg == len(m.args)
	}
	p := &m.params[i]
	most := 0
	for arg+most < len(m.args) && (p.repeat || most == 0) && p.takes(m.args[arg+most]) {
		most++
	}
	m.work += most / 4
	least := 1
	if p.optional() {
		least = 0
	}
	for n := most; n >= least; n-- {
		m.counts[i] = n
		if m.match(i+1, arg+n) {
			return true
		}
	}
	return false
}

// mismatch says which argument fits no parameter: the first that the longest
// possible prefix of the signature leaves over.
func (s *signature) mismatch(args []value) error {
	good, work := 0, 0
	for n := 1; n <= len(s.params) && work < 100*maxWork; n++ {
		longest := -1
		for end := len(args); end >= 0 && longest < 0; end-- {
			m := matching{params: s.params[:n], args: args[:end], counts: make([]int, n)}
			if m.match(0, 0) {
				longest = end
			}
			work += m.work + n/8
		}
		if longest < 0 {
			break
		}
		good = longest
	}
	return fail("T0410", 0).num("index", good+1)
}

// convert returns the arguments that the function gets. They lie on the stack of
// the evaluation.
func (s *signature) convert(ev *evaluation, args []value, counts []int, context value) ([]value, error) {
	base, at := len(ev.stack), 0
	for i := range s.params {
		p := &s.params[i]
		if counts[i] == 0 && p.context {
			if !context.isNothing() && !p.takes(context) {
				return nil, fail("T0411", 0).num("index", at+1)
			}
			ev.stack = append(ev.stack, context)
			continue
		}
		first := at
		for range max(counts[i], 1) {
			from := at
			if p.symbol != "a" && ev.expr.config.Dialect != V2_2 { // 2.0.6 repeats the first one
				from = first
			}
			var v value
			if from < len(args) {
				v = args[from]
			}
			at++
			v, err := p.wrap(ev, v, at)
			if err != nil {
				return nil, err
			}
			ev.stack = append(ev.stack, v)
		}
	}
	return ev.args(base), nil
}

// wrap makes an array of the argument of an array parameter.
func (p *param) wrap(ev *evaluation, v value, index int) (value, error) {
	if p.symbol != "a" || v.isNothing() {
		return v, nil
	}
	if p.subtype != "" {
		if err := ev.charge(v.len() / 4); err != nil {
			return value{}, err
		}
	}
	if p.subtype != "" && !p.holds(v) {
		plural := map[string]string{
			"a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings",
		}[p.subtype]
		f := fail("T0412", 0).num("index", index)
		if plural == "" {
			return value{}, f
		}
		return value{}, f.text("type", plural)
	}
	if v.isArray() {
		return v, nil
	}
	return arrayValue(&array{items: []value{v}, depth: v.nesting() + 1}), ev.charge(arraySteps + itemSteps)
}

// holds reports whether all members are of the type that the parameter wants.
func (p *param) holds(v value) bool {
	if !v.isArray() {
		return string(v.letter()) == p.subtype
	}
	for i, n := 0, v.len(); i < n; i++ {
		if v.at(i).letter() != p.subtype[0] {
			return false
		}
	}
	return true
}
