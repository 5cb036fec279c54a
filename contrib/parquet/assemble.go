package parquet

import (
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
)

// A row is made of the values of the columns: the definition level of a value says how much of its path is there,
// its repetition level to which list it is the next element.

var errLargeRow = fmt.Errorf("a row has more than %d bytes", maxRow)

// object returns what is in a group: nothing in it has been read.
func (r *rows) object(n *node) (jsonvalue.Value, error) {
	members := make([]jsonvalue.Member, len(n.children))
	for i, child := range n.children {
		v, err := r.value(child)
		if err != nil {
			return v, err
		}
		members[i] = jsonvalue.Member{Name: child.name, Value: v}
	}
	return jsonvalue.Object(members...), nil
}

// value returns what is there of a node.
func (r *rows) value(n *node) (jsonvalue.Value, error) {
	absent := r.columns[n.first].defined < n.definition
	switch {
	case n.repetition == repeated:
		return r.list(n, absent)
	case n.repetition == optional && absent:
		return jsonvalue.Value{}, r.pass(n)
	}
	return r.present(n)
}

// present returns a node that is there, or the element of a list that is.
func (r *rows) present(n *node) (jsonvalue.Value, error) {
	switch {
	case n.leaf != nil:
		return r.scalar(n)
	case n.bare:
		return r.value(n.children[0])
	case n.pairs:
		return r.mapping(n.children[0])
	}
	return r.object(n)
}

// scalar returns the value of a column, which goes to its next one.
func (r *rows) scalar(n *node) (jsonvalue.Value, error) {
	c := r.columns[n.first]
	if c.over {
		return jsonvalue.Value{}, r.wrong(c, errNotRows)
	}
	v, err := c.value()
	if err == nil {
		if text, ok := v.AsString(); ok {
			r.size += len(text)
		}
		err = r.advance(c)
	}
	if err != nil {
		return v, r.wrong(c, err)
	}
	return v, nil
}

// advance goes to the next value of a column. As JSON, the present one takes a digit and a comma at least.
func (r *rows) advance(c *column) error {
	if r.size += len("0,"); c.defined < c.definition {
		r.size += len("null,") - len("0,")
	}
	if r.size > maxRow {
		return errLargeRow
	}
	return c.advance()
}

// pass goes over a node that is not there: each of its columns says so by one value.
func (r *rows) pass(n *node) error {
	for _, c := range r.columns[n.first:n.end] {
		if c.over {
			return r.wrong(c, errNotRows)
		}
		if err := r.advance(c); err != nil {
			return r.wrong(c, err)
		}
	}
	return nil
}

// list returns the elements of what is repeated.
func (r *rows) list(n *node, absent bool) (jsonvalue.Value, error) {
	if absent {
		return jsonvalue.Array(), r.pass(n)
	}
	var elements []jsonvalue.Value
	first := r.columns[n.first]
	for more := true; more; more = !first.over && first.repetition == n.level {
		v, err := r.present(n)
		if err != nil {
			return v, err
		}
		elements = append(elements, v)
	}
	return jsonvalue.Array(elements...), nil
}

// mapping returns the object that keys and values make up. Of two keys that are the same, the last one counts.
func (r *rows) mapping(pairs *node) (jsonvalue.Value, error) {
	all, err := r.value(pairs)
	if err != nil {
		return all, err
	}
	var members []jsonvalue.Member
	places := make(map[string]int, all.Len())
	for _, pair := range all.Elements() {
		var parts [2]jsonvalue.Value
		i := 0
		for _, v := range pair.Members() {
			parts[i] = v
			i++
		}
		name, ok := parts[0].AsString()
		if !ok {
			name = parts[0].String()
		}
		place, twice := places[name]
		if !twice {
			place = len(members)
			places[name] = place
			members = append(members, jsonvalue.Member{Name: name})
		}
		members[place].Value = parts[1]
	}
	return jsonvalue.Object(members...), nil
}
