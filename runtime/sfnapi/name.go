package sfnapi

import (
	"crypto/rand"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/statemill/statemill/internal/uuid"
)

// validName reports whether the service takes the name. How long it is, its constraint
// says. Letters of all scripts are allowed.
func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, forbidden)
}

// forbidden reports whether no name has the character (recorded for activities; the
// documentation says the same of state machines and executions).
func forbidden(r rune) bool {
	return r < 0x20 || 0x7F <= r && r <= 0x9F || r == 0xFFFE || r == 0xFFFF || r == 0x10FFFF ||
		unicode.IsSpace(r) || strings.ContainsRune("<>{}[]?*\"#%\\^|~`$&,;:/", r)
}

// randomUUID returns a UUID of version 4.
func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return uuid.Format(b, 4)
}

// timeUUID returns a UUID of version 7: names that are made one after the other stand
// beside each other in an index.
func timeUUID(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[6:])
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(now.UnixMilli())) // #nosec G115 -- after 1970
	copy(b[:6], millis[2:])
	return uuid.Format(b, 7)
}
