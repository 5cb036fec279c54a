package interp

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
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
