package asl

// errorEquals checks where States.ALL stands in Retry or Catch: alone, in the
// last element.
func (c *checker) errorEquals(n node) {
	i := 0
	for element := range n.children() {
		i++
		names, ok := element.get("ErrorEquals")
		if !ok || names.kind() != arrayKind {
			continue
		}
		for name := range names.children() {
			if c.full() {
				return
			}
			if name.text() == StatesALL && (names.len() > 1 || i < n.len()) {
				c.report(name, codeSchema, "States.ALL must appear alone and at end of list")
			}
		}
	}
}
