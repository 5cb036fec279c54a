package sfnapi

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

// Requests are signed by version 4 of AWS's process. The client makes a text of the request
// and a hash of its body, and signs it with a key that is made of its secret:
//
//	Authorization: AWS4-HMAC-SHA256 Credential=KEY/20261128/eu-west-1/states/aws4_request,
//	 SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=64 hexadecimal digits

const (
	signatureAlgorithm = "AWS4-HMAC-SHA256"
	signatureEnd       = "aws4_request"
	signatureDate      = "20060102T150405Z"

	// maxSkew is how far the clock of a client may be off.
	maxSkew = 15 * time.Minute
)

// mustSign are headers that a signature has to cover if they are there: without its target
// a request could be made another one.
var mustSign = []string{"host", "x-amz-date", "x-amz-security-token", "x-amz-target"}

// authorization is that header, taken apart.
type authorization struct {
	key, day, region, service, end string
	headers                        []string
	signature                      []byte
}

// authenticate refuses a request whose signature is not that of a secret which the
// embedder knows. The words of all these are documented, not recorded (unsure).
func (h *Handler) authenticate(r *http.Request, body []byte) error {
	if h.config.Secret == nil {
		return nil
	}
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		return unsigned("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	a, ok := parseAuthorization(header[0])
	if !ok || len(header) > 1 {
		return unsigned("IncompleteSignatureException", "The header Authorization has not the form of "+signatureAlgorithm+".")
	}
	at, err := time.Parse(signatureDate, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return unsigned("IncompleteSignatureException", "The header X-Amz-Date has not the form "+signatureDate+".")
	}
	if err := a.inTime(at, time.Now().UTC()); err != nil {
		return err
	}
	for _, name := range mustSign {
		if (name == "host" || r.Header.Get(name) != "") && !slices.Contains(a.headers, name) {
			return unsigned("InvalidSignatureException", "The header "+name+" must be a signed header in the AWS Authorization.")
		}
	}
	secret, known := h.config.Secret(a.key)
	if !known {
		return unsigned("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	if !hmac.Equal(a.signature, a.sign(secret, at, canonicalRequest(r, a.headers, body))) {
		return unsigned("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

func unsigned(name, why string) *fault {
	return protocol(http.StatusBadRequest, name, "%s", why)
}

func parseAuthorization(header string) (a authorization, ok bool) {
	rest, ok := strings.CutPrefix(header, signatureAlgorithm+" ")
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
	a.key = strings.Join(scope[:last], "/")
	a.day, a.region, a.service, a.end = scope[last], scope[last+1], scope[last+2], scope[last+3]
	a.headers = strings.Split(parts["SignedHeaders"], ";")
	a.signature, _ = hex.DecodeString(parts["Signature"])
	sorted := slices.IsSorted(a.headers) && len(slices.Compact(slices.Clone(a.headers))) == len(a.headers)
	return a, a.key != "" && sorted && a.headers[0] != "" && len(a.signature) == sha256.Size
}

// inTime refuses a signature that is too old, or of the future, or for something else.
func (a *authorization) inTime(at, now time.Time) error {
	form := func(t time.Time) string { return t.Format(signatureDate) }
	switch {
	case a.service != "states" || a.end != signatureEnd:
		return unsigned("InvalidSignatureException", "Credential should be scoped to correct service: 'states'.")
	case a.day != at.Format("20060102"):
		return unsigned("InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+form(at)+"'.")
	case now.Sub(at) >= maxSkew:
		earliest := now.Add(-maxSkew)
		return unsigned("InvalidSignatureException", "Signature expired: "+form(at)+" is now earlier than "+form(earliest)+" ("+form(now)+" - 15 min.)")
	case at.Sub(now) >= maxSkew:
		latest := now.Add(maxSkew)
		return unsigned("InvalidSignatureException", "Signature not yet current: "+form(at)+" is still later than "+form(latest)+" ("+form(now)+" + 15 min.)")
	}
	return nil
}

// sign returns the signature of a request.
func (a *authorization) sign(secret string, at time.Time, request string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.day, a.region, a.service, a.end} {
		key = mac(key, part)
	}
	sum := sha256.Sum256([]byte(request))
	scope := strings.Join([]string{a.day, a.region, a.service, a.end}, "/")
	return mac(key, strings.Join([]string{signatureAlgorithm, at.Format(signatureDate), scope, hex.EncodeToString(sum[:])}, "\n"))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// canonicalRequest returns the text that is signed.
func canonicalRequest(r *http.Request, headers []string, body []byte) string {
	sum := sha256.Sum256(body)
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL) + "\n" + canonicalQuery(r.URL) + "\n")
	for _, name := range headers {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(headers, ";") + "\n" + hex.EncodeToString(sum[:]))
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
