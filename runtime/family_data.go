package runtime

import (
	"cmp"
	"context"
	"runtime/debug"
	"slices"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/internal/dataset"
	"github.com/statemill/statemill/internal/mapresults"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// childRun is what the driver knows of a Map Run.
type childRun struct {
	id       interp.MapRunID
	of       *kin
	ctx      context.Context // of its objects
	cancel   context.CancelFunc
	children map[int64]*child // that run, by index

	// Without a writer the results are in memory until they are collected.
	results        map[int64]jsonvalue.Value // of children that succeeded
	size           int                       // bytes of them; over the limit, they are not kept
	transformation string                    // as of interp.WriteResults

	reads   bool            // items are read from objects
	reader  *dataset.Reader // nil: nothing has been read yet, or nothing will be any more. Used by the jobs of reading
	reading errands
	writer  *mapresults.Writer // nil: none. Used by the jobs of writing
	problem error              // why the results cannot be written; likewise
	writing errands
	closing bool // the files are to be finished when the last child is over
}

// newRun returns a run of which nothing has happened.
func (f *family) newRun(of *kin, id interp.MapRunID) *childRun {
	r := &childRun{id: id, of: of, children: make(map[int64]*child), results: make(map[int64]jsonvalue.Value)}
	r.ctx, r.cancel = context.WithCancel(f.driver.ctx)
	r.reading.start, r.writing.start = f.startErrands, f.startErrands
	return r
}

// close gives up what a run has open.
func (r *childRun) close() {
	r.cancel()
	if r.reads {
		r.reading.do(func() {
			if r.reader != nil {
				_ = guarded(r.reader.Close) // nobody reads on
				r.reader = nil
			}
		})
	}
	if r.writer != nil {
		r.writing.do(func() {
			r.problem = context.Canceled
			_ = guarded(r.writer.Abort) // nobody asks for the files
		})
	}
}

// startErrands has a goroutine do errands. With a VirtualClock, time stands still meanwhile.
func (f *family) startErrands(run func()) {
	leave := func() {}
	if enter := f.driver.enter; enter != nil {
		leave = enter()
	}
	f.errands.Go(func() {
		defer leave()
		run()
	})
}

// answer is what comes of an errand.
type answer struct {
	run  *childRun
	tell func(x *interp.Execution, id interp.MapRunID) bool
}

// answer tells the execution of a run what has come of an errand, when the driver listens.
func (f *family) answer(run *childRun, tell func(x *interp.Execution, id interp.MapRunID) bool) {
	f.mu.Lock()
	f.answers = append(f.answers, answer{run, tell})
	f.mu.Unlock()
	f.driver.notify()
}

// gatherAnswers tells the executions. With a VirtualClock all errands are done then.
func (f *family) gatherAnswers() {
	f.mu.Lock()
	answers := f.answers
	f.answers = nil
	f.mu.Unlock()
	slices.SortStableFunc(answers, func(a, b answer) int {
		return cmp.Or(cmp.Compare(a.run.of.number(), b.run.of.number()), cmp.Compare(a.run.id.Frame, b.run.id.Frame))
	})
	for _, a := range answers {
		if a.tell(a.run.of.x, a.run.id) {
			f.told(a.run.of)
		}
	}
}

// number is the place of an execution in the order of their beginnings.
func (k *kin) number() int64 {
	if k.child == nil {
		return -1
	}
	return k.child.number
}

// read reads items.
func (f *family) read(of *kin, items interp.ReadItems) {
	run := f.run(of, items.Run)
	run.reads = true
	run.reading.do(func() {
		var chunk interp.Chunk
		err := guarded(func() (err error) {
			if run.reader == nil {
				if run.reader, err = dataset.New(f.driver.runner.Objects, f.driver.runner.Formats, &items); err != nil {
					return err
				}
			}
			chunk, err = run.reader.Read(run.ctx, &items)
			return err
		})
		f.answer(run, func(x *interp.Execution, id interp.MapRunID) bool {
			if err != nil {
				return x.ReadFailed(id, err.Error())
			}
			return x.ItemsRead(id, chunk)
		})
	})
}

// guarded calls a function that calls the user's Objects; a panic in it is its error.
func guarded(call func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &PanicError{value, debug.Stack()}
		}
	}()
	return call()
}

// write tests the place for the results of a run, or finishes their files.
func (f *family) write(of *kin, where interp.WriteResults) {
	run := f.run(of, where.Run)
	if !where.Probe {
		run.closing = true
		f.finish(run)
		return
	}
	writer := mapresults.New(f.driver.runner.Objects, where)
	run.writer = writer
	run.writing.do(func() {
		f.written(run, guarded(func() error { return writer.Probe(run.ctx) }))
	})
}

// written says whether files could be written.
func (f *family) written(run *childRun, err error) {
	f.answer(run, func(x *interp.Execution, id interp.MapRunID) bool {
		if err != nil {
			return x.WriteFailed(id, err.Error())
		}
		return x.ResultsWritten(id)
	})
}

// finish finishes the files if all children are over: those that are stopped have a record, too.
func (f *family) finish(run *childRun) {
	if !run.closing || len(run.children) > 0 {
		return
	}
	run.closing = false
	run.writing.do(func() {
		err := run.problem
		if err == nil {
			err = guarded(func() error { return run.writer.Close(run.ctx) })
		}
		f.written(run, err)
	})
}

// add adds a child to the results of a run that writes them.
func (r *childRun) add(c *mapresults.Child) {
	r.writing.do(func() {
		if r.problem == nil {
			r.problem = guarded(func() error { return r.writer.Add(r.ctx, c) })
		}
	})
}

// keep keeps what a child that succeeded contributes to the results, and returns how many
// bytes that is, commas included.
func (r *childRun) keep(c *mapresults.Child, limit int) (size int) {
	size = c.Size(r.transformation)
	if r.size += size; r.size >= limit {
		r.results = nil
	} else {
		r.results[c.Index] = c.Result(r.transformation)
	}
	return size
}

// collect hands over the results of the children that succeeded, in their order.
func (f *family) collect(of *kin, c interp.CollectResults) {
	run := f.run(of, c.Run)
	elements := make([]jsonvalue.Value, 0, len(run.results))
	for _, index := range sortedKeys(run.results) {
		elements = slices.AppendSeq(elements, mapresults.Contributions(run.results[index], c.Transformation))
	}
	of.x.Collected(c.Run, jsonvalue.Array(elements...))
	f.told(of)
}

// writesObjects reports whether the results of a distributed Map state go to objects.
func writesObjects(m *asl.Map) bool {
	return m.ResultWriter != nil && m.ResultWriter.Resource.Text != ""
}

// transformation returns what becomes of the outputs of a distributed Map state in its result.
func transformation(m *asl.Map) string {
	if m.ResultWriter != nil {
		v, _ := m.ResultWriter.Config.Get("Transformation")
		text, _ := v.AsString()
		return text
	}
	return ""
}
