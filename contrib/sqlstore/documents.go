package sqlstore

import (
	"cmp"
	"context"
	"strings"

	"github.com/statemill/statemill/runtime/store"
)

// Read implements store.Documents.
func (s *SQLite) Read(ctx context.Context, keys ...string) (docs []store.Document, err error) {
	err = s.read(ctx, func(tx *transaction) error {
		for _, key := range keys {
			doc := store.Document{Key: key}
			row, err := tx.first("select revision, data from document where key = ?", key)
			if err != nil {
				return err
			}
			if row != nil {
				doc.Revision, doc.Data = row.number(0), full(row.bytes(1))
			}
			docs = append(docs, doc)
		}
		return nil
	})
	if err != nil {
		return nil, failure("read documents", err)
	}
	return docs, nil
}

// Scan implements store.Documents.
func (s *SQLite) Scan(ctx context.Context, prefix, after string, limit int) (docs []store.Document, err error) {
	limit = cmp.Or(max(limit, 0), store.PageSize)
	err = s.read(ctx, func(tx *transaction) error {
		from := max(prefix, after) // one place to begin, which the index finds
		return tx.query("select key, revision, data from document where key >= ? order by key limit ?", []any{from, int64(limit) + 1}, func(row columns) bool {
			key := row.text(0)
			if !strings.HasPrefix(key, prefix) || len(docs) == limit {
				return false
			}
			if key == after {
				return true
			}
			docs = append(docs, store.Document{Key: key, Revision: row.number(1), Data: full(row.bytes(2))})
			return true
		})
	})
	if err != nil {
		return nil, failure("scan documents", err)
	}
	return docs, nil
}

// Write implements store.Documents.
func (s *SQLite) Write(ctx context.Context, docs ...store.Document) error {
	err := s.write(ctx, func(tx *transaction) error {
		for _, doc := range docs {
			row, err := tx.first("select revision from document where key = ?", doc.Key)
			if err != nil {
				return err
			}
			if row == nil && doc.Revision != 0 || row != nil && doc.Revision != row.number(0) {
				return store.ErrConflict
			}
		}
		return tx.writeDocuments(docs)
	})
	if err != nil {
		return failure("write documents", err)
	}
	return nil
}

// writeDocuments gives all documents of one Write the same revision, which none has had before.
func (tx *transaction) writeDocuments(docs []store.Document) error {
	if _, err := tx.exec("update statemill set revision = revision + 1"); err != nil {
		return err
	}
	for _, doc := range docs {
		var err error
		switch {
		case doc.Same:
		case doc.Data == nil:
			_, err = tx.exec("delete from document where key = ?", doc.Key)
		default:
			_, err = tx.exec(`insert into document(key, revision, data) values (?, (select revision from statemill), ?)
				on conflict do update set revision = excluded.revision, data = excluded.data`, doc.Key, doc.Data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
