package jsonpath

import "errors"

// SyntaxError reports text that is no path.
type SyntaxError struct {
	Path    string // as it was written
	Offset  int    // in bytes, from 0
	Message string // "Could not analyze path component: [a]"
	Err     error  // [ErrLimit] or [ErrPattern] if the path may be right; nil if it is wrong
}

// Error returns the message.
func (e *SyntaxError) Error() string { return e.Message }

// Unwrap returns Err.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Error reports that a path led nowhere. Its text is Jayway's, which Step
// Functions quotes in the cause of a failure. Match the reason with errors.Is.
type Error struct {
	Path    string // the whole path, as it was written
	Message string // "No results for path: $['order']['id']"
	Err     error  // the reason: one of the errors below

	absent bool
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// NotFound reports whether the document merely lacks what the path asks for:
// a name or an index is not there, or nothing that could have one. Step
// Functions then words a message of its own. Otherwise the path cannot be
// applied to the document at all, such as an index or a filter to text, and
// Step Functions shows the message of e.
func (e *Error) NotFound() bool { return e.absent }

// ErrPattern is the reason of a [SyntaxError] about a regular expression that
// Java runs and Go does not.
var ErrPattern = errors.New("jsonpath: unsupported regular expression")

// The reasons of an [Error].
var (
	ErrNoLeaf   = errors.New("jsonpath: no results for path")      // the last name is not there
	ErrNoParent = errors.New("jsonpath: missing property in path") // a name before the last is not there
	ErrNoIndex  = errors.New("jsonpath: index out of bounds")      // an array is too short
	ErrType     = errors.New("jsonpath: value of the wrong type")  // a name in an array, an index in an object, a filter that compares a number with text
	ErrLimit    = errors.New("jsonpath: path exceeds a limit")     // a path that explodes: see the limits of the package
)

// Limits of every path. They hold the cost of one Get to well under a second,
// whatever the path and the document; no path of a workflow comes near them.
const (
	maxSteps   = 1_000      // components of a path
	maxDepth   = 2_000      // values inside one another that a deep scan enters
	maxResults = 1_000_000  // values that an indefinite path finds
	maxWork    = 10_000_000 // values looked at on the way

	bytesPerWork = 8 // text that filters look through, for one unit of work
)
