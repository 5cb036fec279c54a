// Package jsonata evaluates JSONata 2 expressions.
//
// It is a whole implementation of the language: every operator, function and
// picture, with the error codes and texts of the reference implementation. An
// expression is compiled once and evaluated as often as you like, from any
// goroutine.
//
// # Dialects
//
// The zero [Config] is the language of jsonata-js 2.2.2. [StepFunctions] is
// what Step Functions evaluates between {% and %}: 2.0.6 without $eval, with
// $partition, $range, $hash, $random, $uuid and $parse, and with the data in
// $states and the workflow variables instead of an input.
package jsonata
