package generate

import "flag"

var programs = flag.Int("programs", 0, "how many random programs a test runs; 0: few")

// Programs returns how many random programs a test runs: few, unless the flag
// -programs says otherwise.
func Programs(few int) uint64 {
	if *programs > 0 {
		return uint64(*programs)
	}
	return uint64(few)
}
