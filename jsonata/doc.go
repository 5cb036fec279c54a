// Package jsonata evaluates JSONata 2 expressions.
//
//	expr, err := jsonata.Compile("$sum(lines.(price * qty))")
//	total, err := expr.Eval(doc)
//
// It implements the whole language: every operator, function and picture, with the
// error codes and texts of the reference implementation. (An exception that has no
// code there is an error without a code here.) An expression is compiled once and
// evaluated as often as you like, from any goroutine.
//
// # Safe to embed
//
// An expression can read its input and what [Env] gives it, nothing else: no
// clock, no randomness, no files. Steps, depth, and the sizes of sequences and
// texts are counted; an expression that exceeds its [Limits] ends in an error
// that is [ErrLimit], at the same place every time. With the default limits an
// evaluation takes about a second and 200 MB at most, whatever it says. Compiling
// has a bound of its own, Config.Budget.
//
// Regular expressions are written as in ECMAScript and run in linear time.
// Look-around and back-references need backtracking. They are a compile error
// with the code S0303, which is the only code that jsonata-js does not have.
// Characters are code points in them: a dot matches a surrogate pair at once.
//
// # Dialects
//
// The zero [Config] is the language of jsonata-js 2.2.2. [StepFunctions] is the
// language that Step Functions evaluates between {% and %}: 2.0.6 without $eval
// and with $partition, $range, $hash, $random, $uuid and $parse. Its integers are
// exact within 64 bits. It has no input: $states and the workflow variables hold
// the data.
//
// # How it works
//
// A text becomes tokens (lexer.go), a tree as written (parser.go), a tree as
// meant (resolve.go, parent.go) and nodes that evaluate themselves
// (compile.go). A value is JSON data as it came in until something has to be
// made (value.go, array.go, object.go); names and steps read the input without
// copying it. The functions of the language are in the files that begin with
// lib_. [Expr.References] tells what an expression takes from outside.
package jsonata
