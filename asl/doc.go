// Package asl reads the Amazon States Language: from the text of a definition
// to a typed graph of states.
//
//	sm, err := asl.Parse(definition)
//
// A [StateMachine] holds the definition as it was written, with defaults filled
// in, and knows the place of every value in the text. It is always valid: Parse
// returns either a machine or [Diagnostics], which name every problem by line
// and column. Package runtime runs machines.
//
// # Parse and Validate
//
// [Validate] answers like the AWS operation ValidateStateMachineDefinition, in
// the same codes, words and order. It adds warnings that AWS does not have.
// [Parse] applies the same rules, with two exceptions: a Resource may be any
// text, and Parse returns no warnings. [Validator.Parse] returns both, the
// machine and all findings.
//
// The interpreter can run every definition that passes Validate. Three errors
// make sure of that. AWS may accept such a definition; Statemill cannot run it:
//
//	STATEMILL_REGULAR_EXPRESSION   a pattern that cannot be run in linear time
//	STATEMILL_TOO_LARGE            expressions, paths or patterns beyond the limits
//	STATEMILL_DEFINITION_TOO_LONG  more bytes than AWS accepts
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
// Each warning has a code. [Validator.Off] names the codes that nobody wants to
// see.
//
//	NO_DOLLAR                     a template member that looks like a path has no ".$" in its name
//	NO_PATH                       Error or Cause looks like a path, and its name has no "Path"
//	PASS_RESULT_IS_STATIC         the Result of a Pass state has paths in it
//	POSSIBLY_UNDEFINED_VARIABLE   a variable is read that some path to the state does not assign
//	STATEMILL_UNDEFINED_VARIABLE  a variable is read that no path to the state assigns
//	STATEMILL_UNKNOWN_FUNCTION    an expression calls a function that does not exist
//	STATEMILL_LITERAL_EXPRESSION  a text looks like an expression, but is not evaluated
//	STATEMILL_ERRORS_NEVER_MATCH  a retrier or catcher can match no error
//	STATEMILL_RULE_NEVER_REACHED  an earlier choice rule matches whenever this one would
//	STATEMILL_NO_DEFAULT          a Choice state may find no rule
//	STATEMILL_BUSY_LOOP           a loop has no Wait and no Task in it, and does not end
//	STATEMILL_NO_TIMEOUT          a task waits for ever if nobody answers by its token
//	STATEMILL_NO_MAX_CONCURRENCY  a distributed map has no limit on its children
//	STATEMILL_INLINE_MAP          an inline map has a field that only distributed maps heed
//	STATEMILL_UNKNOWN_CODE        Validator.Off names a code that does not exist
//
// # Limits
//
// A definition has at most 1,048,576 bytes, as on AWS. Its JSON is at most 1,000
// levels deep, its branches and processors at most 50. All of its expressions
// and regular expressions together have at most 250,000 tokens and instructions.
// About the first 1,000 findings are reported. Within these limits, every
// definition is read, validated and compiled in about a second.
package asl
