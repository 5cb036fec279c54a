package sfnapi

import (
	"crypto/hmac"
	"net/http"
	"slices"
	"time"

	"github.com/statemill/statemill/internal/sigv4"
)

// maxSkew is how far the clock of a client may be off.
const maxSkew = 15 * time.Minute

// mustSign are headers that a signature has to cover if they are there: without its target
// a request could be made another one.
var mustSign = []string{"host", "x-amz-date", "x-amz-security-token", "x-amz-target"}

// authenticate refuses a request whose signature is not that of a secret which the
// embedder knows. The words of all these are documented, not recorded (unsure).
func (h *Handler) authenticate(r *http.Request, body []byte) error {
	if h.config.Secret == nil || r.Context().Value(trustKey{}) != nil {
		return nil
	}
	header := r.Header.Values("Authorization")
	if len(header) == 0 {
		return unsigned("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	a, ok := sigv4.Parse(header[0])
	if !ok || len(header) > 1 {
		return unsigned("IncompleteSignatureException", "The header Authorization has not the form of "+sigv4.Algorithm+".")
	}
	at, err := time.Parse(sigv4.DateForm, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return unsigned("IncompleteSignatureException", "The header X-Amz-Date has not the form "+sigv4.DateForm+".")
	}
	if err := inTime(&a, at, time.Now().UTC()); err != nil {
		return err
	}
	for _, name := range mustSign {
		if (name == "host" || r.Header.Get(name) != "") && !slices.Contains(a.Headers, name) {
			return unsigned("InvalidSignatureException", "The header "+name+" must be a signed header in the AWS Authorization.")
		}
	}
	secret, known := h.config.Secret(a.Key)
	if !known {
		return unsigned("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	if !hmac.Equal(a.Signature, a.SignatureOf(r, body, secret, at)) {
		return unsigned("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

func unsigned(name, why string) *fault {
	return protocol(http.StatusBadRequest, name, "%s", why)
}

// inTime refuses a signature that is too old, or of the future, or for something else.
func inTime(a *sigv4.Authorization, at, now time.Time) error {
	form := func(t time.Time) string { return t.Format(sigv4.DateForm) }
	switch {
	case !a.IsFor("states"):
		return unsigned("InvalidSignatureException", "Credential should be scoped to correct service: 'states'.")
	case !a.IsOf(at):
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
