package intrinsics

import "github.com/statemill/statemill/jsonvalue"

// function is one of the functions of the language.
type function struct {
	name     string
	params   []param
	optional int    // how many of the last params may be left out
	rest     bool   // any number of further arguments, of any type
	detail   string // what refusal adds about the number of arguments
	eval     func(e *evaluation, args []jsonvalue.Value) (jsonvalue.Value, *Error)
}

// param is the type of an argument.
type param uint8

const (
	anything param = iota
	aString
	aNumber
	anArray
	anObject
)

func (p param) accepts(v jsonvalue.Value) bool {
	return p == anything || p == paramOf[v.Kind()]
}

var paramOf = [...]param{
	jsonvalue.KindNumber: aNumber,
	jsonvalue.KindString: aString,
	jsonvalue.KindArray:  anArray,
	jsonvalue.KindObject: anObject,
}

var functions = [...]function{
	{name: "States.Array", rest: true, eval: array},
	{name: "States.ArrayContains", params: []param{anArray, anything}, eval: arrayContains},
	{name: "States.ArrayGetItem", params: []param{anArray, aNumber}, eval: arrayGetItem},
	{name: "States.ArrayLength", params: []param{anArray}, eval: arrayLength},
	{name: "States.ArrayPartition", params: []param{anArray, aNumber}, eval: arrayPartition},
	{name: "States.ArrayRange", params: []param{aNumber, aNumber, aNumber}, eval: arrayRange},
	{name: "States.ArrayUnique", params: []param{anArray}, eval: arrayUnique},
	{name: "States.Base64Decode", params: []param{aString}, eval: base64Decode},
	{name: "States.Base64Encode", params: []param{aString}, eval: base64Encode},
	{name: formatName, params: []param{aString}, rest: true, eval: format},
	{name: "States.Hash", params: []param{anything, aString}, eval: hash},
	{name: "States.JsonMerge", params: []param{anObject, anObject, anything}, eval: jsonMerge},
	{name: "States.JsonToString", params: []param{anything}, detail: ": only a single argument is allowed.", eval: jsonToString},
	{name: "States.MathAdd", params: []param{aNumber, aNumber}, eval: mathAdd},
	{name: "States.MathRandom", params: []param{aNumber, aNumber, aNumber}, optional: 1, eval: mathRandom},
	{name: "States.StringSplit", params: []param{aString, aString}, eval: stringSplit},
	{name: stringToJSONName, params: []param{aString}, eval: stringToJSON},
	{name: "States.UUID", rest: true, eval: uuid},
}

func functionNamed(name string) *function {
	for i := range functions {
		if functions[i].name == name {
			return &functions[i]
		}
	}
	return nil
}

// The functions that other code knows by their names.
const (
	formatName       = "States.Format"
	stringToJSONName = "States.StringToJson"
)

// accepts reports whether f can be called with args. Nothing is converted.
func (f *function) accepts(args []jsonvalue.Value) bool {
	if !f.takes(len(args)) {
		return false
	}
	for i, p := range f.params[:min(len(f.params), len(args))] {
		if !p.accepts(args[i]) {
			return false
		}
	}
	return true
}

// takes reports whether f can be called with n arguments.
func (f *function) takes(n int) bool {
	return n >= len(f.params)-f.optional && (n <= len(f.params) || f.rest)
}

// refusal says that f does not accept args.
func (f *function) refusal(args []jsonvalue.Value) *Error {
	if f.detail != "" && !f.takes(len(args)) {
		return because("Invalid arguments in " + f.name + f.detail)
	}
	return invalid()
}
