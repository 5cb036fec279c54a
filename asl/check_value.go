package asl

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/statemill/statemill/internal/javatime"
)

// value checks the value of a field.
func (c *checker) value(n node, s *shape, at site) {
	if c.full() || c.substituted(n, s) || s.nullable && n.kind() == nullKind {
		return
	}
	if s.expression && at.language != JSONPath && isExpressionText(n) {
		c.expression(n, at)
		return
	}
	switch s.is {
	case isAny:
	case isString:
		c.expectKind(n, textKind)
	case isBoolean:
		c.expectKind(n, boolKind)
	case isNumber:
		c.expectKind(n, numberKind)
	case isInteger:
		c.integer(n, s)
	case isFloat:
		c.float(n, s)
	case isEnum, isType:
		c.enum(n, s)
	case isStrings:
		c.strings(n, s)
	case isTimestamp:
		c.timestamp(n)
	case isObject:
		c.part(n, s, at)
	case isArray:
		c.array(n, s, at)
	case isStates:
		c.states(n)
	default:
		c.special(n, s, at)
	}
}

// special checks values with a syntax of their own.
func (c *checker) special(n node, s *shape, at site) {
	switch s.is {
	case isResource:
		c.resource(n)
	case isServiceResource:
		c.serviceResource(n, s)
	case isCredentials:
		c.credentials(n, at)
	case isLabel:
		c.label(n)
	case isPointer:
		c.pointer(n)
	case isTemplate:
		c.template(n, at)
	case isAssign:
		c.assign(n, at)
	case isItems:
		c.items(n, at)
	case isCondition:
		c.condition(n, at)
	case isPath:
		c.path(n)
	case isReferencePath, isResultPath, isLimitPath:
		c.reference(n, s)
	case isTextPath:
		c.textPath(n)
	}
}

// kindNames are the kinds as AWS names them.
var kindNames = [...]string{
	nullKind: "NULL", boolKind: "BOOLEAN", numberKind: "NUMBER",
	textKind: "STRING", arrayKind: "ARRAY", objectKind: "OBJECT",
}

// expectKind reports a value of another kind.
func (c *checker) expectKind(n node, k kind) bool {
	if n.kind() == k {
		return true
	}
	c.schema(n, "Expected value of type ["+kindNames[k]+"]")
	return false
}

// integer checks an integer with a range. To AWS 1.0 is no integer; to a JSON
// Schema it is one.
func (c *checker) integer(n node, s *shape) {
	value, _ := strconv.ParseFloat(n.raw(), 64)
	low, high := value < s.min, s.max > 0 && value > s.max
	switch {
	case n.kind() != numberKind || strings.ContainsAny(n.raw(), ".eE"):
		x := c.schema(n, "Expected value of type Integer")
		x.schema = n.kind() != numberKind || value != math.Trunc(value) || low || high
	case low:
		c.schema(n, "Minimum value is "+strconv.FormatFloat(s.min, 'f', -1, 64))
	case high:
		c.schema(n, "Maximum value is "+strconv.FormatFloat(s.max, 'f', -1, 64))
	}
}

// float checks a number with a range. AWS writes its bounds with a fraction.
func (c *checker) float(n node, s *shape) {
	if !c.expectKind(n, numberKind) {
		return
	}
	value, _ := strconv.ParseFloat(n.raw(), 64)
	switch {
	case value < s.min:
		c.schema(n, "Minimum value is "+strconv.FormatFloat(s.min, 'f', 1, 64))
	case s.max > 0 && value > s.max:
		c.schema(n, "Maximum value is "+strconv.FormatFloat(s.max, 'f', 1, 64))
	}
}

func (c *checker) enum(n node, s *shape) {
	if !c.expectKind(n, textKind) || slices.Contains(s.values, n.text()) || s.is == isType {
		return
	}
	x := c.schema(n, "Value should be one of the following: "+listed(s.values))
	x.Hint = didYouMean(n.text(), s.values)
}

func (c *checker) strings(n node, s *shape) {
	if !c.expectKind(n, arrayKind) || c.empty(n, s) {
		return
	}
	for element := range n.children() {
		if c.full() {
			return
		}
		if !c.isSubstituted(element) {
			c.expectKind(element, textKind)
		}
	}
}

// empty reports an array or object that must not be empty.
func (c *checker) empty(n node, s *shape) bool {
	if !s.nonEmpty || n.len() > 0 {
		return false
	}
	c.schema(n, "Value cannot be empty")
	return true
}

func (c *checker) timestamp(n node) {
	if n.kind() != textKind {
		c.schema(n, "Expected value of type [STRING]")
	} else if _, ok := javatime.Parse(n.text()); !ok {
		c.report(n, codeSchema, "String does not match RFC3339 timestamp")
	}
}

// pointer checks a JSON Pointer. The words are those of AWS's parser.
func (c *checker) pointer(n node) {
	if c.expectKind(n, textKind) && n.text() != "" && n.text()[0] != '/' {
		c.schema(n, `Invalid input: JSON Pointer expression must start with '/': "`+n.text()+`"`)
	}
}

// part checks an object of the language.
func (c *checker) part(n node, s *shape, at site) {
	if s.nonEmpty && n.kind() == objectKind && c.empty(n, s) {
		return
	}
	if s.of == inProcessor {
		c.graph(n, inProcessor)
		return
	}
	c.object(n, s.of, at)
}

// array checks an array of objects of the language.
func (c *checker) array(n node, s *shape, at site) {
	if !c.expectKind(n, arrayKind) || c.empty(n, s) {
		return
	}
	at.catcher = s.of == inCatcher
	for element := range n.children() {
		if c.leaves(element) {
			continue
		}
		if s.of == inBranch {
			c.graph(element, inBranch)
		} else {
			c.object(element, s.of, at)
		}
	}
	if s.of&(inRetrier|inCatcher) != 0 {
		c.errorEquals(n)
	}
}
