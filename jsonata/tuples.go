package jsonata

// A path in which a step binds a variable (@, #) or keeps its context for a
// parent (%) does not carry items but tuples: an item, and the variables bound
// on the way to it.

// evalTuples evaluates the steps of such a path.
func (p *path) evalTuples(ev *evaluation, in stream, from int, f *frame) (value, error) {
	in, err := p.run(ev, in, from, p.tuples, f)
	if err != nil {
		return value{}, err
	}
	if in.isEmpty() && p.tuples > from {
		if p.group != nil {
			return p.group.eval(ev, value{}, f)
		}
		return value{}, nil
	}
	tuples, err := p.tupleSteps(ev, in, max(p.tuples, from), f)
	if err != nil {
		return value{}, err
	}
	stream := arrayValue(&array{tuples: orEmpty(tuples), sequence: true})
	if p.group != nil {
		return p.group.eval(ev, stream, f)
	}
	if p.asTuples {
		return stream, nil
	}
	items := make([]value, len(tuples))
	for i := range tuples {
		items[i] = tuples[i].context
	}
	v, err := ev.sequence(items)
	if p.keep && err == nil {
		return ev.keep(v)
	}
	return v, err
}

// orEmpty returns a list that is not nil.
func orEmpty(tuples []tuple) []tuple {
	if tuples == nil {
		return []tuple{}
	}
	return tuples
}

// tupleSteps evaluates the steps from the first that makes tuples on.
func (p *path) tupleSteps(ev *evaluation, in stream, from int, f *frame) ([]tuple, error) {
	tuples, err := p.firstTuples(ev, in, from, f)
	for i := from + oneIf(p.steps[from].sort != nil); i < len(p.steps) && err == nil; i++ {
		s := &p.steps[i]
		if s.sort != nil {
			tuples, err = s.sort.tuples(ev, tuples, f)
		} else {
			tuples, err = s.extend(ev, tuples, f)
		}
		if err == nil {
			tuples, err = s.applyStages(ev, tuples, f)
		}
	}
	return tuples, err
}

// firstTuples makes tuples of items. A sort that is the first step to make
// tuples binds the places in the sorted sequence.
func (p *path) firstTuples(ev *evaluation, in stream, from int, f *frame) ([]tuple, error) {
	s := &p.steps[from]
	if s.sort != nil {
		sorted, err := s.sort.eval(ev, in, f)
		if err != nil {
			return nil, err
		}
		in = streamOf(sorted)
	}
	if err := ev.charge(tupleSteps * in.len()); err != nil {
		return nil, err
	}
	tuples := make([]tuple, in.len())
	for i := range tuples {
		tuples[i] = tuple{context: in.at(i)}
		if s.sort != nil && s.index != "" {
			tuples[i] = tuples[i].with(s.index, integer(int64(i)))
		}
	}
	if s.sort != nil {
		return s.applyStages(ev, tuples, f)
	}
	return tuples, nil
}

// extend evaluates a step for every tuple.
func (s *step) extend(ev *evaluation, tuples []tuple, f *frame) ([]tuple, error) {
	var out []tuple
	for i := range tuples {
		t := &tuples[i]
		v, err := ev.eval(s.node, t.context, t.frame(f))
		if err != nil {
			return nil, err
		}
		if out, err = s.extendOne(ev, out, t, v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// extendOne appends the tuples that a step makes of one, given what it yields.
func (s *step) extendOne(ev *evaluation, out []tuple, t *tuple, v value) ([]tuple, error) {
	a, ok := v.array()
	if ok && a.tuples != nil {
		for i := range a.tuples {
			out = append(out, t.merge(a.tuples[i]))
			n := len(a.tuples[i].vars)
			if err := ev.chargeTuple(len(out), n*(len(t.vars)+n+1)); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	results := streamOf(v)
	for j, n := 0, results.len(); j < n; j++ {
		out = append(out, s.bind(*t, results.at(j), j))
		if err := ev.chargeTuple(len(out), len(t.vars)+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Prices of tuples: of one, and of a variable in it.
const (
	tupleSteps         = 8
	tupleVariableSteps = 6
)

// chargeTuple counts a tuple that was made. Count is the number of tuples so far,
// vars the number of variables that were copied for this one.
func (ev *evaluation) chargeTuple(count, vars int) error {
	if err := ev.checkLength(count); err != nil {
		return err
	}
	return ev.charge(tupleSteps + tupleVariableSteps*vars)
}

// bind returns a tuple with one result of the step.
func (s *step) bind(t tuple, item value, place int) tuple {
	before := t.context
	if s.focus != "" {
		t = t.with(s.focus, item)
	} else {
		t.context = item
	}
	if s.index != "" {
		t = t.with(s.index, integer(int64(place)))
	}
	if s.ancestor != "" {
		t = t.with(s.ancestor, before)
	}
	return t
}

// applyStages filters and numbers tuples.
func (s *step) applyStages(ev *evaluation, tuples []tuple, f *frame) (_ []tuple, err error) {
	for i := range s.stages {
		st := &s.stages[i]
		if !st.binds {
			tuples, err = st.filter.tuples(ev, tuples, f)
			if err != nil {
				return nil, err
			}
			continue
		}
		for j := range tuples {
			tuples[j] = tuples[j].with(st.index, integer(int64(j)))
			if err := ev.chargeTuple(j, len(tuples[j].vars)); err != nil {
				return nil, err
			}
		}
	}
	return tuples, nil
}

// tuples filters tuples.
func (p *filter) tuples(ev *evaluation, tuples []tuple, f *frame) ([]tuple, error) {
	n := len(tuples)
	if p.literal {
		if i := index(p.place, n); i >= 0 {
			return tuples[i : i+1], nil
		}
		return nil, nil
	}
	var out []tuple
	for i := range tuples {
		t := &tuples[i]
		times, err := p.times(ev, t.context, i, n, t.frame(f))
		if err != nil {
			return nil, err
		}
		for range times {
			out = append(out, *t)
		}
		if err := ev.chargeTuple(len(out), 0); err != nil {
			return nil, err
		}
	}
	return out, nil
}
