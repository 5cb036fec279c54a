package asl

import (
	"slices"
	"strings"
)

// The codes of warnings. AWS has the first four.
const (
	warnNoDollar      = "NO_DOLLAR"
	warnNoPath        = "NO_PATH"
	warnStaticResult  = "PASS_RESULT_IS_STATIC"
	warnMaybeMissing  = "POSSIBLY_UNDEFINED_VARIABLE"
	warnUndefined     = "STATEMILL_UNDEFINED_VARIABLE"
	warnNeverMatches  = "STATEMILL_ERRORS_NEVER_MATCH"
	warnUnreachable   = "STATEMILL_RULE_NEVER_REACHED"
	warnBusyLoop      = "STATEMILL_BUSY_LOOP"
	warnNoTimeout     = "STATEMILL_NO_TIMEOUT"
	warnNoConcurrency = "STATEMILL_NO_MAX_CONCURRENCY"
	warnInline        = "STATEMILL_INLINE_MAP"
	warnNoDefault     = "STATEMILL_NO_DEFAULT"
	warnFunction      = "STATEMILL_UNKNOWN_FUNCTION"
	warnLiteral       = "STATEMILL_LITERAL_EXPRESSION"
	warnUnknownCode   = "STATEMILL_UNKNOWN_CODE"
)

// warningCodes are the codes that Validator.Off may name.
var warningCodes = [...]string{
	warnNoDollar, warnNoPath, warnStaticResult, warnMaybeMissing, warnUndefined, warnNeverMatches, warnUnreachable,
	warnBusyLoop, warnNoTimeout, warnNoConcurrency, warnInline, warnNoDefault, warnFunction, warnLiteral, warnUnknownCode,
}

// linter finds things that are allowed but that hardly anybody means.
type linter struct {
	*checker
}

// lint adds the warnings about a machine that has no errors.
func (c *checker) lint(g *Graph) {
	l := linter{c}
	expressions := strings.Contains(c.source, "{%")
	for s := range g.walk() {
		if statePart(s.Info().Type) == 0 {
			continue // a substitution
		}
		l.payloads(s)
		if expressions {
			l.literalExpressions(s)
		}
		l.errorNames(s)
		l.timeouts(s)
		switch s := s.(type) {
		case *Choice:
			l.rules(s)
		case *Map:
			l.concurrency(s)
			l.inline(s)
		}
	}
	l.busyLoops(g)
}

// warn adds a warning about n, unless it is switched off.
func (c *checker) warn(n node, code, message string) *finding {
	return c.warnAt(n, n, code, message)
}

// warnAt adds a warning that AWS locates at one value, and that is about
// another.
func (c *checker) warnAt(at, mark node, code, message string) *finding {
	if !c.lints || slices.Contains(c.Off, code) {
		return &finding{}
	}
	x := c.reportAt(at, mark, code, message)
	x.Warning = true
	return x
}

// unknownCodes reports codes in Off that do not exist.
func (c *checker) unknownCodes() {
	for _, code := range c.Off {
		if !slices.Contains(warningCodes[:], code) {
			x := c.warn(c.root(), warnUnknownCode, "There is no warning with the code "+code)
			x.Hint = didYouMean(code, warningCodes[:])
		}
	}
}
