package runtime

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/statemill/statemill/internal/mapresults"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// mapFiles are the files with the results of a Map Run that an execution in memory has in hand.
// What is pending in them is nowhere else: while there are some, the execution stays in memory.
type mapFiles struct {
	ctx     context.Context // of the objects
	cancel  context.CancelFunc
	jobs    errands
	writer  *mapresults.Writer // used by the jobs
	problem error              // why the results cannot be written; likewise
}

// filesOf returns the files of a Map Run, which begin if there are none.
func (r *resident) filesOf(where interp.WriteResults) *mapFiles {
	f := r.files[where.Run]
	if f == nil {
		f = &mapFiles{writer: mapresults.New(r.engine.config.Objects, where)}
		f.ctx, f.cancel = context.WithCancel(r.engine.ctx)
		f.jobs.start = func(run func()) { r.engine.work.do(run) } // it never refuses: a turn is under way
		if r.files == nil {
			r.files = make(map[interp.MapRunID]*mapFiles)
		}
		r.files[where.Run] = f
	}
	return f
}

// hasFiles reports whether Map Runs are to write something.
func hasFiles(m *interp.Mapping) bool {
	return m != nil && (len(m.Write) > 0 || slices.ContainsFunc(m.Children, func(s interp.StartChild) bool { return s.Pending }))
}

// keepPending writes the input of a child that does not begin.
func (r *resident) keepPending(s *interp.StartChild) {
	where, ok := r.x.Results(s.Run)
	if !ok {
		return
	}
	f, child := r.filesOf(where), &mapresults.Child{Index: s.Index, Pending: true, Input: s.Input}
	f.jobs.do(func() {
		if f.problem == nil {
			f.problem = guarded(func() error { return f.writer.Append(f.ctx, child) })
		}
	})
}

// write tests the place for the results of a Map Run, or writes them, and tells the execution. Whoever
// takes the execution up when this process ends does so again.
func (r *resident) write(where interp.WriteResults) {
	f := r.filesOf(where)
	f.jobs.do(func() {
		if f.problem == nil {
			f.problem = guarded(func() error {
				if where.Probe {
					return f.writer.Probe(f.ctx)
				}
				return r.engine.writeResults(f.ctx, f.writer, &where)
			})
		}
		if f.ctx.Err() != nil {
			return // nobody waits for it
		}
		m := message{kind: written, run: where.Run}
		if m.lacking = f.problem != nil; m.lacking {
			m.cause = f.problem.Error()
		}
		r.mail.post(m)
	})
}

// takeWritten tells the machine what has become of the files of a Map Run.
func (r *resident) takeWritten(m *message) (taken bool) {
	r.closeFiles(m.run)
	if m.lacking {
		return r.x.WriteFailed(m.run, m.cause)
	}
	return r.x.ResultsWritten(m.run)
}

// closeFiles gives up the files of a Map Run. Those that are complete stay.
func (r *resident) closeFiles(run interp.MapRunID) {
	if f := r.files[run]; f != nil {
		delete(r.files, run)
		f.cancel()
		f.jobs.do(func() {
			f.problem = context.Canceled
			_ = guarded(f.writer.Abort) // nobody asks for them
		})
	}
}

// writeResults writes the results of the children of a Map Run, all of which are over or about to be
// stopped.
func (e *Engine) writeResults(ctx context.Context, w *mapresults.Writer, where *interp.WriteResults) error {
	if err := e.untilStopped(ctx, where.ARN); err != nil {
		return err
	}
	err := e.eachChild(ctx, store.Query{MapRun: where.ARN, Data: true, Limit: dataPage}, func(r *store.Record) error {
		if r.Status == interp.Succeeded && where.LastFolder != "" && r.ParentRedrives <= where.Last {
			return nil // the files before these have it
		}
		return w.Append(ctx, childOf(r, where.Express))
	})
	if err != nil {
		return err
	}
	return w.Close(ctx)
}

// untilStopped waits until no child of a Map Run runs: those that are to be stopped have been told so.
func (e *Engine) untilStopped(ctx context.Context, run string) error {
	running := errors.New("some run")
	for pause := time.Millisecond; ctx.Err() == nil; pause = min(2*pause, time.Second) {
		err := e.eachChild(ctx, store.Query{MapRun: run, Status: interp.Running, Limit: 1}, func(*store.Record) error { return running })
		if err != running {
			return err
		}
		e.sleep(pause)
	}
	return ctx.Err()
}
