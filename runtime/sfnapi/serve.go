package sfnapi

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The times of a connection.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second // of a body
	writeTimeout  = 10 * time.Second // of an answer
	idleTimeout   = 2 * time.Minute
	lastRequests  = 10 * time.Second // how long those have that are under way at the end
	maxHeader     = 64 << 10
)

// Serve answers the connections that l accepts until ctx ends. Then it closes l, and
// gives the requests that are under way ten seconds to end. The Handler stays open.
func (h *Handler) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.WithoutCancel(ctx), servingKey{}, ctx)
		},
	}
	if logger := h.config.Engine.Logger; logger != nil {
		server.ErrorLog = slog.NewLogLogger(logger.Handler(), slog.LevelWarn)
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastRequests)
	defer cancel()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	<-failed
	return err
}

// servingKey is for the context of Serve in the contexts of its requests: when it ends,
// requests end that only wait, and others do not.
type servingKey struct{}
