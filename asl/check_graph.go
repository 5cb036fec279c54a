package asl

import "iter"

// graphRules checks the machine as a whole, in AWS's order: names, targets,
// an end, and then reachability, which AWS leaves out of a machine without
// an end. The graph may have faults: AWS reports those of fields and those of
// the graph in one answer.
func (c *checker) graphRules(g *Graph) {
	c.uniqueNames(g, make(map[string]*StateInfo, len(g.States)))
	c.uniqueLabels(g, map[string]*StateInfo{})
	c.variables(g)
	c.targets(g)
	if c.isGraph(g) && !c.hasEnd(g) {
		states, _ := g.node.get("States")
		c.reportAt(states, states, codeEnd, "Workflow has no terminal state").Location = ""
		return
	}
	c.reachable(g)
}

// isGraph reports whether a graph has a start and states. AWS says nothing
// about transitions where one of these is missing.
func (c *checker) isGraph(g *Graph) bool {
	start, _ := g.node.get("StartAt")
	states, _ := g.node.get("States")
	return start.tree != nil && (start.kind() == textKind || c.isSubstituted(start)) &&
		states.tree != nil && (states.kind() == objectKind || c.isSubstituted(states))
}

// innerRules checks the graphs inside a single state.
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

// uniqueNames reports states with the name of an earlier state anywhere in the
// machine. The states of a graph come before those of the graphs inside it.
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

// targets reports transitions to states that do not exist.
func (c *checker) targets(g *Graph) {
	if c.full() {
		return
	}
	whole := c.isGraph(g)
	if whole && g.find(g.StartAt) < 0 {
		n, _ := g.node.get("StartAt")
		c.missingTarget(g, n)
	}
	for _, s := range g.States {
		if whole {
			for n := range s.Info().node.targets() {
				if n.kind() == textKind && g.find(n.text()) < 0 && !c.full() {
					c.missingTarget(g, n)
				}
			}
		}
		for _, inner := range subgraphs(s) {
			c.targets(inner)
		}
	}
}

// targets iterates over the members of a state that name other states. AWS also
// heeds those that the type of the state does not have.
func (n node) targets() iter.Seq[node] {
	return func(yield func(node) bool) {
		_ = n.target("Next", yield) && n.targetsIn("Choices", yield) &&
			n.target("Default", yield) && n.targetsIn("Catch", yield)
	}
}

// target yields the member with this name, if there is one.
func (n node) target(name string, yield func(node) bool) (more bool) {
	member, ok := n.get(name)
	return !ok || yield(member)
}

// targetsIn yields the targets of the rules or catchers in a member.
func (n node) targetsIn(name string, yield func(node) bool) (more bool) {
	array, ok := n.get(name)
	if !ok || array.kind() != arrayKind {
		return true
	}
	for element := range array.children() {
		if !element.target("Next", yield) {
			return false
		}
	}
	return true
}

// maxHints bounds the number of hints that need a comparison with many names,
// and maxNames the number of names: hints must not cost more time than the rest.
const (
	maxHints = 50
	maxNames = 2000
)

func (c *checker) missingTarget(g *Graph, n node) {
	if c.leaves(n) || c.hasSubstitutedName(g) {
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
	if states, ok := g.node.get("States"); ok && c.isSubstituted(states) {
		return true
	}
	for _, s := range g.States {
		if c.isSubstitutedText(s.Info().Name) {
			return true
		}
	}
	return false
}

// hasEnd reports whether a graph has a terminal state, reachable or not. AWS does
// not count a state without a type, even if it has End.
func (c *checker) hasEnd(g *Graph) bool {
	for _, s := range g.States {
		if info := s.Info(); info.End && info.node.has("Type") {
			return true
		}
	}
	return c.hasUnknownStates(g)
}

// reachable reports states that no transition leads to. AWS does not ask for a
// way from the start: a transition from an unreachable state suffices.
func (c *checker) reachable(g *Graph) {
	reached := c.reached(g)
	for i, s := range g.States {
		if c.full() {
			return
		}
		if info := s.Info(); !reached[i] {
			x := c.report(info.node, codeTarget, "State \""+info.Name+"\" is not reachable.")
			x.markName = true
		}
		for _, inner := range subgraphs(s) {
			c.reachable(inner)
		}
	}
}

// reached returns, for each state, whether a transition leads to it or may lead
// to it.
func (c *checker) reached(g *Graph) []bool {
	reached := make([]bool, len(g.States))
	unknown := !c.isGraph(g) || c.hasSubstitutedTarget(g)
	reach := func(n node) {
		if i := g.find(n.text()); i >= 0 && n.kind() == textKind {
			reached[i] = true
		}
		unknown = unknown || c.isSubstituted(n)
	}
	g.node.target("StartAt", func(n node) bool { reach(n); return true })
	for _, s := range g.States {
		for n := range s.Info().node.targets() {
			reach(n)
		}
	}
	for i := range reached {
		reached[i] = reached[i] || unknown
	}
	return reached
}

// hasSubstitutedTarget reports whether a graph has states that are not known
// yet, which may lead anywhere.
func (c *checker) hasSubstitutedTarget(g *Graph) bool {
	return c.Substitutions && (c.hasUnknownStates(g) || c.hasSubstitutedName(g))
}

// hasUnknownStates reports whether some of the states, or their types, are
// substitutions.
func (c *checker) hasUnknownStates(g *Graph) bool {
	if !c.Substitutions {
		return false
	}
	states, ok := g.node.get("States")
	if ok && c.isSubstituted(states) {
		return true
	}
	for _, s := range g.States {
		if c.isUnknown(s) {
			return true
		}
	}
	return false
}

// isUnknown reports whether a state, or its type, is a substitution.
func (c *checker) isUnknown(s State) bool {
	n := s.Info().node
	t, ok := n.get("Type")
	return c.isSubstituted(n) || ok && c.isSubstituted(t)
}
