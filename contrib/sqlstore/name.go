package sqlstore

// name returns the number of a text that many executions share, and inserts it if it is new.
// The empty text is NULL.
func (tx *transaction) name(text string) (number any, err error) {
	if text == "" {
		return nil, nil
	}
	if known, ok := tx.names.get(text); ok {
		return known, nil
	}
	found, err := findName(tx, text)
	if err != nil {
		return nil, err
	}
	if found == nil {
		if found, err = tx.insert("insert into name(text) values (?)", text); err != nil {
			return nil, err
		}
	}
	tx.names.set(text, found.(int64))
	return found, nil
}

// findName returns the number of a text, or NULL.
func findName(db session, text string) (number any, err error) {
	row, err := db.first("select number from main.name where text = ?", text)
	if err != nil || row == nil {
		return nil, err
	}
	return row[0], nil
}
