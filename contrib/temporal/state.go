package asltemporal

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"github.com/statemill/statemill/internal/wire"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// stateVersion is the first byte of the stored form of an execution, before it is compressed.
const stateVersion = 1

// maxState bounds what a compressed state may hold.
const maxState = 256 << 20

// packed returns an execution as one run hands it to the next: header, frames and values.
func packed(x *interp.Execution) ([]byte, error) {
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
func restored(p *interp.Program, state []byte, c interp.Config) (*interp.Execution, error) {
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
	if err := r.End(); err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return p.Restore(h, frames, values, c)
}
