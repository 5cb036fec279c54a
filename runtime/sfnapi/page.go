package sfnapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// page is a part of a list that a request asks for.
type page struct {
	scope  *scope
	filter []byte // hash of the operation and of the arguments that say what is listed
	limit  int
	after  string // the key of the last item of the page before; "": the list begins
}

// The form of a token is base64url of: a version byte, the hash of the filter (8 bytes),
// the second in which it expires (8 bytes), the key, and the first 8 bytes of the SHA-256
// of all that. It is not secret, and holds nothing secret.
const (
	pageVersion  = 1
	pageHead     = 1 + 8 + 8
	pageChecksum = 8
	pageLifetime = 24 * time.Hour
)

// paged reads the token and the size of a page. The default size is 100 (a token may
// come with another size than the one before, recorded).
func (s *scope) paged(token *string, size int64, filter ...string) (*page, error) {
	sum := sha256.Sum256([]byte(s.operation + "\x00" + s.prefix() + "\x00" + strings.Join(filter, "\x00")))
	p := &page{scope: s, filter: sum[:8], limit: int(size)}
	if p.limit == 0 {
		p.limit = 100
	}
	if token == nil {
		return p, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(*token)
	if err != nil || len(raw) < pageHead+pageChecksum {
		return nil, invalidToken()
	}
	body, checksum := raw[:len(raw)-pageChecksum], raw[len(raw)-pageChecksum:]
	have := sha256.Sum256(body)
	expires := int64(binary.BigEndian.Uint64(body[9:17])) // #nosec G115 -- compared only
	if !bytes.Equal(have[:pageChecksum], checksum) || body[0] != pageVersion || !bytes.Equal(body[1:9], p.filter) || s.now.Unix() > expires {
		return nil, invalidToken()
	}
	p.after = string(body[pageHead:])
	return p, nil
}

// listing returns the answer for a page: what was found after the one before it, at most one
// item more than the page has.
func listing[T any](p *page, name string, found []T, key func(*T) string, show func(*T) (fields, error)) (fields, error) {
	answer := fields{}
	if len(found) > p.limit {
		found = found[:p.limit]
		answer["nextToken"] = text(p.next(key(&found[p.limit-1])))
	}
	items := make([]jsonvalue.Value, len(found))
	for i := range found {
		item, err := show(&found[i])
		if err != nil {
			return nil, err
		}
		items[i] = item.value()
	}
	answer[name] = jsonvalue.Array(items...)
	return answer, nil
}

// next returns the token of the page that begins after a key.
func (p *page) next(key string) string {
	body := append([]byte{pageVersion}, p.filter...)
	body = binary.BigEndian.AppendUint64(body, uint64(p.scope.now.Add(pageLifetime).Unix())) // #nosec G115 -- after 1970
	body = append(body, key...)
	sum := sha256.Sum256(body)
	return base64.RawURLEncoding.EncodeToString(append(body, sum[:pageChecksum]...))
}
