// Package sigv4 signs requests by version 4 of AWS's process, and reads what others have
// signed. The client makes a text of the request and a hash of its body, and signs it with
// a key that is made of its secret:
//
//	Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261128/eu-west-1/states/aws4_request,
//	 SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=64 hexadecimal digits
package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// Algorithm begins the header Authorization.
	Algorithm = "AWS4-HMAC-SHA256"
	// DateForm is the form of the header X-Amz-Date, in UTC.
	DateForm = "20060102T150405Z"

	dayForm = "20060102"
	end     = "aws4_request"
)

// Authorization is that header, taken apart.
type Authorization struct {
	Key                       string // which secret
	Day, Region, Service, End string // the scope: End is "aws4_request"
	Headers                   []string
	Signature                 []byte
}

// Parse reads a header. It is not ok unless the header has all of its parts, with headers
// in ascending order, and a signature of 32 bytes; what they say, Parse does not look at.
func Parse(header string) (a Authorization, ok bool) {
	rest, ok := strings.CutPrefix(header, Algorithm+" ")
	if !ok {
		return a, false
	}
	parts := make(map[string]string)
	for _, part := range strings.Split(rest, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := parts[name]; !found || twice {
			return a, false
		}
		parts[name] = value
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) < 5 || len(parts) != 3 {
		return a, false
	}
	last := len(scope) - 4 // a key may have slashes
	a.Key = strings.Join(scope[:last], "/")
	a.Day, a.Region, a.Service, a.End = scope[last], scope[last+1], scope[last+2], scope[last+3]
	a.Headers = strings.Split(parts["SignedHeaders"], ";")
	a.Signature, _ = hex.DecodeString(parts["Signature"])
	sorted := slices.IsSorted(a.Headers) && len(slices.Compact(slices.Clone(a.Headers))) == len(a.Headers)
	return a, a.Key != "" && sorted && a.Headers[0] != "" && len(a.Signature) == sha256.Size
}

// String returns the header.
func (a *Authorization) String() string {
	return Algorithm + " Credential=" + a.Key + "/" + a.scope() +
		", SignedHeaders=" + strings.Join(a.Headers, ";") + ", Signature=" + hex.EncodeToString(a.Signature)
}

func (a *Authorization) scope() string {
	return strings.Join([]string{a.Day, a.Region, a.Service, a.End}, "/")
}

// IsFor reports whether the scope is a service.
func (a *Authorization) IsFor(service string) bool { return a.Service == service && a.End == end }

// IsOf reports whether the scope is the day of a time.
func (a *Authorization) IsOf(at time.Time) bool { return a.Day == at.UTC().Format(dayForm) }

// Sign sets the headers X-Amz-Date and Authorization of a request. All headers that it has
// are signed, and its host.
func Sign(r *http.Request, body []byte, key, secret, region, service string, at time.Time) {
	r.Header.Set("X-Amz-Date", at.UTC().Format(DateForm))
	r.Header.Del("Authorization")
	a := Authorization{Key: key, Day: at.UTC().Format(dayForm), Region: region, Service: service, End: end, Headers: []string{"host"}}
	for name := range r.Header {
		a.Headers = append(a.Headers, strings.ToLower(name))
	}
	slices.Sort(a.Headers)
	a.Signature = a.SignatureOf(r, body, secret, at)
	r.Header.Set("Authorization", a.String())
}

// SignatureOf returns what the signature of a request has to be.
func (a *Authorization) SignatureOf(r *http.Request, body []byte, secret string, at time.Time) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.Day, a.Region, a.Service, a.End} {
		key = mac(key, part)
	}
	sum := sha256.Sum256([]byte(a.canonical(r, body)))
	return mac(key, strings.Join([]string{Algorithm, at.UTC().Format(DateForm), a.scope(), hex.EncodeToString(sum[:])}, "\n"))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// canonical returns the text of a request that is signed.
func (a *Authorization) canonical(r *http.Request, body []byte) string {
	sum := sha256.Sum256(body)
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL) + "\n" + canonicalQuery(r.URL) + "\n")
	for _, name := range a.Headers {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(a.Headers, ";") + "\n" + hex.EncodeToString(sum[:]))
	return b.String()
}

// canonicalHeader returns the values of a header. Go's server takes two of them out of Header.
func canonicalHeader(r *http.Request, name string) string {
	switch name {
	case "host":
		if r.Host == "" {
			return r.URL.Host
		}
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = strings.Join(strings.FieldsFunc(v, func(c rune) bool { return c == ' ' }), " ")
	}
	return strings.Join(values, ",")
}

// canonicalPath returns the path, which is escaped once more than in the request.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	parts := strings.Split(path, "/")
	for i, part := range parts {
		parts[i] = escape(part)
	}
	return strings.Join(parts, "/")
}

func canonicalQuery(u *url.URL) string {
	var pairs []string
	for name, values := range u.Query() {
		for _, v := range values {
			pairs = append(pairs, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape escapes all but the unreserved characters.
func escape(text string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(text))
}
