package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// Poll implements Store.
func (s *MemoryStore) Poll(ctx context.Context, p Poll) (polled Polled, err error) {
	if err := ctx.Err(); err != nil {
		return Polled{}, err
	}
	if p.Owner == "" {
		return Polled{}, errors.New("store: a Poll names no Owner")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Lease <= 0 {
		s.giveBack(p)
		return Polled{}, nil
	}
	s.leases[p.Owner] = time.Now().Add(p.Lease)
	s.forgetDead()
	if p.Held {
		polled.Held = s.held(p.Owner)
	}
	polled.Claimed, polled.More = s.claim(p)
	polled.Next, polled.Lapse = s.next(p.Now), s.lapse(p.Owner)
	limit := cmp.Or(max(p.Messages, 0), PageSize)
	own := s.toOwned(p.Owner, limit+1)
	if len(own) > limit {
		own, polled.More = own[:limit], true
	}
	polled.Messages = own
	for _, queue := range p.Queues {
		polled.Messages = append(polled.Messages, s.inbox(queue, limit)...)
	}
	return polled, nil
}

// giveBack ends a lease: what the owner has is due at once.
func (s *MemoryStore) giveBack(p Poll) {
	delete(s.leases, p.Owner)
	s.forgetDead()
	for _, x := range s.created {
		if x.Owner == p.Owner {
			x.Owner, x.due = "", whole(p.Now)
		}
	}
}

// alive reports whether an owner has a lease.
func (s *MemoryStore) alive(owner string) bool { return time.Now().Before(s.leases[owner]) }

// forgetDead deletes leases that are over, and messages to the processes that had them.
func (s *MemoryStore) forgetDead() {
	for owner := range s.leases {
		if !s.alive(owner) {
			delete(s.leases, owner)
		}
	}
	for to := range s.inboxes {
		if owner, ok := strings.CutPrefix(to, ProcessQueue); ok && !s.alive(owner) {
			for _, m := range s.inbox(to, -1) {
				s.consume(m.ID)
			}
		}
	}
}

// lapse returns how long the first lease of another owner lasts.
func (s *MemoryStore) lapse(owner string) (first time.Duration) {
	for other, end := range s.leases {
		if left := max(time.Until(end), 1); other != owner && (first == 0 || left < first) {
			first = left
		}
	}
	return first
}

// The reasons for which an execution needs an owner, in the order of claims.
const (
	ownerDied = iota
	hasMessages
	isDue
	needsNone
)

func (s *MemoryStore) need(x *memoryExecution, now time.Time) int {
	switch {
	case x.Owner != "":
		if s.alive(x.Owner) {
			return needsNone
		}
		return ownerDied
	case s.inboxes[x.Record.Execution] != nil:
		return hasMessages
	case !x.due.IsZero() && !x.due.After(now):
		return isDue
	}
	return needsNone
}

func (s *MemoryStore) claim(p Poll) (claimed []string, more bool) {
	found := make([][]*memoryExecution, needsNone)
	for _, x := range s.created {
		if need := s.need(x, p.Now); need < needsNone {
			found[need] = append(found[need], x)
		}
	}
	slices.SortStableFunc(found[isDue], func(a, b *memoryExecution) int { return a.due.Compare(b.due) })
	for _, x := range slices.Concat(found...) {
		if len(claimed) >= p.Limit {
			return claimed, true
		}
		x.Owner = p.Owner
		claimed = append(claimed, x.Record.Execution)
	}
	return claimed, false
}

// held returns the executions of an owner.
func (s *MemoryStore) held(owner string) (ids []string) {
	for _, x := range s.created {
		if x.Owner == owner {
			ids = append(ids, x.Record.Execution)
		}
	}
	return ids
}

func (s *MemoryStore) next(now time.Time) (next time.Time) {
	for _, x := range s.created {
		waits := x.Owner == "" && s.inboxes[x.Record.Execution] == nil
		if waits && x.due.After(now) && (next.IsZero() || x.due.Before(next)) {
			next = x.due
		}
	}
	return next
}

// toOwned returns messages to the executions of an owner.
func (s *MemoryStore) toOwned(owner string, limit int) (found []Message) {
	for _, x := range s.created {
		if x.Owner == owner {
			found = append(found, s.inbox(x.Record.Execution, limit-len(found))...)
		}
	}
	return found
}
