package interp

import (
	"fmt"
	"strconv"
	"strings"
)

// FrameID names a frame within its execution. It is never used twice.
type FrameID uint64

// TaskID names one attempt of one task within its execution. It is comparable,
// never used twice, and serves as idempotency key and fence.
type TaskID struct {
	Frame   FrameID
	Attempt uint32
}

// String returns "12.3".
func (id TaskID) String() string {
	return strconv.FormatUint(uint64(id.Frame), 10) + "." + strconv.FormatUint(uint64(id.Attempt), 10)
}

// ParseTaskID reads what String returns.
func ParseTaskID(text string) (TaskID, error) {
	frame, attempt, _ := strings.Cut(text, ".")
	f, err := strconv.ParseUint(frame, 10, 64)
	a, err2 := strconv.ParseUint(attempt, 10, 32)
	id := TaskID{FrameID(f), uint32(a)}
	if err != nil || err2 != nil || id.String() != text {
		return TaskID{}, fmt.Errorf("interp: %q is not a task id", text)
	}
	return id, nil
}
