package sqlstore

import (
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
)

// inlinePayload is how many bytes of input or output the row of an execution holds. A longer one
// has a row of its own: the row of the execution is written anew with every commit.
const inlinePayload = 1000

// The keys of table payload are twice the number of the execution, plus one of these.
const (
	inputPayload = iota
	outputPayload
)

// encode returns the column of an input or output, and the text that goes apart because it is
// too long, or nil.
func encode(v jsonvalue.Value) (column any, apart []byte) {
	if v.IsNull() {
		return nil, nil
	}
	text := v.AppendJSON(nil)
	if len(text) > inlinePayload {
		return nil, text
	}
	return text, nil
}

// isLong reports whether a text has a row of its own.
func isLong(v jsonvalue.Value) bool { return v.Size() > inlinePayload }

// storePayload stores a text that went apart.
func (tx *transaction) storePayload(execution int64, kind int64, text []byte) error {
	if text == nil {
		return nil
	}
	_, err := tx.exec("insert into payload(key, data) values (?, ?) on conflict do update set data = excluded.data", execution*2+kind, text)
	return err
}

// replaceOutput returns the column of an output that takes the place of another.
func (tx *transaction) replaceOutput(x place, output jsonvalue.Value) (column any, err error) {
	column, long := encode(output)
	if long == nil && x.apart&outputApart != 0 {
		_, err = tx.exec("delete from payload where key = ?", x.number*2+outputPayload)
		return column, err
	}
	return column, tx.storePayload(x.number, outputPayload, long)
}

// dataColumn returns an expression for an input or output, wherever it is.
func dataColumn(column string, kind int) string {
	return fmt.Sprintf("coalesce(x.%s, (select data from main.payload where key = x.number * 2 + %d))", column, kind)
}

// payloadOf reads a text that may be absent.
func payloadOf(text []byte) (jsonvalue.Value, error) {
	if text == nil {
		return jsonvalue.Value{}, nil
	}
	return jsonvalue.Parse(text)
}

// loadPayload reads an input or output.
func loadPayload(db session, execution int64, kind int64, column []byte) (jsonvalue.Value, error) {
	if column == nil {
		row, err := db.first("select data from main.payload where key = ?", execution*2+kind)
		if err != nil || row == nil {
			return jsonvalue.Value{}, err
		}
		column = row.bytes(0)
	}
	return jsonvalue.Parse(column)
}
