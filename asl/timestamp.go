package asl

import (
	"strings"
	"time"
)

// isTimestampText reports whether s is a time in the profile of RFC 3339 that
// the language has: T and Z in upper case, seconds, an optional fraction and a
// zone.
func isTimestampText(s string) bool {
	if len(s) < len("2006-01-02T15:04:05Z") || s[10] != 'T' || strings.ContainsAny(s, "tz,") {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, s)
	return err == nil
}
