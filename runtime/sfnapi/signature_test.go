package sfnapi

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/sigv4"
)

// keys are a Config.Secret.
func keys(key string) (string, bool) { return "secret/of+a", key == "a" }

// signed returns a request that is signed, before change changes it.
func signed(key, secret string, at time.Time, change func(r *http.Request)) *http.Request {
	const body = "{}"
	r := httptest.NewRequest(http.MethodPost, "http://sync-here:8083/a%20b?z=1&a=%2F", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", targetPrefix+"ListStateMachines")
	r.Header.Set("X-Amz-Security-Token", "  token  of a session ")
	sigv4.Sign(r, []byte(body), key, secret, "eu-west-1", "states", at)
	change(r)
	return r
}

func TestSignatures(t *testing.T) {
	set := func(name, value string) func(r *http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	replace := func(old, with string) func(r *http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
		}
	}
	same := func(*http.Request) {}
	const ours, theirs = "secret/of+a", "another"
	for _, c := range []struct {
		name, secret, key string
		off               time.Duration
		change            func(r *http.Request)
		want              string
	}{
		{"as it should be", ours, "a", 0, same, ""},
		{"nearly too late", ours, "a", -maxSkew + time.Second, same, ""},
		{"nearly too early", ours, "a", maxSkew - time.Second, same, ""},
		{"too late", ours, "a", -maxSkew, same, "InvalidSignatureException"},
		{"too early", ours, "a", maxSkew, same, "InvalidSignatureException"},
		{"another secret", theirs, "a", 0, same, "InvalidSignatureException"},
		{"another key", ours, "b", 0, same, "UnrecognizedClientException"},
		{"a key with a slash", ours, "a/b", 0, same, "UnrecognizedClientException"},
		{"another operation", ours, "a", 0, set("X-Amz-Target", targetPrefix+"ListActivities"), "InvalidSignatureException"},
		{"another host", ours, "a", 0, func(r *http.Request) { r.Host = "there" }, "InvalidSignatureException"},
		{"another body", ours, "a", 0, func(r *http.Request) { r.Body = http.NoBody }, "InvalidSignatureException"},
		{"another token", ours, "a", 0, set("X-Amz-Security-Token", "other"), "InvalidSignatureException"},
		{"blanks do not count", ours, "a", 0, set("X-Amz-Security-Token", "token of a session"), ""},
		{"not signed", ours, "a", 0, func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationTokenException"},
		{"signed twice", ours, "a", 0, func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, "IncompleteSignatureException"},
		{"no date", ours, "a", 0, set("X-Amz-Date", "today"), "IncompleteSignatureException"},
		{"another day", ours, "a", 0, replace("/2", "/1"), "InvalidSignatureException"},
		{"another service", ours, "a", 0, replace("/states/", "/s3/"), "InvalidSignatureException"},
		{"another region", ours, "a", 0, replace("eu-", "us-"), "InvalidSignatureException"},
		{"the target is not signed", ours, "a", 0, replace(";x-amz-target", ""), "InvalidSignatureException"},
		{"the host is not signed", ours, "a", 0, replace("host;", ""), "InvalidSignatureException"},
		{"headers out of order", ours, "a", 0, replace("host;x-amz-date", "x-amz-date;host"), "IncompleteSignatureException"},
		{"half a signature", ours, "a", 0, replace("Signature=", "Signature=00"), "IncompleteSignatureException"},
		{"another algorithm", ours, "a", 0, replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), "IncompleteSignatureException"},
		{"a part twice", ours, "a", 0, replace("Signature=", "Signature=0, Signature="), "IncompleteSignatureException"},
		{"a part is missing", ours, "a", 0, replace(", SignedHeaders", ", Headers"), "IncompleteSignatureException"},
		{"basic", ours, "a", 0, set("Authorization", "Basic YTpi"), "IncompleteSignatureException"},
	} {
		synctest.Test(t, func(t *testing.T) { // where the clock stands still
			h, err := Open(t.Context(), nil, Config{Secret: keys})
			require.NoError(t, err)
			outside := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)})
			w := httptest.NewRecorder()
			h.ServeHTTP(w, signed(c.key, c.secret, time.Now().Add(c.off), c.change).WithContext(outside))
			if c.want == "" {
				require.Equal(t, 200, w.Code, "%s: %s", c.name, w.Body)
			} else {
				require.Contains(t, w.Body.String(), c.want, c.name)
				require.Equal(t, 400, w.Code, c.name)
			}
			require.NoError(t, h.Close(t.Context()))
		})
	}
}

// Whatever a client says of its signature, only the right one is taken, and nothing panics.
func FuzzSignature(f *testing.F) {
	at := time.Now()
	right := signed("a", "secret/of+a", at, func(*http.Request) {}).Header.Get("Authorization")
	for _, header := range []string{
		right, strings.ToLower(right), right + ",", "", "AWS4-HMAC-SHA256 ", "AWS4-HMAC-SHA256 Credential=////, SignedHeaders=, Signature=",
		"AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=;;, Signature=" + strings.Repeat("0", 64),
	} {
		f.Add(header, "/", "")
	}
	f.Add(right, "/a%20b", "z=1&a=%2F")
	h, err := Open(f.Context(), nil, Config{Secret: keys})
	require.NoError(f, err)
	f.Cleanup(func() { _ = h.Close(context.Background()) })
	f.Fuzz(func(t *testing.T, header, path, query string) {
		r := signed("a", "secret/of+a", time.Now(), func(*http.Request) {})
		right := r.Header.Get("Authorization")
		same := r.URL.Path == path && r.URL.RawQuery == query && header == right
		r.Header["Authorization"] = []string{header}
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = path, "", query
		a, ok := sigv4.Parse(header)
		err := h.authenticate(r, []byte("{}"))
		if ok {
			require.Len(t, a.Signature, 32)
		}
		if err == nil && !same {
			at, err := time.Parse(sigv4.DateForm, r.Header.Get("X-Amz-Date"))
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, "a", a.Key)
			require.Equal(t, a.SignatureOf(r, []byte("{}"), "secret/of+a", at), a.Signature)
		}
	})
}

// What this program asks itself needs no signature; what comes in from outside does, also in
// this process.
func TestTrusted(t *testing.T) {
	h, err := Open(t.Context(), nil, Config{Secret: keys})
	require.NoError(t, err)
	defer func() { require.NoError(t, h.Close(context.Background())) }()
	for _, c := range []struct {
		through http.RoundTripper
		want    int
	}{{h.Trusted(), http.StatusOK}, {h, http.StatusBadRequest}} {
		r := signed("a", "secret/of+a", time.Now(), func(r *http.Request) { r.Header.Del("Authorization") })
		answer, err := c.through.RoundTrip(r)
		require.NoError(t, err)
		require.Equal(t, c.want, answer.StatusCode)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, signed("b", "", time.Now(), func(*http.Request) {}))
	require.Equal(t, http.StatusBadRequest, w.Code)
}
