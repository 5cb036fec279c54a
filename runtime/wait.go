package runtime

import "time"

// inMillis leads what scales Wait states to the unit of the interpreter.
func inMillis(scale func(time.Duration) time.Duration) func(millis int64) int64 {
	if scale == nil {
		return nil
	}
	return func(millis int64) int64 {
		return int64(scale(time.Duration(millis)*time.Millisecond) / time.Millisecond)
	}
}
