// Package intrinsics evaluates the intrinsic functions of the Amazon States
// Language: States.Format, States.JsonMerge, States.UUID and fifteen more.
//
//	call, err := intrinsics.Parse("States.Format('Order {} is {}', $.id, $.status)")
//	text, err := call.Eval(doc)
//
// Arguments may be strings, numbers, true, false, null, paths, and calls
// nested up to ten deep. What can be known about arguments without their
// values (how many there are, of which type the literals are) Parse checks.
// The functions are those of the States Language, "Intrinsic Functions"; where
// its text leaves something open, they do what was recorded on AWS.
//
// # Strings
//
// Strings stand between single quotes. A backslash may precede ', {, } and \
// and nothing else. States.Format takes {} for the place of an argument, and
// any other brace as it is.
//
// # Limits
//
// Step Functions' own: 10,000 characters for States.Base64Encode,
// States.Base64Decode and States.Hash, 1,000 elements for States.ArrayRange,
// 32 bits for whole numbers. Ours, which no workflow comes near: 1,000
// arguments in a call and all calls in it; 64 MiB of data that the functions
// of one call look through or write.
package intrinsics
