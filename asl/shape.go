package asl

// shape says which values a field may have.
type shape struct {
	is         form
	min, max   float64  // of a number; a max of 0 is none
	values     []string // of an enumeration
	of         part     // what the object, or each element of the array, is
	nonEmpty   bool     // not [] or {}
	nullable   bool     // null is a value
	expression bool     // a JSONata state may have an expression here
}

// form is the kind of value that a field takes.
type form uint8

const (
	isAny form = iota // any JSON, taken as it is
	isString
	isStrings // an array of strings
	isBoolean
	isInteger
	isFloat  // a number with a range
	isNumber // any number
	isEnum
	isTimestamp
	isObject // with the fields of shape.of
	isArray  // of such objects
	isStates // from names to states

	isType            // the type of a state
	isResource        // what a Task calls
	isServiceResource // one of shape.values, as ARN
	isCredentials     // a template with RoleArn
	isLabel           // the name of a Map Run

	isPointer // a JSON Pointer

	isTemplate      // any JSON with paths, intrinsics or expressions in it
	isAssign        // an object whose members are variables
	isItems         // an array or an expression
	isCondition     // a boolean or an expression
	isPath          // a path
	isReferencePath // a path to one place
	isResultPath    // a Reference Path into the input
	isLimitPath     // a Reference Path that is not into the Context Object
	isTextPath      // a path or an intrinsic function that returns a string
)
