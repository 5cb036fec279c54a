package coverage

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// WriteLCOV writes the report as a tracefile of LCOV: states are functions, other parts
// branches, and lines have the least count of the parts that begin there.
func (r *Report) WriteLCOV(w io.Writer) error {
	b := bufio.NewWriter(w)
	for _, m := range r.Machines {
		if m.File == "" {
			continue
		}
		fmt.Fprintf(b, "TN:\nSF:%s\n", m.File)
		m.lcovStates(b)
		m.lcovBranches(b)
		m.lcovLines(b)
		fmt.Fprintln(b, "end_of_record")
	}
	return b.Flush()
}

func (m *Machine) lcovStates(b io.Writer) {
	found, hit := 0, 0
	for _, i := range m.byLine() {
		if i.Kind != "state" || i.Ignored != "" {
			continue
		}
		name := strings.Join(strings.Fields(i.State), " ") // a name may have line breaks
		fmt.Fprintf(b, "FN:%d,%s\nFNDA:%d,%s\n", i.Line, name, i.Count, name)
		if found++; i.Count > 0 {
			hit++
		}
	}
	fmt.Fprintf(b, "FNF:%d\nFNH:%d\n", found, hit)
}

func (m *Machine) lcovBranches(b io.Writer) {
	found, hit := 0, 0
	for block, p := range m.parts() {
		for branch, i := range p.items {
			if i.Kind == "state" || i.Kind == "transition" {
				continue
			}
			fmt.Fprintf(b, "BRDA:%d,%d,%d,%d\n", i.Line, block, branch, i.Count)
			if found++; i.Count > 0 {
				hit++
			}
		}
	}
	fmt.Fprintf(b, "BRF:%d\nBRH:%d\n", found, hit)
}

func (m *Machine) lcovLines(b io.Writer) {
	numbers, counts := m.lineCounts()
	hit := 0
	for _, n := range numbers {
		fmt.Fprintf(b, "DA:%d,%d\n", n, counts[n])
		if counts[n] > 0 {
			hit++
		}
	}
	fmt.Fprintf(b, "LF:%d\nLH:%d\n", len(numbers), hit)
}

// lineCounts returns the lines on which parts begin, with the least count of these.
func (m *Machine) lineCounts() (numbers []int, counts map[int]int) {
	counts = make(map[int]int)
	for _, p := range m.parts() {
		before, known := counts[p.line]
		if !known {
			numbers = append(numbers, p.line)
			before = p.least
		}
		counts[p.line] = min(before, p.least)
	}
	return numbers, counts
}
