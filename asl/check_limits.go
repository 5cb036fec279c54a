package asl

import (
	"errors"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonpath"
)

// maxCompiled is the budget for compiling a definition: the tokens of all its
// expressions and the instructions of all its regular expressions. It is no
// larger than the budget of a single expression. So whoever compiles a parsed
// machine again stays within the limits of jsonata and jsonpath.
const maxCompiled = min(jsonata.DefaultBudget, jsonpath.DefaultBudget)

// unsupportedRegexp is jsonata's code for a pattern that RE2 cannot run.
const unsupportedRegexp = "S0303"

// beyondLimits reports a text that AWS may accept but that cannot be run here. It
// returns false if err has another reason.
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

// tooLarge reports a text that exceeds a limit of its own, or, once, the text
// with which the whole definition exceeds the budget.
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
