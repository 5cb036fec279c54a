package asltemporal

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// stateVersion is the first byte of the stored form of an execution, before it is compressed.
const stateVersion = 1

// maxState bounds what a compressed state may hold.
const maxState = 256 << 20

// packed returns an execution as one run hands it to the next: header, frames and values.
func packed(x *interp.Execution, f *family) ([]byte, error) {
	all := x.Snapshot()
	header, err := all.Header.MarshalBinary()
	if err != nil {
		return nil, err
	}
	plain := wire.AppendText([]byte{stateVersion}, string(header))
	plain = wire.AppendUint(plain, uint64(len(all.Changed)))
	for _, f := range all.Changed {
		plain = wire.AppendUint(plain, uint64(f.ID))
		begin := len(plain)
		if plain, err = f.AppendBinary(plain); err != nil {
			return nil, err
		}
		plain = wire.InsertLength(plain, begin)
	}
	plain = wire.AppendUint(plain, uint64(len(all.Values)))
	for _, v := range all.Values {
		plain = wire.AppendUint(wire.AppendUint(plain, uint64(v.ID.Frame)), uint64(v.ID.Number))
		begin := len(plain)
		plain = wire.InsertLength(v.Value.AppendJSON(plain), begin)
	}
	if f != nil {
		if plain, err = f.pack(plain); err != nil {
			return nil, err
		}
	}
	var small bytes.Buffer
	z, err := gzip.NewWriterLevel(&small, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	_, err = z.Write(plain)
	err = errors.Join(err, z.Close())
	return small.Bytes(), err
}

// unpacked returns the bytes that were compressed.
func unpacked(state []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(state))
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxState))
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if len(plain) == 0 || plain[0] != stateVersion {
		return nil, errors.New("state: stored by a later version, or not by this package")
	}
	return plain, nil
}

// restored returns the execution that was packed.
func restored(p *interp.Program, state []byte, c interp.Config, f *family) (*interp.Execution, error) {
	plain, err := unpacked(state)
	if err != nil {
		return nil, err
	}
	r := wire.NewReader(plain[1:])
	var h interp.Header
	if err := h.UnmarshalBinary([]byte(r.Text())); err != nil {
		return nil, err
	}
	frames := make([]interp.Frame, r.Count())
	for i := range frames {
		frames[i].ID = interp.FrameID(r.Uint())
		if err := frames[i].UnmarshalBinary([]byte(r.Text())); err != nil {
			return nil, err
		}
	}
	values := make([]interp.FrameValue, r.Count())
	for i := range values {
		values[i].ID = interp.ValueID{Frame: interp.FrameID(r.Uint()), Number: uint32(r.Uint())}
		if values[i].Value, err = jsonvalue.Parse([]byte(r.Text())); err != nil {
			return nil, fmt.Errorf("state: value %v: %w", values[i].ID, err)
		}
	}
	if r.More() {
		if err := f.unpack(r); err != nil {
			return nil, err
		}
	}
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return p.Restore(h, frames, values, c)
}

// pack appends what a run knows of children: nothing, if there are none.
func (f *family) pack(dst []byte) ([]byte, error) {
	if len(f.runs)+len(f.unborn) == 0 {
		return dst, nil
	}
	ids := slices.SortedFunc(maps.Keys(f.runs), func(a, b interp.MapRunID) int {
		return cmp.Or(cmp.Compare(a.Frame, b.Frame), cmp.Compare(a.Number, b.Number))
	})
	dst = wire.AppendUint(dst, uint64(len(ids)))
	for _, id := range ids {
		of := f.runs[id]
		dst = wire.AppendUint(wire.AppendUint(dst, uint64(id.Frame)), uint64(id.Number))
		dst = wire.AppendBool(wire.AppendUint(dst, uint64(of.size)), of.results != nil)
		dst = wire.AppendUint(dst, uint64(len(of.alive)))
		for _, index := range slices.Sorted(maps.Keys(of.alive)) {
			c := of.alive[index]
			dst = wire.AppendInt(wire.AppendText(wire.AppendInt(dst, index), c.id), c.items)
		}
		dst = wire.AppendUint(dst, uint64(len(of.results)))
		for _, index := range slices.Sorted(maps.Keys(of.results)) {
			dst = wire.AppendText(wire.AppendInt(dst, index), of.results[index].String())
		}
	}
	dst = wire.AppendUint(dst, uint64(len(f.unborn)))
	for i := range f.unborn {
		c := &f.unborn[i]
		header, err := c.Header.MarshalBinary()
		if err != nil {
			return nil, err
		}
		dst = wire.AppendUint(wire.AppendUint(dst, uint64(c.Run.Frame)), uint64(c.Run.Number))
		dst = wire.AppendInt(wire.AppendInt(dst, c.Index), c.Items)
		dst = wire.AppendBool(wire.AppendText(wire.AppendText(dst, string(header)), c.Input.String()), c.Pending)
	}
	return f.packRedrives(dst, ids), nil
}

// packRedrives appends how often the Map Runs were redriven: nothing, if none was.
func (f *family) packRedrives(dst []byte, ids []interp.MapRunID) []byte {
	if !slices.ContainsFunc(ids, func(id interp.MapRunID) bool { return f.runs[id].redrives > 0 }) {
		return dst
	}
	for _, id := range ids {
		dst = wire.AppendUint(dst, uint64(f.runs[id].redrives))
	}
	return dst
}

// unpack reads what pack has appended.
func (f *family) unpack(r *wire.Reader) error {
	var runs []*mapRun
	for range r.Count() {
		id := interp.MapRunID{Frame: interp.FrameID(r.Uint()), Number: uint32(r.Uint())}
		of := &mapRun{alive: make(map[int64]childRef), size: int(r.Uint())}
		if r.Bool() {
			of.results = make(map[int64]jsonvalue.Value)
		}
		for range r.Count() {
			index := r.Int()
			of.alive[index] = childRef{r.Text(), r.Int()}
		}
		for range r.Count() {
			index := r.Int()
			v, err := jsonvalue.Parse([]byte(r.Text()))
			if err != nil {
				return fmt.Errorf("state: the result of child %d: %w", index, err)
			}
			of.results[index] = v
		}
		f.runs[id] = of
		runs = append(runs, of)
	}
	for range r.Count() {
		c := interp.StartChild{Run: interp.MapRunID{Frame: interp.FrameID(r.Uint()), Number: uint32(r.Uint())}, Index: r.Int(), Items: r.Int()}
		err := c.Header.UnmarshalBinary([]byte(r.Text()))
		if err == nil {
			c.Input, err = jsonvalue.Parse([]byte(r.Text()))
		}
		if err != nil {
			return fmt.Errorf("state: child %d: %w", c.Index, err)
		}
		c.Pending = r.Bool()
		f.unborn = append(f.unborn, c)
	}
	for i := 0; i < len(runs) && r.More(); i++ {
		runs[i].redrives = int(r.Uint())
	}
	return r.Err()
}
