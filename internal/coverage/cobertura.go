package coverage

import (
	"encoding/xml"
	"fmt"
	"io"
	"path/filepath"
)

// The elements of a Cobertura report. A machine is a class.
type (
	coberturaReport struct {
		XMLName         xml.Name           `xml:"coverage"`
		LineRate        string             `xml:"line-rate,attr"`
		BranchRate      string             `xml:"branch-rate,attr"`
		LinesCovered    int                `xml:"lines-covered,attr"`
		LinesValid      int                `xml:"lines-valid,attr"`
		BranchesCovered int                `xml:"branches-covered,attr"`
		BranchesValid   int                `xml:"branches-valid,attr"`
		Complexity      int                `xml:"complexity,attr"`
		Version         string             `xml:"version,attr"`
		Timestamp       int                `xml:"timestamp,attr"`
		Sources         []string           `xml:"sources>source"`
		Packages        []coberturaPackage `xml:"packages>package"`
	}
	coberturaPackage struct {
		Name       string           `xml:"name,attr"`
		LineRate   string           `xml:"line-rate,attr"`
		BranchRate string           `xml:"branch-rate,attr"`
		Complexity int              `xml:"complexity,attr"`
		Classes    []coberturaClass `xml:"classes>class"`
	}
	coberturaClass struct {
		Name       string          `xml:"name,attr"`
		File       string          `xml:"filename,attr"`
		LineRate   string          `xml:"line-rate,attr"`
		BranchRate string          `xml:"branch-rate,attr"`
		Complexity int             `xml:"complexity,attr"`
		Methods    struct{}        `xml:"methods"`
		Lines      []coberturaLine `xml:"lines>line"`
	}
	coberturaLine struct {
		Number    int    `xml:"number,attr"`
		Hits      int    `xml:"hits,attr"`
		Branch    bool   `xml:"branch,attr"`
		Condition string `xml:"condition-coverage,attr,omitempty"`
	}
)

// rates counts lines and branches.
type rates struct{ lines, linesHit, branches, branchesHit int }

func rate(hit, all int) string {
	return fmt.Sprintf("%.4f", Percent(hit, all)/100)
}

// WriteCobertura writes the report as Cobertura's XML. File names are relative to a
// folder.
func (r *Report) WriteCobertura(w io.Writer, folder string) error {
	var total rates
	pack := coberturaPackage{Name: "statemill"}
	for _, m := range r.Machines {
		if m.File == "" {
			continue
		}
		class, counted := m.cobertura(folder)
		pack.Classes = append(pack.Classes, class)
		total.add(counted)
	}
	pack.LineRate, pack.BranchRate = rate(total.linesHit, total.lines), rate(total.branchesHit, total.branches)
	report := coberturaReport{
		LineRate: pack.LineRate, BranchRate: pack.BranchRate,
		LinesCovered: total.linesHit, LinesValid: total.lines, BranchesCovered: total.branchesHit, BranchesValid: total.branches,
		Version: "1", Sources: []string{folder}, Packages: []coberturaPackage{pack},
	}
	if _, err := io.WriteString(w, xml.Header+"<!DOCTYPE coverage SYSTEM \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n"); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (t *rates) add(other rates) {
	t.lines, t.linesHit = t.lines+other.lines, t.linesHit+other.linesHit
	t.branches, t.branchesHit = t.branches+other.branches, t.branchesHit+other.branchesHit
}

func (m *Machine) cobertura(folder string) (coberturaClass, rates) {
	name := filepath.ToSlash(m.name(folder))
	class := coberturaClass{Name: name, File: name}
	var counted rates
	numbers, counts := m.lineCounts()
	outcomes := m.outcomes()
	for _, n := range numbers {
		line := coberturaLine{Number: n, Hits: counts[n]}
		if o := outcomes[n]; o.branches > 1 {
			line.Branch = true
			line.Condition = fmt.Sprintf("%d%% (%d/%d)", 100*o.branchesHit/o.branches, o.branchesHit, o.branches)
			counted.branches, counted.branchesHit = counted.branches+o.branches, counted.branchesHit+o.branchesHit
		}
		if counted.lines++; line.Hits > 0 {
			counted.linesHit++
		}
		class.Lines = append(class.Lines, line)
	}
	class.LineRate, class.BranchRate = rate(counted.linesHit, counted.lines), rate(counted.branchesHit, counted.branches)
	return class, counted
}

// outcomes returns by line how many outcomes its parts have.
func (m *Machine) outcomes() map[int]rates {
	byLine := make(map[int]rates)
	for _, i := range m.Items {
		if i.Ignored != "" || i.Kind == "state" || i.Kind == "transition" {
			continue
		}
		o := byLine[i.Line]
		if o.branches++; i.Count > 0 {
			o.branchesHit++
		}
		byLine[i.Line] = o
	}
	return byLine
}
