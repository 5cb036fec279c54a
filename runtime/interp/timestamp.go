package interp

import (
	"time"

	"github.com/statemill/statemill/internal/javatime"
	"github.com/statemill/statemill/jsonvalue"
)

// timestampOf returns the instant that a value says if it is a timestamp.
func timestampOf(v jsonvalue.Value) (time.Time, bool) {
	s, ok := v.AsString()
	if !ok {
		return time.Time{}, false
	}
	return javatime.Parse(s)
}

// wholeSeconds returns an instant in milliseconds without its fraction of a
// second, which a Wait state does not look at (unsure: TimestampPath alone).
func wholeSeconds(at time.Time) int64 { return at.Unix() * 1000 }
