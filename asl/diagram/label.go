package diagram

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/statemill/statemill/asl"
)

func number(n int) string { return strconv.Itoa(n) }

// width estimates the width of a text; letter is that of a mean letter.
func width(text string, letter float64) float64 {
	n := 0.0
	for _, r := range text {
		switch {
		case r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			n += 1.8
		case strings.ContainsRune("iljtfI.,:;'|!()[] ", r):
			n += 0.6
		case strings.ContainsRune("mwMW@%", r):
			n += 1.45
		case unicode.IsUpper(r):
			n += 1.12
		default:
			n++
		}
	}
	return n * letter
}

// clean replaces what an XML document may not hold, and makes a text one line.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff {
			if r == '\t' || r == '\n' || r == '\r' {
				return ' '
			}
			return unicode.ReplacementChar
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// wrapped breaks a name into lines: where a word ends, or where a capital letter follows
// a small one.
func wrapped(name string) (lines []string) {
	const most, mostLines = 26, 6
	rest := []rune(clean(name))
	for len(rest) > most && len(lines) < mostLines-1 {
		cut := most
		for k := most; k > most/2; k-- {
			if rest[k] == ' ' || rest[k-1] == '-' || rest[k-1] == '_' || unicode.IsUpper(rest[k]) && unicode.IsLower(rest[k-1]) {
				cut = k
				break
			}
		}
		lines = append(lines, strings.TrimSpace(string(rest[:cut])))
		rest = []rune(strings.TrimSpace(string(rest[cut:])))
	}
	return append(lines, clipped(string(rest), most))
}

// clipped cuts a text that is longer than most letters.
func clipped(text string, most int) string {
	letters := []rune(clean(text))
	if len(letters) <= most {
		return string(letters)
	}
	return string(letters[:most-1]) + "…"
}

// catchLabel says which errors a Catcher takes. States.ALL is not written: the dashes of
// the arrow say it.
func catchLabel(c asl.Catcher) string {
	if len(c.ErrorEquals) == 1 && c.ErrorEquals[0] == asl.StatesALL {
		return ""
	}
	return strings.Join(c.ErrorEquals, ", ")
}

// signs are what operators are written as.
var signs = map[string]string{
	"Equals": "==", "LessThan": "<", "LessThanEquals": "<=", "GreaterThan": ">", "GreaterThanEquals": ">=", "Matches": "matches",
}

// longestLabel is how long a label is made before it is cut.
const longestLabel = 80

// ruleLabel says in few signs what a rule tests: missing <= 5.
func ruleLabel(r *asl.Rule) string {
	switch {
	case r.Not != nil:
		return "not " + ruleLabel(r.Not)
	case r.And != nil:
		return ruleLabels(r.And, " and ")
	case r.Or != nil:
		return ruleLabels(r.Or, " or ")
	case r.Condition.Present():
		text, ok := r.Condition.Value.AsString()
		if !ok {
			return r.Condition.Value.String()
		}
		return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, "{%"), "%}"))
	}
	return comparisonLabel(r)
}

func ruleLabels(rules []*asl.Rule, word string) string {
	var b strings.Builder
	for i, r := range rules {
		if b.Len() > longestLabel {
			break
		}
		if i > 0 {
			b.WriteString(word)
		}
		b.WriteString(ruleLabel(r))
	}
	return b.String()
}

func comparisonLabel(r *asl.Rule) string {
	operator, isPath := strings.CutSuffix(r.Operator, "Path")
	operand := r.Operand.Value.String()
	if text, ok := r.Operand.Value.AsString(); ok && isPath {
		operand = text
	}
	for _, kind := range []string{"String", "Numeric", "Boolean", "Timestamp"} {
		operator = strings.TrimPrefix(operator, kind)
	}
	name := strings.TrimPrefix(r.Variable, "$.")
	if at := strings.LastIndexByte(name, '.'); at > 0 && len(name)+len(operand) > 24 {
		name = "…" + name[at+1:]
	}
	if sign := signs[operator]; sign != "" {
		return name + " " + sign + " " + operand
	}
	if test, ok := strings.CutPrefix(operator, "Is"); ok {
		if operand == "false" {
			return name + " is not " + strings.ToLower(test)
		}
		return name + " is " + strings.ToLower(test)
	}
	return name + " " + r.Operator + " " + operand
}
