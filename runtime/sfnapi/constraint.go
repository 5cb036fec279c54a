package sfnapi

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/statemill/statemill/jsonvalue"
)

// pattern is what a text must look like. RE2 has no look-ahead, so that functions check.
type pattern struct {
	text    string // as messages show it
	matches func(s string) bool
}

var patterns = map[string]*pattern{
	"alias": {`^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$`, func(s string) bool {
		return strings.ContainsFunc(s, inName) && !strings.ContainsFunc(s, func(r rune) bool { return !inName(r) && (r < '0' || r > '9') })
	}},
	"ascii": {`\p{ASCII}*`, func(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7F }) }},
	"visible": {`[!-~]+`, func(s string) bool {
		return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '!' || r > '~' })
	}},
}

// inName reports whether the rune may be in the name of an alias, and makes it one that
// is no number.
func inName(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '_' || r == '-' || r == '.'
}

// enum is the values that a text may have, in the order in which messages show them.
type enum struct{ values []string }

var enums = map[string]*enum{
	"ExecutionRedriveFilter": {[]string{"REDRIVEN", "NOT_REDRIVEN"}},
	"ExecutionStatus":        {[]string{"SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"}}, // recorded
	"EncryptionType":         {[]string{"AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"}},
	"IncludedData":           {[]string{"ALL_DATA", "METADATA_ONLY"}},
	"InspectionLevel":        {[]string{"INFO", "DEBUG", "TRACE"}},
	"LogLevel":               {[]string{"ALL", "ERROR", "FATAL", "OFF"}},
	"MockValidation":         {[]string{"STRICT", "PRESENT", "NONE"}},
	"Severity":               {[]string{"ERROR", "WARNING"}}, // recorded
	"StateMachineType":       {[]string{"STANDARD", "EXPRESS"}},
}

// broken returns the constraint that a value does not satisfy, or "".
func (m *member) broken(v jsonvalue.Value) string {
	s, isString := v.AsString()
	switch {
	case m.bounded && (m.kind == isText || m.kind == isList):
		if n := m.length(v, s); n < m.low {
			return fmt.Sprintf("Member must have length greater than or equal to %d", m.low)
		} else if m.high >= 0 && n > m.high {
			return fmt.Sprintf("Member must have length less than or equal to %d", m.high)
		}
	case m.bounded:
		if n, _ := v.AsFloat64(); n < float64(m.low) {
			return fmt.Sprintf("Member must have value greater than or equal to %d", m.low)
		} else if m.high >= 0 && n > float64(m.high) {
			return fmt.Sprintf("Member must have value less than or equal to %d", m.high)
		}
	}
	switch {
	case !isString:
	case m.pattern != nil && !m.pattern.matches(s):
		return "Member must satisfy regular expression pattern: " + m.pattern.text
	case m.enum != nil && !slices.Contains(m.enum.values, s):
		return "Member must satisfy enum value set: [" + strings.Join(m.enum.values, ", ") + "]"
	}
	return ""
}

// length returns how long a value is: of data the bytes (the documentation of its
// shapes), of other texts the UTF-16 units (unsure).
func (m *member) length(v jsonvalue.Value, s string) int64 {
	switch {
	case m.kind == isList:
		return int64(v.Len())
	case m.data:
		return int64(len(s))
	}
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return int64(n)
}

// shown returns how a message shows a value, in the form in which Java prints it. It
// shows no data (unsure: AWS hides what its model calls sensitive).
func (m *member) shown(v jsonvalue.Value) string {
	switch {
	case m.data:
		return "***Sensitive Data Redacted***"
	case m.kind == isList:
		parts := make([]string, 0, v.Len())
		for _, e := range v.Elements() {
			parts = append(parts, m.elements.shown(e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case m.kind == isStructure:
		var parts []string
		for _, inner := range m.structure.members {
			if part, ok := v.Get(inner.name); ok && !part.IsNull() {
				parts = append(parts, inner.name+"="+inner.shown(part))
			}
		}
		return m.structure.name + "(" + strings.Join(parts, ", ") + ")"
	}
	if s, ok := v.AsString(); ok {
		return s
	}
	return v.String()
}
