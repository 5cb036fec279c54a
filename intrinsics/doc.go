// Package intrinsics evaluates the intrinsic functions of the Amazon States
// Language: States.Format, States.JsonMerge, States.UUID and fifteen more.
//
//	call, err := intrinsics.Parse("States.Format('Order {} is {}', $.id, $.status)")
//	text, err := call.Eval(doc)
//
// Arguments may be strings, numbers, true, false, null, paths, and calls
// nested up to ten deep. As on AWS, Parse checks the syntax and that the
// functions exist; how many arguments a function takes and of which types shows
// when the call is evaluated. No argument is converted to another type.
//
// The functions do what was recorded on AWS, which is not always what the States
// Language says: only States.MathAdd rounds, the others cut off fractions;
// States.ArrayContains compares texts; States.ArrayUnique has the order of
// Java's HashSet.
//
// # Strings
//
// Strings stand between single quotes. A backslash may precede ', {, } and \
// and nothing else. In the template of States.Format, {} stands for an argument;
// any other brace must be escaped.
//
// # Limits
//
// Step Functions has these limits: 10,000 characters for States.Base64Encode,
// States.Base64Decode and States.Hash; 1,000 elements for States.ArrayRange; 32
// bits for whole numbers. The package adds two, which are far beyond the needs of a
// workflow: a call has at most 1,000 arguments, those of the calls in it included;
// and the functions of one call look through or write at most 8 MiB of data.
package intrinsics
