package interp

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Seed determines all that is random in an execution: UUIDs, jitter, random
// numbers, the secrets in task tokens. Here the zero Seed is a seed like any
// other; runtime.Runner draws a seed for each run if its Seed is zero.
type Seed [16]byte

// source returns the randomness of one turn of a frame: a function of the seed,
// the frame and how many turns of it drew before.
func (s Seed) source(id FrameID, draw uint32) rand.Source {
	var text [28]byte
	copy(text[:], s[:])
	binary.BigEndian.PutUint64(text[16:], uint64(id))
	binary.BigEndian.PutUint32(text[24:], draw)
	sum := sha256.Sum256(text[:])
	return rand.NewPCG(binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:]))
}

// tokenForm is the first character of the tokens of this form.
const tokenForm = "1"

// errToken reports text that is no task token.
var errToken = errors.New("interp: not a task token")

// token returns the task token of an attempt. Its last part is a secret: only
// who has the seed can make it.
func (s Seed) token(execution string, id TaskID) string {
	sum := sha256.Sum256([]byte(string(s[:]) + id.String() + "\x00" + execution))
	name := base64.RawURLEncoding.EncodeToString([]byte(execution))
	return tokenForm + "." + name + "." + id.String() + "." + base64.RawURLEncoding.EncodeToString(sum[:18])
}

// ParseToken tells to which execution and task a token belongs. Whether the
// token is genuine shows when it equals what [Execution.Token] returns.
func ParseToken(token string) (execution string, task TaskID, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 5 || parts[0] != tokenForm {
		return "", TaskID{}, errToken
	}
	name, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", TaskID{}, errToken
	}
	task, err = ParseTaskID(parts[2] + "." + parts[3])
	if err != nil {
		return "", TaskID{}, errToken
	}
	return string(name), task, nil
}

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
