package sqlstore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/statemill/statemill/runtime/store"
)

const (
	// packedHistory is how many bytes of history the row of an execution holds. Most executions
	// are short, and a row of its own costs as much as the row of the execution.
	packedHistory = 2000
	// maxEvent bounds the ids of events: the lower bits of the key of table history.
	maxEvent = 1<<20 - 1
)

// packedSize returns how many bytes a part takes in the row of the execution, or 0 if it goes
// into a row of its own.
func (x *place) packedSize(h *store.HistoryPart) int64 {
	if x.apart&historyApart != 0 || x.packed+int64(len(h.Data)) > packedHistory {
		return 0
	}
	var room [3 * binary.MaxVarintLen64]byte
	return int64(len(appendPackedHead(room[:0], h)) + len(h.Data))
}

// pack returns a part in the form in which the row of the execution holds it, or nothing
// if it goes into a row of its own.
func (x *place) pack(h *store.HistoryPart) []byte {
	if h == nil {
		return nil
	}
	size := x.packedSize(h)
	if size == 0 {
		return nil
	}
	return append(appendPackedHead(make([]byte, 0, size), h), h.Data...)
}

func appendPackedHead(dst []byte, h *store.HistoryPart) []byte {
	for _, n := range [...]int64{h.First, h.Last, int64(len(h.Data))} {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return dst
}

// unpack yields the parts that the row of an execution holds.
func unpack(packed []byte) (parts []store.HistoryPart, err error) {
	for len(packed) > 0 {
		var field [3]uint64
		for i := range field {
			value, n := binary.Uvarint(packed)
			if n <= 0 {
				return nil, errors.New("the packed history is damaged")
			}
			field[i], packed = value, packed[n:]
		}
		if field[2] > uint64(len(packed)) {
			return nil, errors.New("the packed history is cut off")
		}
		parts = append(parts, store.HistoryPart{First: int64(field[0]), Last: int64(field[1]), Data: packed[:field[2]]})
		packed = packed[field[2]:]
	}
	return parts, nil
}

// storeApart stores a part that is not in the row of the execution.
func (tx *transaction) storeApart(x place, h *store.HistoryPart) error {
	if h == nil || x.packedSize(h) > 0 {
		return nil
	}
	if h.Last > maxEvent {
		return fmt.Errorf("its history reaches event %d, and at most %d can be stored", h.Last, maxEvent)
	}
	_, err := tx.exec("insert into history(key, last, data) values (?, ?, ?)", x.number<<20|h.First, h.Last, full(h.Data))
	return err
}

// History implements store.Store.
func (t *tables) History(ctx context.Context, id string, after int64, limit int) (page []store.HistoryPart, err error) {
	err = t.reading(ctx, func(db session) error {
		row, err := db.first("select number, history from main.execution where id = ?", id)
		if err != nil {
			return err
		}
		if row == nil {
			return store.ErrNotFound
		}
		packed, err := unpack(row.bytes(1))
		if err != nil {
			return err
		}
		var failed error
		page = store.Page(parts(db, row.number(0), packed, after, limit < 0, &failed), after, limit)
		return failed
	})
	if err != nil {
		return nil, failure("read a history", err)
	}
	return page, nil
}

// parts yields the parts of a history that may hold events after, or before, an event.
func parts(db session, execution int64, packed []store.HistoryPart, after int64, backward bool, failed *error) iter.Seq[store.HistoryPart] {
	query := "select key, last, data from main.history where key between ? and ? and last > ? order by key"
	args := []any{execution << 20, execution<<20 | maxEvent, after}
	if backward {
		query = "select key, last, data from main.history where key between ? and ? order by key desc"
		args = args[:2]
		if after > 0 {
			args[1] = execution<<20 | min(after-1, maxEvent)
		}
		slices.Reverse(packed)
	}
	return func(yield func(store.HistoryPart) bool) {
		more := true
		pack := func() {
			for i := 0; i < len(packed) && more; i++ {
				more = yield(packed[i])
			}
		}
		if !backward {
			pack()
		}
		if more {
			*failed = db.query(query, args, func(row columns) bool {
				more = yield(store.HistoryPart{First: row.number(0) & maxEvent, Last: row.number(1), Data: row.bytes(2)})
				return more
			})
		}
		if backward {
			pack()
		}
	}
}
