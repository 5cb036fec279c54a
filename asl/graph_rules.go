package asl

// graphRules checks the machine as a whole, in AWS's order: names, targets,
// an end, and then reachability, which AWS leaves out of a machine without
// an end.
func (c *checker) graphRules(g *Graph) {
	c.uniqueNames(g, make(map[string]*StateInfo, len(g.States)))
	c.uniqueLabels(g, map[string]*StateInfo{})
	c.variables(g)
	c.targets(g)
	if !c.hasEnd(g) {
		states, _ := g.node.get("States")
		c.reportAt(states, states, codeEnd, "Workflow has no terminal state").Location = ""
		return
	}
	c.reachable(g)
}

// innerRules checks the graphs inside a state that is on its own.
func (c *checker) innerRules(g *Graph) {
	c.uniqueNames(g, make(map[string]*StateInfo, len(g.States)))
	c.uniqueLabels(g, map[string]*StateInfo{})
	c.variables(g)
	for inner := range g.inner() {
		c.targets(inner)
	}
	for inner := range g.inner() {
		c.reachable(inner)
	}
}

// uniqueNames finds names that two states have, wherever in the machine. Those
// of a graph are taken before those of the graphs inside it.
func (c *checker) uniqueNames(g *Graph, seen map[string]*StateInfo) {
	for _, s := range g.States {
		if c.full() {
			return
		}
		info := s.Info()
		if first, ok := seen[info.Name]; ok {
			x := c.report(info.node, codeDuplicate, "Duplicate State name: "+info.Name)
			x.markName = true
			x.relate(first.node, "the first "+info.Name)
			continue
		}
		seen[info.Name] = info
	}
	for inner := range g.inner() {
		c.uniqueNames(inner, seen)
	}
}

// uniqueLabels finds Map states with the same label.
func (c *checker) uniqueLabels(g *Graph, seen map[string]*StateInfo) {
	for s := range g.walk() {
		m, ok := s.(*Map)
		if !ok || m.Label == "" {
			continue
		}
		label, _ := m.node.get("Label")
		if first, ok := seen[m.Label]; ok {
			x := c.report(label, codeSameLabel, "Duplicate Label name: "+m.Label)
			x.relate(first.node, "the first "+m.Label)
			continue
		}
		seen[m.Label] = &m.StateInfo
	}
}

// targets finds transitions that lead nowhere.
func (c *checker) targets(g *Graph) {
	if c.full() {
		return
	}
	if _, ok := g.State(g.StartAt); !ok {
		n, _ := g.node.get("StartAt")
		c.missingTarget(g, n)
	}
	for _, s := range g.States {
		c.emptyTarget(g, s.Info(), "Next")
		for a := range arrows(s) {
			if _, ok := g.State(a.to); !ok && !c.full() {
				c.missingTarget(g, a.node())
			}
		}
		c.emptyTarget(g, s.Info(), "Default")
		for _, inner := range subgraphs(s) {
			c.targets(inner)
		}
	}
}

// emptyTarget finds an empty name, which in the graph stands for no transition.
func (c *checker) emptyTarget(g *Graph, info *StateInfo, field string) {
	if n, ok := info.node.get(field); ok && n.kind() == textKind && n.text() == "" && !c.full() {
		c.missingTarget(g, n)
	}
}

// maxHints is how many names are compared with all others, and maxNames how
// many others there may be: a hint is not worth more time than the rest.
const (
	maxHints = 50
	maxNames = 2000
)

func (c *checker) missingTarget(g *Graph, n node) {
	if n.tree == nil || c.isSubstituted(n) || c.hasSubstitutedName(g) {
		return
	}
	x := c.report(n, codeTarget, "Missing 'Next' target: "+n.text())
	if c.hints++; c.hints > maxHints || len(g.States) > maxNames {
		return
	}
	var names []string
	for _, s := range g.States {
		names = append(names, s.Info().Name)
	}
	x.Hint = didYouMean(n.text(), names)
}

// hasSubstitutedName reports whether the name of a state is not known yet.
func (c *checker) hasSubstitutedName(g *Graph) bool {
	if !c.Substitutions {
		return false
	}
	if len(g.States) == 0 {
		return true // all of States is a substitution
	}
	for _, s := range g.States {
		if c.isSubstitutedText(s.Info().Name) {
			return true
		}
	}
	return false
}

// hasEnd reports whether a graph has a terminal state, reachable or not.
func (c *checker) hasEnd(g *Graph) bool {
	for _, s := range g.States {
		if s.Info().End {
			return true
		}
	}
	return g.hasUnknownStates()
}

// reachable finds states that nothing leads to. AWS asks for one transition,
// from wherever, and not for a way from the start.
func (c *checker) reachable(g *Graph) {
	reached := make([]bool, len(g.States))
	reach := func(name string) {
		if i := g.find(name); i >= 0 {
			reached[i] = true
		}
	}
	reach(g.StartAt)
	unknown := c.hasSubstitutedTarget(g)
	for _, s := range g.States {
		for a := range arrows(s) {
			reach(a.to)
			unknown = unknown || c.isSubstitutedText(a.to)
		}
	}
	for i, s := range g.States {
		if c.full() {
			return
		}
		info := s.Info()
		if !reached[i] && !unknown {
			x := c.report(info.node, codeTarget, "State \""+info.Name+"\" is not reachable.")
			x.markName = true
		}
		for _, inner := range subgraphs(s) {
			c.reachable(inner)
		}
	}
}

// hasSubstitutedTarget reports whether a graph has a start or states that are
// not known yet, which may lead anywhere.
func (c *checker) hasSubstitutedTarget(g *Graph) bool {
	return c.Substitutions && (g.hasUnknownStates() || c.isSubstitutedText(g.StartAt) || c.hasSubstitutedName(g))
}

// hasUnknownStates reports whether some of the states, or their types, are
// substitutions.
func (g *Graph) hasUnknownStates() bool {
	for _, s := range g.States {
		if statePart(s.Info().Type) == 0 {
			return true
		}
	}
	return len(g.States) == 0
}
