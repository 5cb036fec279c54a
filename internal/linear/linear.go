// Package linear compiles regular expressions of RE2, which run in linear time,
// within a budget. A short pattern can ask for a huge program: a{1000} is a
// thousand instructions, and (a{1000}){1000} would be a million.
package linear

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
)

// ErrBudget says that a pattern needs more than what is left of the budget.
var ErrBudget = errors.New("the regular expression is too large")

// Regexp is a compiled pattern.
type Regexp struct {
	*regexp.Regexp

	// Size says how much work one character of a text can be: how many
	// instructions it may meet, and how much each has to copy.
	Size int

	// Nullable says that the pattern matches the empty string inside a text, and
	// not only where the text begins or ends.
	Nullable bool
}

// Compile compiles a pattern and takes its price off the budget: 1 for every
// 8 bytes of the pattern, and 1 for every instruction of its program, see
// [Size]. The price is known before the program is made. The error is
// [ErrBudget] or one of package regexp.
func Compile(pattern string, budget *int) (Regexp, error) {
	if !take(budget, 1+len(pattern)/8) {
		return Regexp{}, ErrBudget
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return Regexp{}, err
	}
	size := Size(tree)
	if !take(budget, size) {
		return Regexp{}, ErrBudget
	}
	re, err := regexp.Compile(pattern)
	return Regexp{re, size, nullable(tree)}, err
}

func take(budget *int, n int) bool {
	*budget -= n
	return *budget >= 0
}

// most is the size of everything that is larger.
const most = 1 << 30

// Size returns the size of the program that a pattern is compiled to, without
// compiling it. Matching copies the places of all groups from one instruction
// to the next: with many groups, each instruction counts more than once.
func Size(tree *syntax.Regexp) int {
	return min(most, (2+instructions(tree))*(1+tree.MaxCap()/8))
}

// nullable reports whether a part of a pattern matches the empty string between
// two characters.
func nullable(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch,
		syntax.OpBeginText, syntax.OpEndText:
		return false
	case syntax.OpCapture, syntax.OpPlus:
		return nullable(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min == 0 || nullable(re.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(re.Sub, func(part *syntax.Regexp) bool { return !nullable(part) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, nullable)
	}
	return true // an empty part, a boundary, a loop that may be left out
}

// instructions returns how many instructions a part of a pattern becomes. A
// class of many ranges counts more than once, because each range is looked at.
func instructions(re *syntax.Regexp) int {
	n := 0
	for _, sub := range re.Sub {
		n = min(most, n+instructions(sub))
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpCharClass:
		return 1 + len(re.Rune)/16
	case syntax.OpCapture:
		return n + 2
	case syntax.OpAlternate:
		return n + len(re.Sub) - 1
	case syntax.OpConcat:
		return n
	case syntax.OpRepeat:
		return min(most, (n+1)*max(re.Min, re.Max, 1)+1)
	}
	return n + 2 // a loop may need two, an empty part or a boundary has one
}
