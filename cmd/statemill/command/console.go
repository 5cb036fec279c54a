package command

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/statemill/statemill/contrib/console"
	"github.com/statemill/statemill/runtime/sfnapi"
)

// consolePath is where the console is.
const consolePath = "/_statemill/console/"

// addConsole serves the console beside the API. Where the API has keys, the console asks for one.
func (s *server) addConsole(h *sfnapi.Handler, secret func(key string) (string, bool)) {
	if s.noConsole {
		return
	}
	page := console.Handler(console.Config{API: h, ReadOnly: s.readOnly, Public: s.public || secret != nil, Hosts: s.hosts})
	if secret != nil {
		page = signedIn(secret, page)
	}
	h.Handle(consolePath, http.StripPrefix(strings.TrimSuffix(consolePath, "/"), page))
	h.Handle("GET /{$}", http.RedirectHandler(consolePath, http.StatusFound))
}

// signedIn serves who knows a key and its secret: the browser asks for them as a name and a
// password.
func signedIn(secret func(key string) (string, bool), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, given, _ := r.BasicAuth()
		want, known := secret(key)
		if !known || subtle.ConstantTimeCompare([]byte(given), []byte(want)) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="an access key and its secret", charset="UTF-8"`)
			http.Error(w, "An access key and its secret are needed.", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
