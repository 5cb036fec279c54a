package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"

	"github.com/statemill/statemill/runtime/store"
)

// explainPort says who listens at an address already.
func explainPort(ctx context.Context, address string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	who := "another program"
	if isStatemill(ctx, address) {
		who = "another statemill serve"
	}
	return fmt.Errorf("%w: %s listens there; --listen 127.0.0.1:0 takes a free port", err, who)
}

// isStatemill asks a server whether it is one of ours.
func isStatemill(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/_statemill/health", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// explainDatabase says which process has a file.
func explainDatabase(file string, err error) error {
	if !errors.Is(err, store.ErrInUse) {
		return err
	}
	if pid := ownerOf(file); pid > 0 {
		return fmt.Errorf("%w: the process %d has it", err, pid)
	}
	return err
}
