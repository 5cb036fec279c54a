// Package uuid prints sixteen bytes as a UUID.
package uuid

import "encoding/hex"

// Format returns the text of a UUID of a version. The bits that say the version and the
// variant are set.
func Format(b [16]byte, version byte) string {
	b[6], b[8] = b[6]&0x0F|version<<4, b[8]&0x3F|0x80
	text := make([]byte, 0, 36)
	for i, from := range [...]int{0, 4, 6, 8, 10} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, b[from:[...]int{4, 6, 8, 10, 16}[i]])
	}
	return string(text)
}
