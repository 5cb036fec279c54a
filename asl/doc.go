// Package asl reads the Amazon States Language: from the text of a definition
// to a typed graph of states.
//
//	sm, err := asl.Parse(definition)
//
// A [StateMachine] is what was written, with resolved defaults and the place
// of every value, and it is valid: Parse returns either a machine or
// [Diagnostics], which name every problem by line and column. To run a machine
// is the business of package runtime.
//
// # Parse and Validate
//
// [Validate] says what the AWS operation ValidateStateMachineDefinition says,
// in the same codes, words and order, and adds warnings that AWS does not
// have. Parse applies the same rules except two that are about AWS and not
// about the language: a Resource may be any text, and warnings are not
// reported.
//
// # How it works
//
// A definition goes through four stages, each in files of its own: the text
// becomes a tree of nodes with offsets; the tree is checked against the one
// table of fields, from which [Schema] is made as well; a tree without errors
// becomes the typed graph; the rules about the graph as a whole (targets,
// reachability, names) and the warnings look at that. As on AWS, what a stage
// finds keeps the later ones from running.
package asl
