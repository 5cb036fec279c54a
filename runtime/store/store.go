// Package store says how executions are kept: the interfaces Store and Documents,
// the types they speak of, and an implementation of both in memory.
//
// A Store sees bytes and a few columns. It knows nothing of what a workflow does: the driver
// of an execution encodes the changes of a step into a Change, and the Store makes it durable
// if the conditions of the Change hold. Package storetest has the suite that every Store
// passes.
//
// # Names, instants and bytes
//
// Names (the id of an execution, of an owner or of a message, the key of a document, the names
// in a Record) are valid UTF-8 without the character NUL. Fields of bytes hold any bytes, and
// so do the texts of a history.ErrorInfo, and FailedState and FailedPath. Instants are whole milliseconds; a finer part is
// cut off.
//
// Bytes that a method is given belong to the caller again when it returns, and bytes
// that it returns belong to the caller.
package store

import (
	"context"
	"errors"

	"github.com/statemill/statemill/runtime/interp"
)

// The errors of a Store. They may be wrapped.
var (
	// ErrExists says that the id of a Create is taken.
	ErrExists = errors.New("the execution exists")
	// ErrConflict says that the revision, the owner or a consumed message, or the
	// revision of a document, is not what the caller says.
	ErrConflict = errors.New("something has changed in between")
	// ErrNotFound says that there is no such execution or definition.
	ErrNotFound = errors.New("not found")
	// ErrInUse says that another process has the store, which serves one at a time.
	ErrInUse = errors.New("the store is in use by another process")
)

// Store keeps executions. All methods may be called at the same time. After a Commit
// has returned, every method of every process sees what it stored.
//
// A context that ends before a method has begun makes it return the error of the context;
// one that ends later may do so, and never leaves half of a Change behind.
type Store interface {
	// Commit applies changes in their order, in one transaction, and returns when they are durable.
	//
	// Each Change is stored or refused as a whole, its children and messages included.
	// refused is nil if none is refused; else it has an entry for each Change: nil,
	// ErrExists or ErrConflict.
	//
	// An error means that it is unknown which changes are stored; there is never a part of
	// one. A Change that Check finds fault with fails the Commit, and then nothing is stored.
	Commit(ctx context.Context, changes []Change) (refused []error, err error)

	// Load returns an execution with its frames, values and messages, as of one
	// instant. The record is without Input and Output. The error may be ErrNotFound.
	Load(ctx context.Context, id string) (*Stored, error)

	// Poll renews the lease of an owner, makes executions its own that need an owner,
	// and returns what is there for it. See type Poll.
	Poll(ctx context.Context, p Poll) (Polled, error)

	// List returns the records that a Query asks for, without Input and Output unless it
	// asks for them. A Query with an ID returns one record with both, or ErrNotFound.
	List(ctx context.Context, q Query) ([]Record, error)

	// History returns, in order, whole parts that hold events after the event with
	// the id after: enough for limit events, or all there are.
	//
	// With a negative limit it returns, newest first, parts that hold events before the event
	// after, or, if after is 0, from the end: enough for -limit events. A limit of 0
	// returns nothing. The error may be ErrNotFound: there is no such execution.
	History(ctx context.Context, id string, after int64, limit int) ([]HistoryPart, error)

	// Definition returns the text of a definition that came with a Change. The
	// error may be ErrNotFound. A definition is never deleted.
	Definition(ctx context.Context, hash interp.Hash) ([]byte, error)
}

// Notifier is an interface that a Store may implement as well.
type Notifier interface {
	// Notify returns a channel that gets a value when a message has been stored, so
	// that a Poll may find something before it is due. It is a hint: one value may stand
	// for many messages, and the messages may be for others. It ends with ctx.
	Notify(ctx context.Context) <-chan struct{}
}
