package dataset

import (
	"context"
	"errors"
	"io"

	"github.com/statemill/statemill/internal/javahash"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/objects"
)

// parquetRows are the rows of a file in the format PARQUET, which a plug reads.
type parquetRows struct {
	objects.Rows
	file *ranges
	row  int64 // the number of the next one
}

// openParquet opens the file at a row.
func (d *Reader) openParquet(ctx context.Context, ref objects.Ref, row int64) (*parquetRows, objects.Info, error) {
	if d.formats.Parquet == nil {
		return nil, objects.Info{}, errParquet
	}
	file := &ranges{ctx: ctx, from: d.objects, ref: ref}
	info, err := file.open(0)
	if err != nil {
		return nil, info, err
	}
	if err := d.same(ref, info); err != nil {
		return nil, info, errors.Join(err, file.close())
	}
	rows, err := d.formats.Parquet(file, info.Size, row)
	if err != nil {
		_ = file.close() // why it is given up says more
		return nil, info, file.why(err)
	}
	return &parquetRows{rows, file, row}, info, nil
}

func (r *parquetRows) next() (interp.Item, error) {
	v, err := r.Next()
	switch {
	case err == io.EOF:
		return interp.Item{}, errEnd
	case err != nil:
		return interp.Item{}, r.file.why(err)
	case v.Size() > maxItem:
		return interp.Item{}, tooLarge
	}
	r.row++
	return interp.Item{Value: inJavasOrder(v)}, nil
}

func (r *parquetRows) mark(at *cursor) { at.Offset = r.row }

func (r *parquetRows) close() error { return errors.Join(r.Close(), r.file.close()) }

// inJavasOrder puts the members of a row into the order that those of CSV have (unsure).
func inJavasOrder(row jsonvalue.Value) jsonvalue.Value {
	if row.Kind() != jsonvalue.KindObject {
		return row
	}
	var names []string
	var members []jsonvalue.Member
	for name, v := range row.Members() {
		names, members = append(names, name), append(members, jsonvalue.Member{Name: name, Value: v})
	}
	ordered := make([]jsonvalue.Member, len(members))
	for i, from := range javahash.Names(names) {
		ordered[i] = members[from]
	}
	return jsonvalue.Object(ordered...)
}
