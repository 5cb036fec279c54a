package sqlstore

import "regexp"

// unnesting is a statement that takes an array of values for each column.
type unnesting struct {
	all string // "unnest(?::type[])" stands for a column
	one string // the same for a single row, whose values are no arrays
}

var unnested = regexp.MustCompile(`unnest\(\?::(\w+)\[\]\)`)

func newUnnesting(all string) unnesting {
	return unnesting{all, unnested.ReplaceAllString(all, "?::$1")}
}

// unnest adds a statement for so many rows. A single row takes no arrays: PostgreSQL sets up
// something for each of them, which takes longer than to store a row.
func (p *pipeline) unnest(row func(columns) error, statement unnesting, rows int, args ...any) {
	if rows == 1 {
		p.rows(row, statement.one, firsts(args)...)
		return
	}
	p.rows(row, statement.all, args...)
}

// firsts replaces each array by its first value.
func firsts(args []any) []any {
	for i := range args {
		switch a := args[i].(type) {
		case []string:
			args[i] = a[0]
		case []int64:
			args[i] = a[0]
		case []bool:
			args[i] = a[0]
		case []*string:
			args[i] = a[0]
		case []*int64:
			args[i] = a[0]
		case [][]byte:
			args[i] = a[0]
		}
	}
	return args
}
