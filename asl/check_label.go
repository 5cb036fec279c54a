package asl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxLabelLength = 40

// label checks the Label of a Map state, which becomes part of ARNs.
func (c *checker) label(n node) {
	if !c.expectKind(n, textKind) {
		return
	}
	label := n.text()
	switch {
	case label == "":
		c.report(n, codeLabel, "Invalid Label name: Label cannot be empty").schema = true
	case utf8.RuneCountInString(label) > maxLabelLength:
		c.report(n, codeLabel, "Invalid Label name: Label '"+label+"' exceeds the 40-character limit allowed by the service").schema = true
	case strings.ContainsFunc(label, notInLabel):
		c.report(n, codeLabel, "Invalid Label name: Label '"+label+"' contains invalid characters")
	}
}

// notInLabel reports whether a label must not have r in it.
func notInLabel(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("?*<>{}[]:;,\\|^~$#%&`\"/", r) ||
		r == utf8.RuneError || r >= 0xFFFE && r <= 0xFFFF
}
