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
