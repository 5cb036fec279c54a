// Package digest computes the hashes that Step Functions offers in States.Hash
// and $hash, by the names that both give to the algorithms.
package digest

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"sync"
)

// Hex returns the hash of a text in hexadecimal digits; ok is false if there is
// no algorithm of that name.
func Hex(algorithm, text string) (digits string, ok bool) {
	data := texts.Get().(*[]byte)
	*data = append((*data)[:0], text...)
	sum := sum(algorithm, *data)
	if cap(*data) <= maxKept {
		texts.Put(data)
	}
	return hex.EncodeToString(sum), sum != nil
}

// texts are room for what is hashed.
var texts = sync.Pool{New: func() any { return new([]byte) }}

const maxKept = 64 << 10 // bytes

func sum(algorithm string, data []byte) []byte {
	switch algorithm {
	case "MD5":
		sum := md5.Sum(data)
		return sum[:]
	case "SHA-1":
		sum := sha1.Sum(data)
		return sum[:]
	case "SHA-256":
		sum := sha256.Sum256(data)
		return sum[:]
	case "SHA-384":
		sum := sha512.Sum384(data)
		return sum[:]
	case "SHA-512":
		sum := sha512.Sum512(data)
		return sum[:]
	}
	return nil
}
