package mocking

import (
	"strconv"
	"strings"

	"github.com/statemill/statemill/internal/pattern"
	"github.com/statemill/statemill/internal/similar"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/interp"
)

// index reads the number at the end of a location: "/States/C/Choices[1]" has 1.
func index(location string) int {
	at := strings.LastIndexByte(location, '[')
	n, err := strconv.Atoi(strings.TrimSuffix(location[at+1:], "]"))
	if err != nil {
		return -1
	}
	return n
}

// rules returns how many rules a Choice state has.
func (t *told) rules(state string) int {
	n := 0
	for _, p := range t.program.Points() {
		if p.State == state && (p.Kind == interp.RuleTaken || p.Kind == interp.RulePassed) {
			n = max(n, index(p.Location)+1)
		}
	}
	return n
}

// Short returns the text of a value, cut in the middle if it is long.
func Short(v jsonvalue.Value) string { return Cut(v.String()) }

// Longest is how many bytes of a value a report shows.
const Longest = 500

// Cut returns a text without its middle if it is long.
func Cut(text string) string {
	if len(text) <= Longest {
		return text
	}
	return text[:Longest/2] + " ... (" + strconv.Itoa(len(text)) + " bytes) ... " + text[len(text)-Longest/2:]
}

// nearest returns the pattern of a mock whose last part is most like that of a name;
// "": none is like it.
func (s *session) nearest(name string) string {
	patterns, ends := make(map[string]string), []string{}
	for _, m := range s.mocks {
		if m.Pattern != "" {
			ends = append(ends, EndOf(m.Pattern))
			patterns[EndOf(m.Pattern)] = m.Pattern
		}
	}
	end := EndOf(name)
	return patterns[similar.Within(end, ends, 1+len(end)/2)]
}

// tooShort returns the pattern of a mock that would match a resource with another integration
// pattern at its end, and that end; "": there is none.
func (s *session) tooShort(resource string) (pattern, end string) {
	for _, end := range []string{".waitForTaskToken", ".sync", ".sync:2"} {
		plain, ok := strings.CutSuffix(resource, end)
		for _, m := range s.mocks {
			if ok && m.Pattern != "" && m.Matches(plain) {
				return m.Pattern, end
			}
		}
	}
	return "", ""
}

// Meant returns the end of a message that proposes a name; "": none is like it.
func Meant(name string, names []string) string {
	if near := similar.Name(name, names); near != "" {
		return "; did you mean \"" + near + "\"?"
	}
	return ""
}

// EndOf returns what follows the last colon of a resource or a pattern; of a function, its
// name without the qualifier.
func EndOf(name string) string {
	if function, ok := pattern.WithoutQualifier(name); ok {
		name = function
	}
	return name[strings.LastIndexByte(name, ':')+1:]
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
