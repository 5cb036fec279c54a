package interp

import (
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// parseTimestamp reads the profile of RFC 3339 that the language uses: an
// upper-case T between date and time, seconds, an upper-case Z or an offset.
func parseTimestamp(text string) (time.Time, bool) {
	if strings.ContainsAny(text, "tz,") {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	return at, err == nil
}

// timestampOf returns the instant that a value says if it is such a string.
func timestampOf(v jsonvalue.Value) (time.Time, bool) {
	s, ok := v.AsString()
	if !ok || len(s) < len("2006-01-02T15:04:05Z") {
		return time.Time{}, false
	}
	return parseTimestamp(s)
}

// ceilMillis rounds an instant up to milliseconds: a deadline is never early.
func ceilMillis(at time.Time) int64 {
	ms := at.UnixMilli()
	if at.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}
