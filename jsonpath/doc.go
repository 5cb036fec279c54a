// Package jsonpath reads and writes JSON values by path, in the dialect of
// Step Functions: Jayway json-path 2.0.0, its quirks included.
//
//	path, err := jsonpath.Parse("$.orders[?(@.total > 100)].id")
//	ids, err := path.Get(doc)
//
// A definite path (only names and single indexes) leads to one value, or to an
// error that says what is missing. An indefinite path (wildcard, slice, list
// of indexes, filter, deep scan) leads to an array of what it found, which may
// be empty.
//
// Step Functions lets a path start at the Context Object ($$.x) or at a
// workflow variable ($name.x). Those are values like any other: [Path.Root]
// says which one the path means, and Get takes it.
//
// # The dialect
//
//	$                        the root
//	.name  ['name']          a member; the text is taken as it stands, without escapes
//	['a','b']                an object of those members that exist; last step only
//	[2]                      an element, from 0
//	[(@.length-1)]           an element counted from the end ([-1] is none)
//	[0,2]  [1:]  [:-1]  [1:3]   elements and ranges; a third number is ignored
//	.*  [*]                  every member, every element
//	..                       here and everywhere below
//	[?(@.a == 1 && $.b)]     the elements that pass, or an object that itself passes
//
// A filter compares with == != < <= > >=, and with =~ /pattern/ or /pattern/i. The
// test @.a alone asks whether a member is there and not null; !@.a asks the
// opposite. $.a alone means the same as @.a, but in a comparison $ is the root. &&
// binds tighter than ||, and both evaluate their right side first. Parentheses
// group nothing, and !( negates nothing. A comparison takes its literals as text:
// 2, '2' and 2.0 all equal the number 2, and comparing a number with text that is
// no number is an error. Patterns are those of Java. Parse refuses a pattern that
// Go's regexp cannot express (lookaround, backreferences, possessive quantifiers).
// One difference remains: with i, letters beyond ASCII match in either case, too.
//
// In one place the package follows AWS and not Jayway: where a path ends with an
// index behind a wildcard, as $.rows[*][0], the result has null for an array that
// is too short.
//
// # Limits
//
// A path has at most 1,000 steps; its patterns share a budget, see [Config]. A Get
// finds at most 1,000,000 values, looks at 10,000,000 and enters 2,000 levels of a
// document; beyond that it fails with [ErrLimit]. Definite paths need no limit.
package jsonpath
