package asl

import "strings"

// looksDynamic reports whether a literal text looks as if a path or an
// intrinsic call had been meant.
func (l *linter) looksDynamic(text string) bool {
	if rest, ok := strings.CutPrefix(text, "States."); ok {
		name, _, call := strings.Cut(rest, "(")
		return call && strings.HasSuffix(rest, ")") && isWord(name)
	}
	if !strings.HasPrefix(text, "$.") && !strings.HasPrefix(text, "$$.") || strings.ContainsAny(text, " \t\n") {
		return false
	}
	if isPlainPath(text) {
		return true
	}
	_, err := l.parsePath(text)
	return err == nil
}

func isWord(s string) bool {
	for i := range len(s) {
		if c := s[i] | 0x20; (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return s != ""
}

// payloads warns of literal texts in the templates of a JSONPath state that look
// dynamic.
func (l *linter) payloads(s State) {
	info := s.Info()
	if info.QueryLanguage != JSONPath {
		return
	}
	t := statePart(info.Type).table()
	for field := range info.node.children() {
		switch row := t.field(field); {
		case row == nil:
		case row.name == "Result":
			l.staticResult(field)
		case row.shape.is == isTemplate || row.shape.is == isAssign:
			l.noDollar(field)
		case row.shape.is == isString && (row.name == "Error" || row.name == "Cause"):
			l.noPath(field)
		}
	}
}

// noDollar warns of members without ".$". AWS locates them at the template.
func (l *linter) noDollar(n node) {
	for child := range n.children() {
		if l.full() {
			return
		}
		name := child.name()
		switch {
		case child.len() > 0:
			l.noDollar(child)
		case child.kind() != textKind || strings.HasSuffix(name, ".$") || strings.HasSuffix(name, "Path"):
		case n.kind() == objectKind && l.looksDynamic(child.text()):
			l.warnAt(n, child, warnNoDollar, "The value of '"+name+"' looks like "+dynamicKind(child.text())+". Instead of '"+name+
				"', use '"+name+".$' to evaluate it as "+dynamicKind(child.text())+" at runtime.")
		}
	}
}

// dynamicKind names the kind of a dynamic text in AWS's words; those about
// functions are a guess (unsure).
func dynamicKind(text string) string {
	if isIntrinsicText(text) {
		return "an Intrinsic Function"
	}
	return "a JSONPath"
}

// noPath warns of a value that looks like a path where the field does not
// evaluate paths.
func (l *linter) noPath(n node) {
	if n.kind() == textKind && l.looksDynamic(n.text()) {
		x := l.warn(n, warnNoPath, "The value of '"+n.name()+"' looks like a path, but is taken as it is")
		x.Hint = "write \"" + n.name() + "Path\" to have it evaluated"
	}
}

// staticResult warns of the Result of a Pass state, which is never evaluated.
func (l *linter) staticResult(n node) {
	for child := range n.children() {
		if l.full() {
			return
		}
		if child.len() > 0 {
			l.staticResult(child)
		} else if child.kind() == textKind && l.looksDynamic(child.text()) {
			x := l.warn(child, warnStaticResult, "The Result of a Pass state is static: '"+child.text()+"' is not evaluated")
			x.Hint = "use Parameters"
		}
	}
}
