package intrinsics

// SyntaxError reports text that is no call.
type SyntaxError struct {
	Call    string // as it was written
	Offset  int    // in bytes, from 0
	Message string
	Err     error // what is behind it: the *jsonpath.SyntaxError of an argument, or nil
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Message }

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Error reports a call that failed. Step Functions puts one of two
// texts around the message; Err tells which.
type Error struct {
	Function string // the function that failed, which may be a nested one
	Message  string // the cause, in the words of Step Functions
	Err      error  // the *jsonpath.Error of an argument, or nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// invalid returns the error of a function about its arguments. Step Functions
// names the function alone (recorded), and in places a detail.
func invalid() *Error { return new(Error) }

func because(message string) *Error { return &Error{Message: message} }

// in completes an error with the function that failed.
func (e *Error) in(f *function) *Error {
	if e.Function == "" {
		e.Function = f.name
	}
	if e.Message == "" {
		e.Message = "Invalid arguments in " + f.name
	}
	return e
}
