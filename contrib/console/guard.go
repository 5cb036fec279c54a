package console

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
)

// policy lets the page load and call nothing but the console.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// bodyTime is how long a client may take to send the body of a request.
const bodyTime = 30 * time.Second

// userKey is in the context of requests: the name that Config.User has returned.
type userKey struct{}

func userOf(r *http.Request) string {
	name, _ := r.Context().Value(userKey{}).(string)
	return name
}

// guarded refuses requests from where nobody should call, before anything else happens.
func (c *console) guarded(next http.Handler) http.Handler {
	sameSite := http.NewCrossOriginProtection().Handler(withBody(next))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		name, err := c.admit(r)
		if err != nil {
			refuse(w, err)
			return
		}
		if r.URL.Path == "" { // as http.StripPrefix leaves it without the last slash
			path := strings.TrimRight(pathOf(r), "/")
			h.Set("Location", path[strings.LastIndexByte(path, '/')+1:]+"/")
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
				refuse(w, &refusal{http.StatusUnsupportedMediaType, "UnsupportedMediaType", "The body must be application/json."})
				return
			}
		}
		ctx := context.WithValue(r.Context(), userKey{}, name)
		defer told(w)
		// Who may call, is decided here: for the API, what follows is of this process.
		ctx = context.WithValue(ctx, http.LocalAddrContextKey, nil)
		sameSite.ServeHTTP(w, r.WithContext(ctx))
	})
}

// told tells the page of a panic, which then goes on to the server: that logs it, and cuts the connection. A page that is
// told nothing would take the server for gone, and ask again at once.
func told(w http.ResponseWriter) {
	value := recover()
	if value == nil {
		return
	}
	if value != http.ErrAbortHandler { //nolint:errorlint // it is that very value
		refuse(w, errPanic)
		_ = http.NewResponseController(w).Flush() // not all can
	}
	panic(value)
}

var errPanic = &refusal{http.StatusInternalServerError, "Internal", "This is a fault of the server. Its log says more."}

// withBody reads the body of a request before it is handled. The deadline must be gone by then: a
// connection that is not read in time counts as one that was cut, and that would cancel what takes longer.
func withBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(time.Now().Add(bodyTime)) // not all can
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		var tooLong *http.MaxBytesError
		switch {
		case errors.As(err, &tooLong):
			refuse(w, &refusal{http.StatusRequestEntityTooLarge, "TooLarge", "The body is too long."})
			return
		case err != nil:
			refuse(w, invalid("The body ends too early."))
			return
		}
		_ = control.SetReadDeadline(time.Time{})
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// pathOf returns the path that the client asked for.
func pathOf(r *http.Request) string {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	return path
}

// admit returns the name of the user, or an error if the request is not served.
func (c *console) admit(r *http.Request) (name string, err error) {
	if c.config.User != nil {
		if name, err = c.config.User(r); err != nil {
			return "", forbidden("You may not use this console.")
		}
	} else if !c.config.Public && !local(r) {
		return "", forbidden("Only the loopback address is served.")
	}
	if !c.knownHost(r.Host) {
		return "", forbidden("The host is not one under which this console is served.")
	}
	if foreign(r) {
		return "", forbidden("The request comes from a page of another site.")
	}
	return name, nil
}

// foreign reports whether a page of another site makes the request, other than by a link to the
// page of the console. It could not read the answer, but hold streams that others need: by
// scripts, and by frames, which navigate. Where a browser sends no Sec-Fetch-Site, as to addresses without
// TLS, there may be an Origin.
func foreign(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		return false // http.CrossOriginProtection decides
	case site == "cross-site" || site == "same-site":
		toPage := r.URL.Path == "/" || r.URL.Path == ""
		return !toPage || r.Header.Get("Sec-Fetch-Mode") != "navigate"
	case site == "" && r.Header.Get("Origin") != "":
		origin, err := url.Parse(r.Header.Get("Origin"))
		return err != nil || origin.Host != r.Host
	}
	return false
}

// knownHost reports whether a browser may have reached the console under the host. The name of a
// foreign site may lead to this machine, an address cannot.
func (c *console) knownHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if slices.ContainsFunc(c.config.Hosts, func(known string) bool { return strings.EqualFold(known, name) }) {
		return true
	}
	if c.config.User != nil && len(c.config.Hosts) == 0 || name == "localhost" {
		return true
	}
	_, err = netip.ParseAddr(name)
	return err == nil
}

// local reports whether the connection cannot be one from another machine. A request
// without a connection is of this process.
func local(r *http.Request) bool {
	switch at := r.Context().Value(http.LocalAddrContextKey).(type) {
	case nil, *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return at.IP.IsLoopback()
	default:
		return false
	}
}

// changing refuses a request of a console that only shows.
func (c *console) changing(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c.config.ReadOnly {
			refuse(w, forbidden("This console only shows."))
			return
		}
		next(w, r)
	}
}

// refusal is an error that a client sees.
type refusal struct {
	status  int
	Name    string `json:"error"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Name + ": " + r.Message }

func forbidden(message string) *refusal {
	return &refusal{http.StatusForbidden, "AccessDenied", message}
}

func invalid(message string) *refusal {
	return &refusal{http.StatusBadRequest, "ValidationException", message}
}

// refuse answers with an error. What is no refusal is a fault of the server, or of the client that has gone.
func refuse(w http.ResponseWriter, err error) {
	var told *refusal
	if !errors.As(err, &told) {
		told = faultOf(err)
	}
	text, err := json.Marshal(told)
	if err != nil {
		panic(err) // all fields can be encoded
	}
	w.Header().Set("Content-Type", "application/json")
	write(w, nil, told.status, text)
}
