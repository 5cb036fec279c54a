package coverage

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// WriteJSON writes the report as JSON, which [Read] reads.
func (r *Report) WriteJSON(w io.Writer) error {
	r.Version = Version
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(struct {
		*Report
		Totals map[string][2]int `json:"totals"` // by kind: reached, of how many
	}{r, r.totals()})
}

// MarshalJSON implements [json.Marshaler]. Tests may be running.
func (m *Machine) MarshalJSON() ([]byte, error) {
	type plain struct {
		File       string  `json:"file"`
		SHA256     string  `json:"sha256"`
		Definition string  `json:"definition"`
		Text       string  `json:"text,omitempty"`
		Items      []*Item `json:"items"`
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return json.Marshal(plain{m.File, m.SHA256, m.Definition, m.Text, m.Items})
}

func (r *Report) totals() map[string][2]int {
	totals := make(map[string][2]int)
	for _, m := range r.Machines {
		m.mu.Lock()
		for _, i := range m.Items {
			if i.Ignored != "" {
				continue
			}
			t := totals[i.Kind]
			if t[1]++; i.Count > 0 {
				t[0]++
			}
			totals[i.Kind] = t
		}
		m.mu.Unlock()
	}
	return totals
}

// Read reads a report.
func Read(text []byte) (*Report, error) {
	r := new(Report)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	if r.Version != Version {
		return nil, fmt.Errorf("coverage: the report has the version %d, and this is %d", r.Version, Version)
	}
	return r, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
