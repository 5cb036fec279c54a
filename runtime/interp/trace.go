package interp

import (
	"math"

	"github.com/statemill/statemill/jsonvalue"
)

// trace notes the data after each step of the data flow of one state, as AWS's
// TestState shows it. All its methods do nothing on nil.
type trace struct {
	data    []jsonvalue.Member
	context *jsonvalue.Value // stands for the Context Object; nil: it is made
	read    *jsonvalue.Value // what an ItemReader reads; nil: nothing
	muted   bool
	delay   float64 // milliseconds before the next attempt
}

// note notes a value, which AWS shows as JSON text.
func (tr *trace) note(name string, v jsonvalue.Value) {
	if tr != nil && !tr.muted {
		tr.data = append(tr.data, member(name, jsonvalue.String(v.String())))
	}
}

// maxShown bounds the text of what is made for each item: a small definition
// can repeat a large input for each of many.
const maxShown = 64 << 20

// list notes an array as Java prints a list: with a blank after each comma between
// elements, which are JSON (recorded). It notes nothing if the text may be longer
// than maxShown.
func (tr *trace) list(name string, d datum) {
	if tr == nil || tr.muted || d.size > maxShown {
		return
	}
	text := []byte("[")
	for i, e := range d.value.Elements() {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = e.AppendJSON(text)
	}
	tr.data = append(tr.data, member(name, jsonvalue.String(string(append(text, ']')))))
}

// batches notes a list of batches, in which each item is a string that holds JSON
// (recorded).
func (tr *trace) batches(name string, d datum) {
	if tr == nil || d.size > maxShown {
		return
	}
	shown := make([]jsonvalue.Value, 0, d.value.Len())
	for _, batch := range d.value.Elements() {
		items, _ := batch.Get("Items")
		texts := make([]jsonvalue.Value, 0, items.Len())
		for _, item := range items.Elements() {
			texts = append(texts, jsonvalue.String(item.String()))
		}
		shown = append(shown, batch.With("Items", jsonvalue.Array(texts...)))
	}
	tr.list(name, datum{jsonvalue.Array(shown...), d.size})
}

func (tr *trace) mute(muted bool) {
	if tr != nil {
		tr.muted = muted
	}
}

func (tr *trace) backoff(delay float64) {
	if tr != nil {
		tr.delay = delay
	}
}

// effective notes what InputPath left. AWS shows it of JSONPath states only,
// and not of Parallel states.
func (tr *trace) effective(t *turn, d datum, failed *failure) {
	if failed == nil && tr != nil && !t.at.node.jsonata && t.at.node.kind != kindParallel {
		tr.note("afterInputPath", d.value)
	}
}

// payload notes what Parameters or Arguments made.
func (tr *trace) payload(t *turn, d datum) {
	switch {
	case tr == nil || t.at.node.kind == kindParallel:
	case !t.at.node.jsonata:
		tr.note("afterParameters", d.value)
	case t.at.node.kind == kindTask:
		tr.note("afterArguments", d.value)
	}
}

// result notes what the work of the state came to.
func (tr *trace) result(t *turn, d datum) {
	if tr == nil {
		return
	}
	pass, ok := t.at.node.state.(*passState)
	if t.at.node.kind == kindTask || ok && pass.result != nil {
		tr.note("result", d.value)
	}
}

// items notes what a Map state iterates over.
func (tr *trace) items(t *turn, items datum, concurrency int64) {
	if tr == nil {
		return
	}
	if !t.at.node.jsonata && tr.read == nil {
		tr.list("afterItemsPath", items)
	}
	tr.data = append(tr.data, member("maxConcurrency", jsonvalue.Int(concurrency)))
}

// tolerance notes how many failures a Map state tolerates.
func (tr *trace) tolerance(field *number, value float64) {
	if tr == nil {
		return
	}
	if field.fraction {
		v, _ := jsonvalue.Float(value)
		tr.data = append(tr.data, member("toleratedFailurePercentage", v))
		return
	}
	tr.data = append(tr.data, member("toleratedFailureCount", jsonvalue.Int(int64(value))))
}

// retryDelay returns the pause before the next attempt in whole seconds.
func (tr *trace) retryDelay() jsonvalue.Value {
	return jsonvalue.Int(int64(math.Round(tr.delay / 1000)))
}
