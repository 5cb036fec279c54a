package interp

import (
	"fmt"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

// mapState is a Map state.
type mapState struct {
	flow
	processor *graph
	reader    *itemReader  // nil: none
	batcher   *itemBatcher // nil: none

	distributed *distributed // nil: the iterations are part of the execution

	itemsPath    *path       // ItemsPath; nil: $
	items        *expression // Items, if it is one expression
	itemList     template    // Items, if it is an array
	itemSelector template    // nil: the item itself
	concurrency  *number     // MaxConcurrency; no more than Limits.Iterations run at a time
	tolerated    []*number   // evaluated and checked; inline they tolerate nothing
}

func (s *mapState) enter(t *turn) *failure {
	effective, failed := s.effective(t)
	if failed != nil {
		return failed
	}
	limit, failed := s.concurrency.read(t, effective)
	if failed != nil {
		return failed
	}
	if s.distributed != nil && t.trace == nil {
		return s.beginRun(t, effective, limit)
	}
	items, failed := s.itemsOf(t, effective)
	if failed != nil {
		return failed
	}
	t.trace.items(t, items, limit)
	t.plan.items, t.plan.input, t.plan.unchanged = items, effective, s.inputPath == nil
	if failed = s.checkTolerance(t, effective); failed != nil {
		t.begun = true
		return failed
	}
	t.verdict = begins
	t.plan.concurrency = t.env.limits.Iterations
	if limit > 0 {
		t.plan.concurrency = int(min(limit, int64(t.env.limits.Iterations)))
	}
	return nil
}

func (s *mapState) itemsOf(t *turn, effective datum) (datum, *failure) {
	switch {
	case t.trace != nil && t.trace.read != nil:
		return s.reader.itemsOf(t, effective, *t.trace.read)
	case s.items != nil:
		return s.evaluateItems(t)
	case s.itemList != nil:
		return s.listItems(t)
	case s.itemsPath != nil:
		return s.followItemsPath(t, effective)
	case s.takes(effective.value):
		return effective, nil
	case t.at.node.jsonata:
		return datum{}, t.evaluationError("", "Map state input must be an array but was: %s", effective.value)
	}
	return datum{}, t.noArray("$")
}

// takes reports whether a value has items: an array, or an object if they are read by
// executions of their own.
func (s *mapState) takes(v jsonvalue.Value) bool {
	return v.Kind() == jsonvalue.KindArray || v.Kind() == jsonvalue.KindObject && s.distributed != nil
}

// noArray is the failure of items that are none. Its cause says nothing of the
// state's entry (recorded).
func (t *turn) noArray(path string) *failure {
	fl := newFailure(asl.StatesRuntime, fmt.Sprintf("Reference path \"%s\" must point to array.", path))
	fl.state = t.at.node.name
	return fl
}

// reads reports whether the items come from an ItemReader.
func (s *mapState) reads() bool { return s.distributed != nil && s.reader != nil }

// checkTolerance evaluates the tolerated failures, which count for a distributed
// Map state only and are checked for any.
func (s *mapState) checkTolerance(t *turn, effective datum) *failure {
	for _, field := range s.tolerated {
		if field == nil {
			continue
		}
		value, failed := field.readFloat(t, effective)
		if failed != nil {
			return failed
		}
		t.trace.tolerance(field, value)
	}
	return nil
}

func (s *mapState) evaluateItems(t *turn) (datum, *failure) {
	d, failed := s.items.eval(t.over(t.at.input))
	if failed == nil && !s.takes(d.value) {
		return datum{}, t.unexpectedType(s.items, jsonvalue.KindArray.String(), d.value)
	}
	return d, failed
}

// listItems makes what Items has written out.
func (s *mapState) listItems(t *turn) (datum, *failure) {
	d, failed := s.itemList.eval(t.over(t.at.input))
	if failed == nil && !s.takes(d.value) {
		return datum{}, t.evaluationError("Items", "Map state input must be an array but was: %s", d.value)
	}
	return d, failed
}

// followItemsPath reads ItemsPath. Its messages print a path into the Context
// Object with one dollar less.
func (s *mapState) followItemsPath(t *turn, effective datum) (datum, *failure) {
	v, err := s.itemsPath.get(t.over(effective))
	if err != nil {
		return datum{}, t.invalidPath(s.itemsPath, err)
	}
	if !s.takes(v) {
		text := s.itemsPath.String()
		if s.itemsPath.context {
			text = text[1:]
		}
		return datum{}, t.noArray(text)
	}
	return s.itemsPath.bound(t.over(effective), v), nil
}

func (s *mapState) resume(t *turn, result datum) *failure { return s.leave(t, result) }

// ownItem returns the item of the iteration.
func (t *turn) ownItem() datum {
	if t.item != nil {
		return datum{value: t.item.Value}
	}
	k := t.f.parent.fork
	item, ok := k.items.value.Index(int(t.f.index))
	if !ok {
		panic(fmt.Sprintf("interp: iteration %d of %d items", t.f.index, k.items.value.Len()))
	}
	return datum{item, k.items.size}
}

// selectItem makes the input of an iteration. ItemSelector belongs to the Map
// state: it reads that state's effective input, and its failure is the Map
// state's.
func (t *turn) selectItem() {
	f := t.f
	s := f.parent.node.state.(*mapState)
	t.verdict, t.output = selects, t.ownItem()
	if s.itemSelector == nil {
		t.borrows = true
		return
	}
	t.at = f.parent
	selected, failed := s.itemSelector.eval(t.over(f.parent.fork.input))
	if failed == nil && !t.env.fits(&selected) {
		failed = t.tooLarge()
	}
	if failed != nil {
		if failed.kind == failedEvaluation {
			t.evaluations = append(t.evaluations, failed)
		}
		t.verdict, t.failure = fails, failed
		return
	}
	t.output = selected
}
