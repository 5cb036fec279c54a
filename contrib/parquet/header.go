package parquet

// header is the header of a page.
type header struct {
	kind     int64
	size     int // bytes, after decompression
	packed   int // bytes in the file
	values   int
	encoding int64
	plain    bool // it is not compressed
	sum      uint32
	checked  bool // sum is one

	// Of dataPage2 how many bytes the levels take, else how they are encoded.
	repetitions, definitions int
}

const (
	dataPage       = 0
	dictionaryPage = 2
	dataPage2      = 3
)

// readHeader reads the header of the next page.
func (c *column) readHeader() (*header, error) {
	t := &compact{in: c.in}
	h := &header{kind: -1}
	t.fields(func(id int64, kind byte) {
		switch id {
		case 1:
			h.kind = t.int(kind)
		case 2:
			h.size = t.size(kind)
		case 3:
			h.packed = t.size(kind)
		case 4:
			h.sum, h.checked = uint32(t.int(kind)), true
		case 5:
			t.structure(kind, func(id int64, kind byte) { h.readData(t, id, kind) })
		case 7:
			t.structure(kind, func(id int64, kind byte) { h.readDictionary(t, id, kind) })
		case 8:
			t.structure(kind, func(id int64, kind byte) { h.readData2(t, id, kind) })
		default:
			t.skip(kind)
		}
	})
	return h, asEarly(t.err)
}

func (h *header) readData(t *compact, id int64, kind byte) {
	switch id {
	case 1:
		h.values = t.size(kind)
	case 2:
		h.encoding = t.int(kind)
	case 3:
		h.definitions = t.size(kind)
	case 4:
		h.repetitions = t.size(kind)
	default:
		t.skip(kind)
	}
}

func (h *header) readDictionary(t *compact, id int64, kind byte) {
	switch id {
	case 1:
		h.values = t.size(kind)
	default:
		t.skip(kind)
	}
}

func (h *header) readData2(t *compact, id int64, kind byte) {
	switch id {
	case 1:
		h.values = t.size(kind)
	case 4:
		h.encoding = t.int(kind)
	case 5:
		h.definitions = t.size(kind)
	case 6:
		h.repetitions = t.size(kind)
	case 7:
		h.plain = !t.bool(kind)
	default:
		t.skip(kind)
	}
}
