// Package pattern matches the names of resources: those of tasks, functions and
// activities, in whose patterns * stands for any number of characters.
package pattern

import "strings"

// Match reports whether the whole of s matches a pattern in which * stands for any run
// of characters.
func Match(pattern, s string) bool {
	first, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == s
	}
	if !strings.HasPrefix(s, first) {
		return false
	}
	s = s[len(first):]
	for {
		part, more, starred := strings.Cut(rest, "*")
		if !starred {
			return strings.HasSuffix(s, part)
		}
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s, rest = s[at+len(part):], more
	}
}

// MoreExact reports whether pattern p goes before q, when both match: the one without
// *, else the one with the most characters other than *, else the first in the order of
// strings.
func MoreExact(p, q string) bool {
	stars, others := strings.Count(p, "*"), strings.Count(q, "*")
	if (stars == 0) != (others == 0) {
		return stars == 0
	}
	if a, b := len(p)-stars, len(q)-others; a != b {
		return a > b
	}
	return p < q
}

// WithoutQualifier returns the ARN of a function without its version or alias; ok is
// false if it has none. arn:aws:lambda:us-east-1:123456789012:function:price:live has one.
func WithoutQualifier(resource string) (function string, ok bool) {
	parts := strings.Split(resource, ":")
	if len(parts) != 8 || parts[0] != "arn" || parts[2] != "lambda" || parts[5] != "function" {
		return resource, false
	}
	return strings.Join(parts[:7], ":"), true
}
