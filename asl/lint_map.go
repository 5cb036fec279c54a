package asl

// distributedOnly are the fields that only a distributed map heeds.
var distributedOnly = [...]string{
	"ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailureCount", "ToleratedFailureCountPath",
	"ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
}

// inline warns of fields that have no effect in an inline map.
func (l *linter) inline(m *Map) {
	if m.Distributed || l.hasUnknownMode(m) {
		return
	}
	for _, name := range distributedOnly {
		if field, ok := m.node.get(name); ok {
			x := l.warn(field, warnInline, "Field '"+name+"' has no effect in an inline map")
			x.markName = true
			x.Hint = `set "ProcessorConfig": {"Mode": "DISTRIBUTED"}`
		}
	}
}

// hasUnknownMode reports whether a substitution says how the map is processed.
func (l *linter) hasUnknownMode(m *Map) bool {
	if l.isSubstituted(m.Processor.node) {
		return true
	}
	config, ok := m.Processor.node.get("ProcessorConfig")
	if !ok {
		return false
	}
	mode, ok := config.get("Mode")
	return l.isSubstituted(config) || ok && l.isSubstituted(mode)
}

// concurrency warns of a distributed map that starts as many children as
// there are items, up to AWS's limit of 10,000.
func (l *linter) concurrency(m *Map) {
	if !m.Distributed || m.MaxConcurrency.Present() || m.ItemReader != nil && m.ItemReader.MaxItems.Present() {
		return
	}
	if m.Items.Present() && (node{l.tree, m.Items.at}).len() > 0 {
		return // written out
	}
	x := l.warn(m.node, warnNoConcurrency, "State '"+m.Name+"' runs up to 10,000 children at once")
	x.markName = true
	x.Hint = "set MaxConcurrency"
}
