package intrinsics

import "fmt"

// SyntaxError reports text that is no call.
type SyntaxError struct {
	Call    string // as it was written
	Offset  int    // in bytes, from 0
	Message string
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Message }

// Error reports a call that failed. Step Functions shows its message after
// "The function '...' had the following error: ", where the dots are the
// outermost call as it was written.
type Error struct {
	Function string // the function that failed, which may be a nested one
	Message  string // the cause, in the words of Step Functions
	Err      error  // what is behind it: the *jsonpath.Error of an argument, or nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// invalid is what functions return about their arguments. The words of Step
// Functions are known for paths only (unsure: all others).
func invalid(format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...)}
}
