package sqlstore

import (
	"math"
	"time"

	"github.com/statemill/statemill/runtime/store"
)

// The column due of an execution is NULL (nobody owns it, and only a message makes it
// need an owner), one of these marks, or the instant from which on it needs an owner. So one
// index finds timers, messages and what a dead owner has left.
const (
	dueOwned   = math.MinInt64     // it has an owner
	dueMessage = math.MinInt64 + 1 // it has none, and messages
)

// dueAfter returns the column after a change, if there are no messages.
func dueAfter(c *store.Change) any {
	if c.Owner != "" {
		return int64(dueOwned)
	}
	return instant(c.Due)
}

// instant returns an instant as a column: milliseconds, or NULL for the zero instant.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}

// instant is the reverse.
func (c columns) instant(i int) time.Time {
	if c[i] == nil {
		return time.Time{}
	}
	return time.UnixMilli(c.number(i)).UTC()
}

// text returns a text as a column, NULL if it is empty.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// blob returns bytes as a column, NULL if there are none.
func blob(data []byte) any {
	if len(data) == 0 {
		return nil
	}
	return data
}
