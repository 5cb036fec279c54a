// Package javahash tells in which order the collections of Java that hash give
// back what they hold. Step Functions shows that order: States.ArrayUnique has
// it, members of payload templates have it, variables have it.
package javahash

import "unicode/utf8"

// String returns what String.hashCode returns: it reads UTF-16 code units. Lone
// surrogates are in their three-byte form.
func String(s string) int32 {
	var h int32
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			h = 31*h + int32(c)
			i++
			continue
		}
		r, size := rune(0), 3
		switch {
		case c >= 0xF0 && i+4 <= len(s):
			r, size = rune(c&0x07)<<18|rune(s[i+1]&0x3F)<<12|rune(s[i+2]&0x3F)<<6|rune(s[i+3]&0x3F), 4
			h = 31*h + (0xD7C0 + r>>10) // the high surrogate
			r = 0xDC00 | r&0x3FF
		case c >= 0xE0 && i+3 <= len(s):
			r = rune(c&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F)
		case i+2 <= len(s):
			r, size = rune(c&0x1F)<<6|rune(s[i+1]&0x3F), 2
		}
		h = 31*h + r
		i += size
	}
	return h
}

// Names returns in which order a HashMap gives back its keys, which differ, as
// indexes of names. They were put in as they stand there.
func Names(names []string) []int {
	hashes := make([]int32, len(names))
	for i, name := range names {
		hashes[i] = String(name)
	}
	return Order(hashes)
}

const (
	firstBuckets = 16 // of a new table
	longestChain = 8  // a longer one makes a small table grow
	treeBuckets  = 64 // from here on a longer one becomes a tree instead
)

// Order returns in which order a HashSet or the keys of a HashMap give back
// what was put in, as indexes of hashes, one for each of elements that differ.
// Both begin with sixteen buckets. The order inside a bucket is that of arrival;
// the trees that Java makes of nine and more in one of 64 and more buckets turn
// some of it around, and are not built.
func Order(hashes []int32) []int {
	buckets := countBuckets(hashes)
	ends := make([]int, buckets+1)
	for _, h := range hashes {
		ends[bucket(h, buckets)+1]++
	}
	for i := range buckets {
		ends[i+1] += ends[i]
	}
	order := make([]int, len(hashes))
	for i, h := range hashes {
		b := bucket(h, buckets)
		order[ends[b]] = i
		ends[b]++
	}
	return order
}

// bucket returns where a table keeps what has this hash.
func bucket(h int32, buckets int) int { return int(uint32(h)^uint32(h)>>16) & (buckets - 1) }

// countBuckets returns how many buckets the table has when all is in it. It
// doubles when it is filled to more than three quarters, and while it is small
// also when a chain becomes too long.
func countBuckets(hashes []int32) int {
	buckets := firstBuckets
	var chains [treeBuckets]int // of a small table
	for i, h := range hashes {
		if buckets < treeBuckets {
			if b := bucket(h, buckets); chains[b] < longestChain {
				chains[b]++
			} else {
				buckets *= 2
				chains = chainsOf(hashes[:i+1], buckets)
			}
		}
		if 4*(i+1) > 3*buckets {
			buckets *= 2
			if buckets < treeBuckets {
				chains = chainsOf(hashes[:i+1], buckets)
			}
		}
	}
	return buckets
}

func chainsOf(hashes []int32, buckets int) (chains [treeBuckets]int) {
	for _, h := range hashes {
		chains[bucket(h, buckets)]++
	}
	return chains
}
