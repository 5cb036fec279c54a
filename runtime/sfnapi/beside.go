package sfnapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// Handle has other answer the requests that match a pattern of http.ServeMux, "/console/", in
// place of the API. Who may call, other decides itself. When the context of Serve ends, so do
// the contexts of requests with the method GET: they may wait, as for events. Call Handle before
// requests come; it panics as http.ServeMux does if patterns are in conflict.
func (h *Handler) Handle(pattern string, other http.Handler) { h.beside.Handle(pattern, other) }

// besides returns what answers a request in place of the API; nil: the API answers.
func (h *Handler) besides(r *http.Request) http.Handler {
	other, pattern := h.beside.Handler(r)
	if pattern == "" {
		return nil
	}
	if serving, ok := r.Context().Value(servingKey{}).(context.Context); ok && r.Method == http.MethodGet {
		return untilServed{other, serving}
	}
	return other
}

// untilServed ends the context of requests with that of Serve.
type untilServed struct {
	http.Handler
	serving context.Context
}

func (u untilServed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(u.serving, cancel)()
	u.Handler.ServeHTTP(w, r.WithContext(ctx))
}

// Regions returns the regions in which there are state machines or activities, and that of
// requests without credentials, sorted.
func (h *Handler) Regions(ctx context.Context) ([]string, error) {
	regions := []string{h.config.Region}
	for after := ""; ; {
		docs, err := h.documents.Scan(ctx, "", after, 1)
		if err != nil || len(docs) == 0 {
			slices.Sort(regions)
			return slices.Compact(regions), err
		}
		parts := strings.SplitN(docs[0].Key, "/", 3) // the partition and the region are before the rest
		if len(parts) < 3 {
			after = docs[0].Key
			continue
		}
		regions = append(regions, parts[1])
		after = parts[0] + "/" + parts[1] + "0" // follows all keys of the region: "0" comes after "/"
	}
}
