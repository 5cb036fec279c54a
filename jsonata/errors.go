package jsonata

import (
	"errors"
	"strconv"
	"strings"
)

var (
	// ErrUndefined says that an expression yields nothing. Eval returns it
	// unwrapped; compare with errors.Is.
	ErrUndefined = errors.New("jsonata: the expression returned nothing (undefined)")

	// ErrLimit is behind an Error if the evaluation exceeded its [Limits], or
	// the text to compile nests too deeply.
	ErrLimit = errors.New("jsonata: limit exceeded")

	// ErrResult is behind an Error if the result is no JSON value: a function,
	// or (not in the dialect StepFunctions, which prints it) a number that is
	// infinite or not a number.
	ErrResult = errors.New("jsonata: the result is not a JSON value")
)

// Error reports an expression that does not compile or failed. The texts are
// those of jsonata-js.
type Error struct {
	Code     string // "S0201", "T2001", "D3137"; "" for a limit, an unusable result, and errors without a code in jsonata-js
	Message  string // without the code
	Position int    // just after the token, in UTF-16 units of the text, as in jsonata-js; 0 if not known
	Token    string // what the message is about; "" if nothing in particular
	Err      error  // ErrLimit, ErrResult, the error of a Function, or nil
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// fault is an error under way. Its message is written when it leaves the
// package, because the call that it passes through may still name it.
type fault struct {
	code  string
	pos   int    // 0 until known
	token string // "" until known
	args  []arg  // what fills the template of the message
	err   error
}

// arg is the value of one placeholder of a message template.
type arg struct {
	name string
	json string // as {{name}} shows it
	raw  string // as {{{name}}} shows it
}

func (f *fault) Error() string { return f.message() }
func (f *fault) Unwrap() error { return f.err }

// fail returns a fault of the code at a position; 0 leaves the position to the
// call that the fault passes through.
func fail(code string, pos int) *fault { return &fault{code: code, pos: pos} }

// about sets the token, which is text.
func (f *fault) about(token string) *fault {
	f.token = token
	return f.with("token", quote(token), token)
}

// with fills a placeholder of the message.
func (f *fault) with(name, json, raw string) *fault {
	f.args = append(f.args, arg{name, json, raw})
	return f
}

// text fills a placeholder with a text.
func (f *fault) text(name, s string) *fault { return f.with(name, quote(s), s) }

// maxMessage is how many bytes of a value a message shows.
const maxMessage = 1 << 16

// value fills a placeholder with the JSON text of a value.
func (f *fault) value(name string, v value) *fault {
	if _, ok := v.function(); ok || v.isNothing() {
		return f
	}
	p := printer{}
	_ = p.print(v, "") // stops beyond maxMessage
	shown := clipped(string(p.buf))
	s, ok := v.str()
	if !ok {
		s = shown
	}
	return f.with(name, shown, clipped(s))
}

func clipped(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "..."
}

// num fills a placeholder with a whole number.
func (f *fault) num(name string, n int) *fault {
	s := strconv.Itoa(n)
	return f.with(name, s, s)
}

// within completes a fault that leaves a call: a function knows neither where
// it is called nor by which name. The outermost call counts as the position.
func within(err error, pos int, name string) error {
	f, ok := err.(*fault)
	if !ok || f == nil || f.err == ErrLimit {
		return err
	}
	if pos != 0 {
		f.pos = pos
	}
	if f.token == "" && name != "" {
		f.about(name)
	}
	return f
}

// message fills the template of the code.
func (f *fault) message() string {
	text := template(f.code)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		raw := strings.HasPrefix(rest, "{")
		name, after, _ := strings.Cut(strings.TrimPrefix(rest, "{"), "}}")
		if raw {
			after = strings.TrimPrefix(after, "}")
		}
		b.WriteString(f.fill(name, raw))
		text = after
	}
}

// fill returns what a placeholder stands for; a missing value reads as in
// JavaScript.
func (f *fault) fill(name string, raw bool) string {
	for _, a := range f.args {
		if a.name != name {
			continue
		}
		if raw {
			return a.raw
		}
		return a.json
	}
	return "undefined"
}

// public turns an error under way into what a user gets.
func public(err error) error {
	f, ok := err.(*fault)
	if !ok {
		return err
	}
	e := &Error{Code: f.code, Position: f.pos, Token: f.token, Err: f.err}
	if f.code == "" {
		e.Message = f.fill("message", true)
	} else {
		e.Message = f.message()
	}
	return e
}

// uncoded returns a fault that has a message of its own and no code.
func uncoded(message string, err error) *fault {
	return (&fault{err: err}).with("message", message, message)
}

// template returns the message of a code with its placeholders.
func template(code string) string {
	for i := range messages {
		if messages[i].code == code {
			return messages[i].text
		}
	}
	return code
}
