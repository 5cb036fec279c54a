package store

import (
	"bytes"
	"iter"
)

// Page chooses from the parts of a history those that Store.History returns for after and limit, and
// copies their data. The parts come in order, or newest first if limit is negative;
// no more are asked for than needed. It is for authors of Stores.
func Page(parts iter.Seq[HistoryPart], after int64, limit int) (page []HistoryPart) {
	missing := int64(max(limit, -limit))
	if missing == 0 {
		return nil
	}
	for p := range parts {
		events := p.Last - max(p.First, after+1) + 1
		if limit < 0 {
			events = p.Last - p.First + 1
			if after > 0 {
				events = min(p.Last, after-1) - p.First + 1
			}
		}
		if events <= 0 {
			continue
		}
		p.Data = bytes.Clone(p.Data)
		page = append(page, p)
		if missing -= events; missing <= 0 {
			break
		}
	}
	return page
}
