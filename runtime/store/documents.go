package store

import "context"

// Documents keeps small texts under keys, as the definitions of state machines. All
// methods may be called at the same time.
type Documents interface {
	// Read returns the documents with the keys, in the order of the keys, as of one
	// instant. One that is not there has the Revision 0.
	Read(ctx context.Context, keys ...string) ([]Document, error)

	// Scan returns the documents whose keys begin with prefix and are greater than after, ascending
	// by the bytes of the keys, at most limit of them. Default of limit: 1,000.
	Scan(ctx context.Context, prefix, after string, limit int) ([]Document, error)

	// Write stores all documents, in one transaction, and returns when they are durable. If
	// the Revision of one is not the stored one it stores none and returns ErrConflict. Any
	// other error means that it is unknown whether they are stored. No two documents of one
	// Write may have the same key.
	Write(ctx context.Context, docs ...Document) error
}

// Document is a text under a key.
type Document struct {
	Key string
	// Revision changes with each Write of the document, and is never used twice for one
	// key; 0: there is none. In a Write it is the stored one.
	Revision int64
	// Data replaces the text; nil deletes the document. Empty and nil are different.
	Data []byte
	// Same makes a Write check the Revision and leave the document as it is.
	Same bool
}
