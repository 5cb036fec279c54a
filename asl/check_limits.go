package asl

import (
	"errors"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonpath"
)

// maxCompiled is the budget for compiling all that a definition computes with:
// tokens of expressions, and instructions of regular expressions. Since it is
// no more than what a single expression may take, whoever compiles a machine
// that was parsed stays within the limits of jsonata and jsonpath.
const maxCompiled = min(jsonata.DefaultBudget, jsonpath.DefaultBudget)

// unsupportedRegexp is jsonata's code for what RE2 lacks.
const unsupportedRegexp = "S0303"

// beyondLimits reports text that AWS may well take and that cannot be run here.
// If err says something else, it is false.
func (c *checker) beyondLimits(n node, err error) bool {
	var e *jsonata.Error
	isExpression := errors.As(err, &e)
	switch {
	case errors.Is(err, jsonata.ErrLimit), errors.Is(err, jsonpath.ErrLimit):
		c.tooLarge(n, err)
	case isExpression && e.Code == unsupportedRegexp:
		c.unsupported(n, e.Message).endsAt(e.Position, len(e.Token))
	case errors.Is(err, jsonpath.ErrPattern):
		x := c.unsupported(n, "")
		x.because(err)
		x.Message = x.Hint
		x.Hint = validOnAWS
	default:
		return false
	}
	return true
}

const validOnAWS = "it is valid on AWS, and cannot be run here"

// tooLarge reports a text that exceeds a limit, or that is the last straw for
// the whole definition; that is said once.
func (c *checker) tooLarge(n node, err error) {
	switch {
	case c.budget >= 0:
		c.report(n, codeTooLarge, err.Error())
	case !c.spent:
		c.spent = true
		c.report(n, codeTooLarge, "The expressions and regular expressions of the definition are too large: "+
			"together with those before it, this one exceeds the limit")
	}
}

func (c *checker) unsupported(n node, message string) *finding {
	x := c.report(n, codeRegexp, message)
	x.Hint = validOnAWS
	return x
}
