package sigv4

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Examples that AWS publishes.
func TestPublished(t *testing.T) {
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for method, want := range map[string]string{
		http.MethodGet:  "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
		http.MethodPost: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
	} {
		r := httptest.NewRequest(method, "http://example.amazonaws.com/", nil)
		Sign(r, nil, "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service", at)
		require.Equal(t, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "+
			"SignedHeaders=host;x-amz-date, Signature="+want, r.Header.Get("Authorization"))
	}
}

// The text that is signed has the headers as they came, but for blanks; a server has two of
// them elsewhere than in Header.
func TestCanonical(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "http://here:8083/a%20b/%E2%82%AC?z=1&a=%2F&a=~+", strings.NewReader("{}"))
	r.Header["X-Several"] = []string{"  one   two ", "three"}
	a := Authorization{Headers: []string{"content-length", "host", "x-none", "x-several"}}
	require.Equal(t, strings.Join([]string{
		"POST", "/a%2520b/%25E2%2582%25AC", "a=%2F&a=~%20&z=1",
		"content-length:2", "host:here:8083", "x-none:", "x-several:one two,three", "",
		"content-length;host;x-none;x-several", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
	}, "\n"), a.canonical(r, []byte("{}")))
	r.Host, r.URL.Path = "", ""
	require.Contains(t, a.canonical(r, nil), "host:here:8083\n")
	require.Contains(t, a.canonical(r, nil), "POST\n/\n")
}

// What is read is what was written.
func FuzzParse(f *testing.F) {
	a := Authorization{Key: "k/e", Day: "20261128", Region: "eu-west-1", Service: "states", End: end, Headers: []string{"host", "x"}, Signature: make([]byte, 32)}
	f.Add(a.String())
	f.Add(strings.ToLower(a.String()))
	f.Add(a.String() + ",")
	f.Add("AWS4-HMAC-SHA256 Credential=////, SignedHeaders=;, Signature=" + hex.EncodeToString(a.Signature))
	f.Fuzz(func(t *testing.T, header string) {
		if a, ok := Parse(header); ok {
			again, ok := Parse(a.String())
			require.True(t, ok)
			require.Equal(t, a, again)
		}
	})
}
