package golden

import "strings"

// parser reads the lines of a file.
type parser struct {
	lines []string
	at    int
	cases []*Case
}

func parse(text string) (lines []string, cases []*Case) {
	p := parser{lines: strings.Split(text, "\n")}
	for p.at < len(p.lines) {
		p.line()
	}
	return p.lines, p.cases
}

// line reads a line that is not part of an output.
func (p *parser) line() {
	line := p.lines[p.at]
	switch {
	case strings.HasPrefix(line, "==="):
		p.cases = append(p.cases, &Case{Name: strings.TrimSpace(strings.TrimPrefix(line, "===")), line: p.at + 1})
		p.at++
		p.setup()
	case strings.HasPrefix(line, ">"):
		p.step()
	case strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "":
		p.at++
	default:
		p.last()
		p.setup()
	}
}

// last returns the case that lines belong to.
func (p *parser) last() *Case {
	if len(p.cases) == 0 {
		p.cases = append(p.cases, &Case{line: p.at + 1})
	}
	return p.cases[len(p.cases)-1]
}

// setup reads the lines before the first step of a case.
func (p *parser) setup() {
	var setup []string
	for ; p.at < len(p.lines) && !strings.HasPrefix(p.lines[p.at], "===") && !strings.HasPrefix(p.lines[p.at], ">"); p.at++ {
		if !strings.HasPrefix(p.lines[p.at], "#") {
			setup = append(setup, p.lines[p.at])
		}
	}
	c := p.last()
	c.Setup = strings.TrimSpace(c.Setup + "\n" + strings.Join(setup, "\n"))
}

// step reads an input and its output.
func (p *parser) step() {
	s := step{line: p.at + 1}
	var input, output []string
	for ; p.at < len(p.lines) && strings.HasPrefix(p.lines[p.at], ">"); p.at++ {
		line := strings.TrimPrefix(p.lines[p.at], ">")
		input = append(input, strings.TrimPrefix(line, " "))
	}
	s.from = p.at
	for ; p.at < len(p.lines) && p.lines[p.at] != "" && !special(p.lines[p.at]); p.at++ {
		output = append(output, strings.TrimPrefix(p.lines[p.at], `\`))
	}
	s.to = p.at
	s.input, s.output = strings.Join(input, "\n"), strings.Join(output, "\n")
	c := p.last()
	c.steps = append(c.steps, s)
}
