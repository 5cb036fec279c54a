// Package javatext prints JSON values the way the collections of Java print
// themselves: {b=1, c=null}, [1, x]. Step Functions shows this form in the
// messages of failed paths and in what States.Format inserts.
package javatext

import "github.com/statemill/statemill/jsonvalue"

// String returns the text of v: strings as they are, without quotes.
func String(v jsonvalue.Value) string {
	if s, ok := v.AsString(); ok {
		return s
	}
	return string(Append(nil, v))
}

// Append appends the text of v to dst.
func Append(dst []byte, v jsonvalue.Value) []byte {
	switch v.Kind() {
	case jsonvalue.KindString:
		s, _ := v.AsString()
		return append(dst, s...)
	case jsonvalue.KindArray:
		return appendArray(dst, v)
	case jsonvalue.KindObject:
		return appendObject(dst, v)
	default: // Java and JSON agree on null, booleans and numbers
		return v.AppendJSON(dst)
	}
}

func appendArray(dst []byte, v jsonvalue.Value) []byte {
	dst = append(dst, '[')
	for i, element := range v.Elements() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = Append(dst, element)
	}
	return append(dst, ']')
}

func appendObject(dst []byte, v jsonvalue.Value) []byte {
	dst = append(dst, '{')
	first := true
	for name, member := range v.Members() {
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = append(dst, name...)
		dst = append(dst, '=')
		dst = Append(dst, member)
	}
	return append(dst, '}')
}
