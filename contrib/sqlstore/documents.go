package sqlstore

import (
	"cmp"
	"context"
	"strings"

	"github.com/statemill/statemill/runtime/store"
)

// Read implements store.Documents.
func (t *tables) Read(ctx context.Context, keys ...string) (docs []store.Document, err error) {
	err = t.reading(ctx, func(db session) error {
		docs = nil
		for _, key := range keys {
			doc := store.Document{Key: key}
			row, err := db.first("select revision, data from main.document where key = ?", key)
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
func (t *tables) Scan(ctx context.Context, prefix, after string, limit int) (docs []store.Document, err error) {
	limit = cmp.Or(max(limit, 0), store.PageSize)
	err = t.reading(ctx, func(db session) error {
		docs = nil
		from := max(prefix, after) // one place to begin, which the index finds
		return db.query("select key, revision, data from main.document where key >= ? order by key limit ?", []any{from, int64(limit) + 1}, func(row columns) bool {
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
func (t *tables) Write(ctx context.Context, docs ...store.Document) error {
	err := t.writing(ctx, func(db session) error {
		// Whoever changes the last revision is alone until the end of the transaction.
		if _, err := db.exec("update main.statemill set revision = revision + 1"); err != nil {
			return err
		}
		for _, doc := range docs {
			row, err := db.first("select revision from main.document where key = ?", doc.Key)
			if err != nil {
				return err
			}
			if row == nil && doc.Revision != 0 || row != nil && doc.Revision != row.number(0) {
				return store.ErrConflict
			}
		}
		return writeDocuments(db, docs)
	})
	if err != nil {
		return failure("write documents", err)
	}
	return nil
}

// writeDocuments gives all documents of one Write the same revision, which none has had before.
func writeDocuments(db session, docs []store.Document) error {
	for _, doc := range docs {
		var err error
		switch {
		case doc.Same:
		case doc.Data == nil:
			_, err = db.exec("delete from main.document where key = ?", doc.Key)
		default:
			_, err = db.exec(`insert into main.document(key, revision, data) values (?, (select revision from main.statemill), ?)
				on conflict (key) do update set revision = excluded.revision, data = excluded.data`, doc.Key, doc.Data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
