package intrinsics

import (
	"fmt"
	"sync"

	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// call is one call, compiled.
type call struct {
	function *function
	args     []argument
}

// argument is a literal, a path or a call: what is not nil, else the literal.
type argument struct {
	literal jsonvalue.Value
	path    *jsonpath.Path
	call    *call
}

// evaluation is one evaluation of a call and all calls in it.
type evaluation struct {
	env     Env
	current *call             // the call whose function runs
	stack   []jsonvalue.Value // the arguments of the calls under way, and what they build
	text    []byte            // room for what functions write
	budget  int               // bytes of data that may still be looked through
}

// maxWork is the budget of an evaluation.
const maxWork = 8 << 20

var evaluations = sync.Pool{New: func() any { return new(evaluation) }}

// release keeps the room, but nothing of the data.
func (e *evaluation) release() {
	clear(e.stack[:cap(e.stack)])
	*e = evaluation{stack: e.stack[:0], text: e.text[:0]}
	if cap(e.text) <= maxPooledText && cap(e.stack) <= maxPooledStack {
		evaluations.Put(e)
	}
}

const (
	maxPooledText  = 64 << 10
	maxPooledStack = 256
)

func (e *evaluation) call(c *call) (v jsonvalue.Value, err *Error) {
	base := len(e.stack)
	for i := range c.args {
		if v, err = e.argument(&c.args[i]); err != nil {
			return v, err.in(c.function)
		}
		e.stack = append(e.stack, v)
	}
	args := e.stack[base:]
	e.current = c
	if !c.function.accepts(args) {
		err = c.function.refusal(args)
	} else if v, err = c.function.eval(e, args); err == nil {
		e.stack = e.stack[:base]
		return v, nil
	}
	return jsonvalue.Value{}, err.in(c.function)
}

func (e *evaluation) argument(a *argument) (jsonvalue.Value, *Error) {
	switch {
	case a.call != nil:
		return e.call(a.call)
	case a.path != nil:
		return e.path(a.path)
	}
	return a.literal, nil
}

// path follows the path of an argument. An error about an absent value
// quotes the input of the state, also for the Context Object and variables.
func (e *evaluation) path(p *jsonpath.Path) (jsonvalue.Value, *Error) {
	root, ok := e.root(p.Root())
	if !ok {
		return root, e.missing(p, &jsonpath.Error{
			Path: p.String(), Message: "No results for path: $['" + p.Root()[1:] + "']", Err: jsonpath.ErrNoLeaf,
		})
	}
	v, err := p.Get(root)
	if err == nil {
		return v, nil
	}
	if failure, ok := err.(*jsonpath.Error); ok && !failure.NotFound() {
		return root, &Error{Message: failure.Message, Err: err}
	}
	return root, e.missing(p, err)
}

// missing says that a path leads nowhere.
func (e *evaluation) missing(p *jsonpath.Path, err error) *Error {
	message := "The JsonPath argument for the field '" + p.String() +
		"' could not be found in the input '" + e.env.Input.String() + "'"
	return &Error{Message: message, Err: err}
}

// root returns what a path starts at.
func (e *evaluation) root(name string) (jsonvalue.Value, bool) {
	switch name {
	case "$":
		return e.env.Input, true
	case "$$":
		return e.env.Context, true
	}
	if e.env.Variables == nil {
		return jsonvalue.Value{}, false
	}
	return e.env.Variables.Lookup(name[1:])
}

// spend takes the size of v off the budget. It looks at no more of v than the
// budget allows: parts of v may be shared many times over.
func (e *evaluation) spend(v jsonvalue.Value) *Error {
	e.measure(v)
	return e.charge(0)
}

// charge takes bytes off the budget.
func (e *evaluation) charge(bytes int) *Error {
	if e.budget -= bytes; e.budget < 0 {
		return because(fmt.Sprintf("The arguments exceed the limit of %d bytes", maxWork))
	}
	return nil
}

// bytesPerValue is the least that a value costs.
const bytesPerValue = 8

func (e *evaluation) measure(v jsonvalue.Value) {
	e.budget -= bytesPerValue
	if s, ok := v.AsString(); ok {
		e.budget -= len(s)
	}
	for _, element := range v.Elements() {
		if e.budget < 0 {
			return
		}
		e.measure(element)
	}
	for name, member := range v.Members() {
		if e.budget < 0 {
			return
		}
		e.budget -= len(name)
		e.measure(member)
	}
}
