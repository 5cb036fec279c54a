package interp

import "math"

// addMillis adds a duration to an instant. It rounds up, and stops at the end
// of the time that can be written.
func addMillis(instant int64, millis float64) int64 {
	const end = 253402300799999 // the last millisecond of the year 9999
	if !(millis < end) {
		return end
	}
	return min(instant+int64(math.Ceil(millis)), end)
}

// maxWait is how far ahead AWS waits, in milliseconds: the number of seconds is
// an int of Java.
const maxWait = math.MaxInt32 * 1000
