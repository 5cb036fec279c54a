package asltemporal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
)

// Definitions finds definitions by the SHA-256 of their text. What it returns for a hash never
// changes, so each is asked for once. It is safe for concurrent use.
type Definitions interface {
	Definition(ctx context.Context, hash interp.Hash) ([]byte, error)
}

// errUnknown says that a process does not have the definition of an execution, at least for now.
var errUnknown = errors.New("asltemporal: the definition is not known here")

// programs are those of the executions that a process has seen. The zero programs is ready to
// use; it is safe for concurrent use.
type programs struct {
	mu      sync.Mutex
	byHash  map[interp.Hash]*runtime.Program
	fetches map[interp.Hash]*fetch
}

// maxPrograms is how many programs are kept. Others are parsed again when they are needed.
const maxPrograms = 1000

// of returns the program of an execution. An error that is errUnknown may go away.
func (ps *programs) of(in *start, from Definitions) (*runtime.Program, error) {
	hash, err := in.hash()
	if err != nil {
		return nil, err
	}
	ps.mu.Lock()
	p := ps.byHash[hash]
	ps.mu.Unlock()
	if p != nil {
		return p, nil
	}
	text := []byte(in.Definition)
	if in.Definition == "" {
		if text, err = ps.fetch(hash, from); err != nil {
			return nil, fmt.Errorf("%w: %x: %w", errUnknown, hash, err)
		}
	}
	machine, err := asl.Parse(text)
	if err != nil {
		return nil, err
	}
	if p, err = runtime.Compile(machine); err != nil {
		return nil, err
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.byHash == nil || len(ps.byHash) >= maxPrograms {
		ps.byHash = make(map[interp.Hash]*runtime.Program)
	}
	ps.byHash[hash] = p
	return p, nil
}

// hash identifies the definition.
func (in *start) hash() (hash interp.Hash, err error) {
	if in.Definition != "" {
		return sha256.Sum256([]byte(in.Definition)), nil
	}
	if len(in.Hash) != hex.EncodedLen(len(hash)) {
		return hash, fmt.Errorf("neither a definition nor the SHA-256 of one: %q", in.Hash)
	}
	_, err = hex.Decode(hash[:], []byte(in.Hash))
	return hash, err
}

// fetch is a definition that is asked for.
type fetch struct {
	done chan struct{}
	text []byte
	err  error
}

const (
	// fetchPatience is how long a workflow task waits for a definition. The SDK takes a workflow
	// for stuck after a second. The next workflow task finds what has come meanwhile.
	fetchPatience = 500 * time.Millisecond

	// fetchTimeout ends a question to Definitions.
	fetchTimeout = 30 * time.Second
)

func (ps *programs) fetch(hash interp.Hash, from Definitions) ([]byte, error) {
	if from == nil {
		return nil, errors.New("Definitions is nil")
	}
	ps.mu.Lock()
	f := ps.fetches[hash]
	if f == nil {
		if ps.fetches == nil {
			ps.fetches = make(map[interp.Hash]*fetch)
		}
		f = &fetch{done: make(chan struct{})}
		ps.fetches[hash] = f
		go ps.ask(f, hash, from)
	}
	ps.mu.Unlock()
	patience := time.NewTimer(fetchPatience)
	defer patience.Stop()
	select {
	case <-f.done:
	case <-patience.C:
		return nil, errors.New("it has been asked for")
	}
	ps.mu.Lock() // the text is needed once, and a failure asked about again
	delete(ps.fetches, hash)
	ps.mu.Unlock()
	return f.text, f.err
}

func (ps *programs) ask(f *fetch, hash interp.Hash, from Definitions) {
	defer close(f.done)
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	f.text, f.err = from.Definition(ctx, hash)
	if f.err == nil && sha256.Sum256(f.text) != hash {
		f.err = errors.New("Definitions returned another text")
	}
}
