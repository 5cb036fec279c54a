package command

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fetch reads a page as a browser does that follows nothing.
func fetch(t *testing.T, url string, change func(*http.Request)) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	if change != nil {
		change(r)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(text)
}

func TestConsole(t *testing.T) {
	url, stop := serve(t, "--db", "memory", "--log", "off", "--host", "flows.example.org")
	answer, _ := fetch(t, url+"/", nil)
	require.Equal(t, http.StatusFound, answer.StatusCode)
	require.Equal(t, consolePath, answer.Header.Get("Location"))
	answer, text := fetch(t, url+consolePath, nil)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Contains(t, text, "assets/console.js")
	answer, _ = fetch(t, url+consolePath+"about", func(r *http.Request) { r.Host = "flows.example.org" })
	require.Equal(t, http.StatusOK, answer.StatusCode)
	answer, _ = fetch(t, url+consolePath, func(r *http.Request) { r.Host = "evil.example" })
	require.Equal(t, http.StatusForbidden, answer.StatusCode)
	status, _ := call(t, url, "ListStateMachines", "{}") // the API is where it was
	require.Equal(t, http.StatusOK, status)
	status, _ = call(t, url+consolePath+"api/ListStateMachines", "ListStateMachines", "{}")
	require.Equal(t, http.StatusUnsupportedMediaType, status, "a path of the console reaches no operation of the API")

	// A page that waits for changes does not keep the server from ending.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+consolePath+"events", nil)
	require.NoError(t, err)
	waits, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer waits.Body.Close()
	code, errs := stop()
	require.Zero(t, code, errs)
	_, err = io.ReadAll(waits.Body)
	require.NoError(t, err, "the stream has ended in order")
}

func TestConsoleFlags(t *testing.T) {
	url, stop := serve(t, "--db", "memory", "--log", "off", "--no-console")
	answer, _ := fetch(t, url+consolePath, nil)
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	stop()

	url, stop = serve(t, "--db", "memory", "--log", "off", "--console-read-only")
	_, text := fetch(t, url+consolePath+"about", nil)
	require.Contains(t, text, `"readOnly":true`)
	stop()

	keys := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(keys, []byte("ada lovelace\n"), 0o600))
	url, stop = serve(t, "--db", "memory", "--log", "off", "--keys", keys)
	defer stop()
	answer, _ = fetch(t, url+consolePath, nil)
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
	require.True(t, strings.HasPrefix(answer.Header.Get("WWW-Authenticate"), "Basic "))
	for _, c := range []struct {
		key, secret string
		status      int
	}{{"ada", "lovelace", 200}, {"ada", "byron", 401}, {"ada", "", 401}, {"", "", 401}, {"nobody", "", 401}} {
		answer, _ = fetch(t, url+consolePath+"about", func(r *http.Request) { r.SetBasicAuth(c.key, c.secret) })
		require.Equal(t, c.status, answer.StatusCode, c)
	}
}
