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
// reported. What Validate passes, the interpreter can run. So three errors are
// about definitions that AWS may take and that cannot be run here:
//
//	STATEMILL_REGULAR_EXPRESSION   a pattern that cannot be run in linear time
//	STATEMILL_TOO_LARGE            expressions, paths or patterns beyond the limits
//	STATEMILL_DEFINITION_TOO_LONG  more bytes than AWS takes
//
// # How it works
//
// A definition goes through four stages, each in files of its own. The text
// becomes a tree of nodes with offsets. The tree is checked against the one
// table of fields, from which [Schema] is made as well. The tree becomes the
// typed graph. The rules about the graph as a whole (targets, reachability,
// names) look at that, and so do the warnings if there is no error. As on AWS,
// findings about fields and findings about the graph come in one answer.
//
// # Warnings
//
// Each has a code by which [Validator] switches it off:
//
//	NO_DOLLAR                     a template member that looks like a path has no ".$" in its name
//	NO_PATH                       Error or Cause looks like a path, and its name has no "Path"
//	PASS_RESULT_IS_STATIC         the Result of a Pass state has paths in it
//	POSSIBLY_UNDEFINED_VARIABLE   a variable is read that some path to the state does not assign
//	STATEMILL_UNDEFINED_VARIABLE  a variable is read that no path to the state assigns
//	STATEMILL_UNKNOWN_FUNCTION    an expression calls a function that does not exist
//	STATEMILL_LITERAL_EXPRESSION  a text looks like an expression, and is none
//	STATEMILL_ERRORS_NEVER_MATCH  no error is left for a retrier or catcher
//	STATEMILL_RULE_NEVER_REACHED  an earlier choice rule matches whenever this one would
//	STATEMILL_NO_DEFAULT          a Choice state may find no rule
//	STATEMILL_BUSY_LOOP           a loop that nothing slows down, and that nothing ends
//	STATEMILL_NO_TIMEOUT          a task that is answered by token, and waits for ever if it is not
//	STATEMILL_NO_MAX_CONCURRENCY  a distributed map without a limit
//	STATEMILL_INLINE_MAP          a field of distributed maps in an inline map
//	STATEMILL_UNKNOWN_CODE        Validator.Off names a code that does not exist
//
// # Limits
//
// A definition has at most 1,048,576 bytes, as on AWS. Its JSON nests at most
// 1,000 deep, branches and processors at most 50. Of the findings, about the
// first 1,000 are kept. Within these limits, any text whatever takes less than
// a second.
package asl
