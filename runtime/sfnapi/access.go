package sfnapi

import (
	"net"
	"net/http"
	"slices"
)

// admit refuses a request that comes from where nobody should call: over an address
// that other machines reach, or from a page of another site. It looks at the address of
// the connection and not at the host, which the client chooses.
func (h *Handler) admit(w http.ResponseWriter, r *http.Request) error {
	if !h.config.Public && h.config.Secret == nil && !local(r) {
		return denied("Only the loopback address is served.")
	}
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return nil
	}
	if len(origins) > 1 || !slices.Contains(h.config.Origins, origins[0]) {
		return denied("The origin is not listed.")
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origins[0])
	header.Add("Vary", "Origin")
	header.Set("Access-Control-Expose-Headers", "x-amzn-RequestId")
	if r.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", "POST")
		header.Set("Access-Control-Max-Age", "600")
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			header.Set("Access-Control-Allow-Headers", asked)
		}
	}
	return nil
}

func denied(why string) *fault {
	return protocol(http.StatusForbidden, "AccessDeniedException", "%s", why)
}

// local reports whether the connection cannot be one from another machine. A request
// without a connection is of this process.
func local(r *http.Request) bool {
	switch at := r.Context().Value(http.LocalAddrContextKey).(type) {
	case nil:
		return true
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return at.IP.IsLoopback()
	default:
		return false
	}
}
