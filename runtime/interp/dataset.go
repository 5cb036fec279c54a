package interp

import (
	"math"
	"strconv"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// itemReader is a compiled ItemReader: its parameters, and how ReaderConfig treats the
// JSON that was read.
type itemReader struct {
	parameters template // or Arguments; nil: none
	pointer    string   // ItemsPointer; "": the whole
	maxItems   *number
}

func (c *compiler) itemReader(s *asl.Map) *itemReader {
	if s.ItemReader == nil {
		return nil
	}
	made := &itemReader{
		parameters: c.templateIn(s.QueryLanguage == asl.JSONata, "ItemReader/", s.ItemReader.Parameters),
		maxItems:   c.numberIn(&s.StateInfo, "ItemReader/ReaderConfig/", s.ItemReader.MaxItems, math.MinInt64),
	}
	pointer, _ := s.ItemReader.Config.Get("ItemsPointer")
	made.pointer, _ = pointer.AsString()
	return made
}

// itemsOf returns the items that are in the data.
func (r *itemReader) itemsOf(t *turn, effective datum, data jsonvalue.Value) (datum, *failure) {
	if r.parameters != nil {
		if _, failed := r.parameters.eval(t.over(effective)); failed != nil {
			return datum{}, failed
		}
	}
	limit, failed := r.maxItems.read(t, effective)
	if failed != nil {
		return datum{}, failed
	}
	if limit < 0 {
		return datum{}, newFailure(asl.StatesItemReaderFailed, "field MaxItems must be positive")
	}
	if r.pointer != "" {
		found, ok := follow(data, r.pointer)
		if !ok {
			return datum{}, t.raise(asl.StatesItemReaderFailed, "The provided ReaderConfig.ItemsPointer does not match any valid path in the JSON structure.")
		}
		data = found
		if !t.at.node.jsonata {
			t.trace.note("afterItemsPointer", data)
		}
	}
	var items []jsonvalue.Value
	switch data.Kind() {
	case jsonvalue.KindArray:
		for _, item := range data.Elements() {
			items = append(items, item)
		}
	case jsonvalue.KindObject:
		for name, v := range data.Members() {
			items = append(items, jsonvalue.Object(member("Key", jsonvalue.String(name)), member("Value", v)))
		}
	default:
		return datum{}, newFailure(asl.StatesItemReaderFailed, "Attempting to map over non-iterable node.")
	}
	if limit > 0 {
		items = items[:min(int64(len(items)), limit)]
	}
	return measured(jsonvalue.Array(items...)), nil
}

// follow finds what a JSON Pointer of RFC 6901 points to.
func follow(v jsonvalue.Value, pointer string) (jsonvalue.Value, bool) {
	steps := strings.Split(pointer, "/")
	ok := steps[0] == ""
	for _, step := range steps[1:] {
		if !ok {
			break
		}
		if v.Kind() == jsonvalue.KindArray {
			i, err := strconv.ParseUint(step, 10, 31)
			v, ok = v.Index(int(i))
			ok = ok && err == nil && step == strconv.FormatUint(i, 10)
			continue
		}
		v, ok = v.Get(strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
	}
	return v, ok
}

// itemBatcher groups the items of a Map state.
type itemBatcher struct {
	items, bytes *number
	input        template // BatchInput; nil: none
}

func (c *compiler) itemBatcher(s *asl.Map) *itemBatcher {
	if s.ItemBatcher == nil {
		return nil
	}
	return &itemBatcher{
		items: c.numberIn(&s.StateInfo, "ItemBatcher/", s.ItemBatcher.MaxItemsPerBatch, 1),
		bytes: c.numberIn(&s.StateInfo, "ItemBatcher/", s.ItemBatcher.MaxInputBytesPerBatch, 1),
		input: c.templateIn(s.QueryLanguage == asl.JSONata, "ItemBatcher/", s.ItemBatcher.BatchInput),
	}
}

// batchLimits bound the batches of a Map state.
type batchLimits struct {
	items, room int64 // room: bytes of the items with their commas; items 0: no limit
	shared      []jsonvalue.Member
	empty       int // bytes of a batch without items
}

// of makes the batch of items.
func (l *batchLimits) of(items []jsonvalue.Value) jsonvalue.Value {
	return jsonvalue.Object(append(l.shared[:len(l.shared):len(l.shared)], member("Items", jsonvalue.Array(items...)))...)
}

// limits evaluates the fields of the ItemBatcher.
func (b *itemBatcher) limits(t *turn, effective datum) (l batchLimits, failed *failure) {
	if l.items, failed = b.items.read(t, effective); failed != nil {
		return l, failed
	}
	limit, failed := b.bytes.read(t, effective)
	if failed != nil {
		return l, failed
	}
	if b.input != nil {
		d, failed := b.input.eval(t.over(effective))
		if failed != nil {
			return l, failed
		}
		l.shared = []jsonvalue.Member{member("BatchInput", d.value)}
	}
	l.empty, l.room = l.of(nil).Size(), math.MaxInt64
	if limit > 0 {
		l.room = limit - int64(l.empty)
	}
	return l, nil
}

// batches returns the inputs of the children: each has as many items as both
// limits allow, and at least one.
func (b *itemBatcher) batches(t *turn, effective, selected datum) (made datum, failed *failure) {
	l, failed := b.limits(t, effective)
	if failed != nil {
		return made, failed
	}
	items := make([]jsonvalue.Value, 0, selected.value.Len())
	for _, item := range selected.value.Elements() {
		items = append(items, item)
	}
	var batches []jsonvalue.Value
	for len(items) > 0 {
		n := fill(items, l.items, l.room)
		batches = append(batches, l.of(items[:n]))
		items = items[n:]
	}
	return datum{jsonvalue.Array(batches...), selected.size + len(batches)*(l.empty+1) + 2}, nil
}

// fill returns how many of the items go into a batch: at least one; no more than
// limit, unless that is 0; and no more than fit into room bytes as text, commas
// included.
func fill(items []jsonvalue.Value, limit, room int64) int {
	n := 1
	for used := int64(items[0].Size()); n < len(items) && (limit == 0 || int64(n) < limit); n++ {
		if used += 1 + int64(items[n].Size()); used > room {
			break
		}
	}
	return n
}
