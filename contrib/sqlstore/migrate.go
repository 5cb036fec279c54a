package sqlstore

import (
	"embed"
	"fmt"
)

//go:embed schema
var schema embed.FS

// migrate brings the tables to the newest form, by the migrations that are missing, in their order.
// It writes in any case, so that a file that cannot be written is refused here.
func (tx *transaction) migrate() error {
	migrations, err := schema.ReadDir("schema/sqlite")
	if err != nil {
		return err
	}
	version, err := tx.version()
	if err != nil {
		return err
	}
	if version > int64(len(migrations)) {
		return errLater(version, int64(len(migrations)))
	}
	for _, migration := range migrations[version:] {
		text, err := schema.ReadFile("schema/sqlite/" + migration.Name())
		if err != nil {
			return err
		}
		if _, err := tx.exec(string(text)); err != nil {
			return fmt.Errorf("migration %s: %w", migration.Name(), err)
		}
	}
	_, err = tx.exec("update statemill set version = ?", int64(len(migrations)))
	return err
}

// version returns the number of the last migration that was applied.
func (tx *transaction) version() (int64, error) {
	there, err := tx.first("select 1 from sqlite_master where name = 'statemill'")
	if err != nil || there == nil {
		return 0, err
	}
	row, err := tx.first("select version from statemill")
	if err == nil && row == nil {
		err = fmt.Errorf("its table statemill is empty")
	}
	if err != nil {
		return 0, err
	}
	return row.number(0), nil
}

// errLater says that a later version of this package has made the tables.
func errLater(version, known int64) error {
	return fmt.Errorf("a later version of this package has written it: its tables have version %d, this package knows %d", version, known)
}
