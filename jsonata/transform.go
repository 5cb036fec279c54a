package jsonata

import (
	"math"
	"slices"
)

// transform is |a|b,c|, a function that copies its argument and changes what a
// matches in the copy.
type transform struct {
	pattern, update, remove node // remove may be nil
	pos                     int
	updatePos, removePos    int
	clone                   *variableNode
}

var transformSignature = &signature{[]param{{symbol: "(oa)", class: "oam"}}}

func (n *transform) eval(ev *evaluation, context value, f *frame) (value, error) {
	return closure(&function{arity: 1, sig: transformSignature, native: func(c caller, args []value) (value, error) {
		if args[0].isNothing() {
			return value{}, nil
		}
		return n.apply(c.ev, args[0], f)
	}}), ev.charge(functionSteps)
}

func (n *transform) apply(ev *evaluation, v value, f *frame) (value, error) {
	cloned, err := n.clone.eval(ev, value{}, f)
	if err != nil {
		return value{}, err
	}
	clone, ok := cloned.function()
	if !ok {
		return value{}, fail("T2013", n.pos)
	}
	result, err := caller{ev: ev, frame: f}.call(clone, v)
	if err != nil {
		return value{}, err
	}
	if clone.copies {
		err = ev.chargeCopy(result)
	} else {
		result, err = ev.mutable(result)
	}
	if err != nil {
		return value{}, err
	}
	matches, err := ev.eval(n.pattern, result, f)
	if err != nil {
		return value{}, err
	}
	in := streamOf(matches)
	for i := range in.len() {
		if err := n.change(ev, in.at(i), f); err != nil {
			return value{}, err
		}
	}
	return result, nil
}

// change updates one match, and removes members from it.
func (n *transform) change(ev *evaluation, match value, f *frame) error {
	o, _ := match.object()
	if err := n.merge(ev, match, o, f); err != nil || n.remove == nil {
		return err
	}
	names, err := ev.eval(n.remove, match, f)
	if err != nil || names.isNothing() {
		return err
	}
	for _, v := range names.items() {
		name, ok := v.str()
		if !ok {
			return fail("T2012", n.removePos).value("value", names)
		}
		if o == nil {
			continue
		}
		if err := ev.charge(1 + o.remove(name) + len(name)/bytesRead); err != nil {
			return err
		}
	}
	return nil
}

// merge sets members of a match. It copies the new values, since they may
// contain the match.
func (n *transform) merge(ev *evaluation, match value, o *object, f *frame) error {
	update, err := ev.eval(n.update, match, f)
	if err != nil || update.isNothing() {
		return err
	}
	if !update.isObject() {
		return fail("T2011", n.updatePos).value("value", update)
	}
	if o == nil {
		if match.isScalar() && update.size() > 0 { // no code in jsonata-js
			return uncoded("A transform cannot set members of what is no object", nil)
		}
		return nil
	}
	for _, m := range slices.Clone(ev.members(update)) {
		v, err := ev.mutable(m.value)
		if err == nil {
			err = ev.charge(memberSteps + len(m.name)/bytesRead)
		}
		if err != nil {
			return err
		}
		o.set(m.name, v)
	}
	_, err = ev.finish(o)
	return err
}

// clone is $clone: a copy by way of JSON text, in which numbers have 15 digits
// and functions become "".
func (ev *evaluation) clone(v value) (value, error) {
	if err := ev.charge(1); err != nil {
		return value{}, err
	}
	switch v.kind() {
	case kindNumber:
		if x, _ := v.float(); math.IsInf(x, 0) {
			return value{}, infinite(x)
		}
		return ev.cloneNumber(v), nil
	case kindFunction:
		return text(""), nil
	}
	return ev.rebuild(v, (*evaluation).clone)
}

func (ev *evaluation) cloneNumber(v value) value {
	x, _ := v.float()
	if _, odd := v.made().(oddNumber); odd {
		if x == 0 {
			return integer(0)
		}
		return null
	}
	if ev.keepsDigits(v, x) {
		return v
	}
	return number(fifteenDigits(x))
}
