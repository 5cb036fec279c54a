package sfnapi

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

// A state machine is deleted in steps: it is marked as DELETING, so that nothing is
// started any more; what still runs fails at its next transition (recorded); and when
// nothing runs, its executions and documents are deleted. A document whose key begins
// with deletingPrefix remembers it, for the process that comes next.
const deletingPrefix = "deleting/"

// patience is how long a request goes on with a deletion before it leaves the rest, many
// executions that are over, to the time after it.
const patience = 5 * time.Second

type deleteStateMachineIn struct {
	ARN string `sfn:"stateMachineArn,required,1..256"`
}

func (s *scope) deleteStateMachine(in *deleteStateMachineIn) (fields, error) {
	ref, err := parseMachine(in.ARN)
	if err != nil {
		return nil, err
	}
	if ref.qualifier != "" { // that it is refused is documented; the words are not recorded (unsure)
		return nil, invalid("DeleteStateMachine does not support qualified state machine ARNs: '%s'", in.ARN)
	}
	found := false
	_, err = s.change(func() (fields, bool, error) {
		m, there, err := s.machineOf(ref)
		found = there
		if err != nil || !found || m.Deleting {
			return nil, false, err
		}
		m.Deleting = true
		changed, err := s.write(m.changed(), store.Document{Key: deletingPrefix + m.document.Key, Data: []byte{documentVersion}})
		return nil, changed, err
	})
	if err != nil || !found {
		return nil, err // one that is not there is deleted
	}
	d := &deletion{handler: s.handler, ref: ref}
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	done, err := d.pass(ctx)
	if !done {
		d.later() // it is marked, so that an error is no reason to say no
	}
	if err != nil && ctx.Err() == nil {
		s.handler.log(slog.LevelError, "a state machine is not deleted yet", "stateMachine", in.ARN, "error", err)
	}
	return nil, nil
}

// deletion deletes a state machine that is marked.
type deletion struct {
	handler *Handler
	ref     machineRef
}

// resumeDeletions goes on with what a process before this one began.
func (h *Handler) resumeDeletions(ctx context.Context) error {
	for after := ""; ; {
		docs, err := h.documents.Scan(ctx, deletingPrefix, after, 0)
		if err != nil {
			return err
		}
		if len(docs) == 0 {
			return nil
		}
		for _, doc := range docs {
			parts := strings.Split(doc.Key[len(deletingPrefix):], "/")
			if len(parts) != 5 {
				return errors.New("sfnapi: a document has the key " + doc.Key)
			}
			p := place{partition: parts[0], region: parts[1], account: parts[2]}
			d := &deletion{handler: h, ref: machineRef{arn: arn{place: p}, name: parts[4]}}
			d.later()
			after = doc.Key
		}
	}
}

// later has the deletion go on after the request. However often it is asked for, one
// goroutine does it; asked while that ends, it looks again: the name may be in use anew.
func (d *deletion) later() {
	h, key := d.handler, d.ref.machineKey(d.ref.name)
	h.mu.Lock()
	_, underWay := h.deleting[key]
	h.deleting[key] = underWay
	h.mu.Unlock()
	if underWay {
		return
	}
	h.goOn(func() {
		for again := true; again; {
			d.end()
			h.mu.Lock()
			if again = h.deleting[key]; again {
				h.deleting[key] = false
			} else {
				delete(h.deleting, key)
			}
			h.mu.Unlock()
		}
	})
}

// end tries until it is done, or the Handler is closed.
func (d *deletion) end() {
	ctx := d.handler.ctx
	for pause := 100 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, time.Minute) {
		done, err := d.pass(ctx)
		if done {
			return
		}
		if err != nil && ctx.Err() == nil {
			d.handler.log(slog.LevelError, "a state machine is not deleted yet", "stateMachine", d.ref.plain(), "error", err)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// pass deletes what can be deleted, and reports whether that is everything.
func (d *deletion) pass(ctx context.Context) (done bool, err error) {
	running, after := 0, ""
	for {
		records, err := d.handler.executions.List(ctx, d.undeleted(after))
		if errors.Is(err, store.ErrNotFound) { // another request has deleted the one with which the page before ended
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if len(records) == 0 {
			break
		}
		for i := range records {
			if records[i].Status != interp.Running {
				if err = d.deleteExecution(ctx, records[i].Execution); errors.Is(err, runtime.ErrRunning) { // its children are about to end
					err, after = nil, records[i].Execution
					running++
				}
			} else {
				running++
				after = records[i].Execution
				err = d.condemn(ctx, after)
			}
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return false, err
			}
		}
	}
	if running > 0 {
		return false, nil
	}
	return true, d.documents(ctx)
}

func (d *deletion) condemn(ctx context.Context, execution string) error {
	return d.handler.condemnExecution(ctx, execution, "State machine "+d.ref.name+" has been deleted")
}

// documents deletes the documents, that of the machine last: until then it is there.
func (d *deletion) documents(ctx context.Context) error {
	h := d.handler
	for _, prefix := range []string{d.ref.aliasPrefix(), d.ref.versionPrefix(), d.ref.revisionKey(d.ref.name, "")} {
		for {
			docs, err := h.documents.Scan(ctx, prefix, "", 16) // each may have a definition of a megabyte
			if err != nil {
				return err
			}
			if len(docs) == 0 {
				break
			}
			if err := d.remove(ctx, docs); err != nil {
				return err
			}
		}
	}
	key := d.ref.machineKey(d.ref.name)
	for {
		docs, err := h.documents.Read(ctx, key, deletingPrefix+key)
		if err != nil || docs[1].Revision == 0 {
			return err
		}
		if err := d.remove(ctx, docs); err != nil {
			return err
		}
	}
}

// remove deletes documents unless one of them has changed: look again.
func (d *deletion) remove(ctx context.Context, docs []store.Document) error {
	for i := range docs {
		docs[i].Data = nil
	}
	err := d.handler.documents.Write(ctx, docs...)
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// versionPrefix begins the keys of the versions.
func (m machineRef) versionPrefix() string { return m.prefix() + "/v/" + m.name + "/" }

// disown ends and deletes an execution that was started while its state machine was
// being deleted: nobody else looks for it.
func (d *deletion) disown(execution string) {
	d.handler.goOn(func() {
		ctx := d.handler.ctx
		if err := d.condemn(ctx, execution); err != nil {
			return
		}
		if _, err := d.handler.executions.Wait(ctx, execution); ctx.Err() == nil && !errors.Is(err, store.ErrNotFound) {
			_ = d.deleteExecution(ctx, execution)
		}
	})
}
