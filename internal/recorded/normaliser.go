package recorded

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonvalue"
)

// Normaliser makes a fresh answer look as the recordings do: volatile texts
// have become tokens there.
type Normaliser struct {
	rules   []rule
	plain   map[string]bool // tokens that are bare words
	skipped map[string]bool // members that are not compared
	bound   map[string]string
}

type rule struct {
	pattern     *regexp.Regexp
	replacement string
}

// newer are members that answers have had since the first recordings were made.
var newer = []string{"encryptionConfiguration"}

// volatile are the members whose values never repeat; a case may ask to leave
// them out.
var volatile = []string{"SdkHttpMetadata", "SdkResponseMetadata", "billingDetails", "creationDate", "startDate", "stopDate"}

var (
	instants = regexp.MustCompile(`\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})`)
	tokens   = regexp.MustCompile(`<[A-Za-z][A-Za-z0-9._-]*(:\d+)?>`)
	eventIDs = regexp.MustCompile(`event id #\d+`)
)

// bareWords replace whole values in all recordings.
var bareWords = []string{
	"date", "datetime", "timestamp", "RequestId", "X-Amzn-Trace-Id", "x-amz-crc32", "x-amzn-RequestId", "x-amzn-requestid",
	"snf_role_arn", "sfn_role_arn", "creation-date", "task_token", "RandomNumberGenerated",
}

// NewNormaliser returns the one for the answers of a case.
func NewNormaliser(c *Case) *Normaliser {
	n := &Normaliser{plain: make(map[string]bool), skipped: make(map[string]bool), bound: make(map[string]string)}
	for _, word := range bareWords {
		n.plain[word] = true
	}
	for _, t := range c.Transformers {
		if t.Replacement != "" && !strings.Contains(t.Replacement, "<") {
			n.plain[t.Replacement] = true
		}
		if pattern, err := regexp.Compile(t.Regex); err == nil && t.Regex != "" {
			n.rules = append(n.rules, rule{pattern, t.Replacement})
		}
	}
	if c.beforeRedrive() {
		for _, name := range []string{"RedriveCount", "RedriveStatus", "RedriveStatusReason", "redriveCount", "redriveStatus", "redriveStatusReason"} {
			n.skipped[name] = true
		}
	}
	for _, path := range c.SkipVerify {
		for _, name := range volatile {
			if path == "$.."+name {
				n.skipped[name] = true
			}
		}
	}
	return n
}

// beforeRedrive reports whether the recording was made before RedriveExecution
// was launched on 15 November 2023 and brought new members.
func (c *Case) beforeRedrive() bool {
	return c.before(time.Date(2023, 11, 15, 0, 0, 0, 0, time.UTC))
}

// text normalises a text of an answer.
func (n *Normaliser) text(s string) string {
	for _, r := range n.rules {
		s = r.pattern.ReplaceAllString(s, r.replacement)
	}
	return known(instants.ReplaceAllStringFunc(s, volatileInstant))
}

// volatileInstant replaces an instant, which is another one in each run. A text in
// the form of one that is no date, the 13th month, is data and stays.
func volatileInstant(s string) string {
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if _, err := time.Parse(form, s); err == nil {
			return "date"
		}
	}
	return s
}

// known replaces what an account and its region, or the date of a recording, decide
// about texts: newer recordings of Choice have a plain apostrophe.
func known(s string) string {
	return strings.NewReplacer("us-east-1", "<region>", "arn:aws:", "arn:<partition>:", "choice state’s", "choice state's").Replace(s)
}

// Unfold parses JSON inside strings, one level deep, as the recordings have it.
func Unfold(v jsonvalue.Value) jsonvalue.Value {
	switch v.Kind() {
	case jsonvalue.KindArray:
		elements := make([]jsonvalue.Value, 0, v.Len())
		for _, e := range v.Elements() {
			elements = append(elements, Unfold(e))
		}
		return jsonvalue.Array(elements...)
	case jsonvalue.KindObject:
		members := make([]jsonvalue.Member, 0, v.Len())
		for name, m := range v.Members() {
			members = append(members, jsonvalue.Member{Name: name, Value: unfoldMember(m)})
		}
		return jsonvalue.Object(members...)
	}
	return v
}

func unfoldMember(m jsonvalue.Value) jsonvalue.Value {
	if s, ok := m.AsString(); ok && strings.HasPrefix(s, "{") {
		if parsed, err := jsonvalue.Parse([]byte(s)); err == nil {
			return parsed
		}
	}
	return Unfold(m)
}

// Difference compares an answer with a recording and returns the first
// difference, or nil.
func (n *Normaliser) Difference(path string, want, got jsonvalue.Value) error {
	if s, ok := want.AsString(); ok && n.plain[s] {
		return nil
	}
	if s, ok := got.AsString(); ok && want.Kind() != jsonvalue.KindString {
		// Some recordings have parsed what others left as text.
		if parsed, err := jsonvalue.Parse([]byte(s)); err == nil {
			got = parsed
		}
	}
	if s, ok := want.AsString(); ok && tokens.FindString(s) == s && (got.Kind() == jsonvalue.KindNumber || got.Kind() == jsonvalue.KindArray) {
		got = jsonvalue.String(got.String()) // the token stands for a number, or for the values of a header
	}
	if want.Kind() != got.Kind() {
		return fmt.Errorf("%s: want %s, got %s", path, Brief(want), Brief(got))
	}
	switch want.Kind() {
	case jsonvalue.KindObject:
		return n.objects(path, want, got)
	case jsonvalue.KindArray:
		return n.arrays(path, want, got)
	case jsonvalue.KindString:
		return n.strings(path, want, got)
	}
	if want.String() != got.String() {
		return fmt.Errorf("%s: want %s, got %s", path, want, got)
	}
	return nil
}

// Brief prints a value, or its beginning.
func Brief(v jsonvalue.Value) string {
	s := v.String()
	if len(s) > 300 {
		return s[:300] + "..."
	}
	return s
}

func (n *Normaliser) objects(path string, want, got jsonvalue.Value) error {
	for name, w := range want.Members() {
		if n.skipped[name] {
			continue
		}
		g, ok := n.member(got, name)
		if !ok {
			return fmt.Errorf("%s.%s: missing, want %s", path, name, Brief(w))
		}
		if err := n.Difference(path+"."+name, w, g); err != nil {
			return err
		}
	}
	for name, g := range got.Members() {
		if _, ok := want.Get(n.text(name)); !ok && !n.skipped[name] && !slices.Contains(newer, name) {
			return fmt.Errorf("%s.%s: not wanted: %s", path, name, Brief(g))
		}
	}
	return nil
}

// member finds a member by its name, or by what its name becomes in recordings.
func (n *Normaliser) member(got jsonvalue.Value, name string) (jsonvalue.Value, bool) {
	if g, ok := got.Get(name); ok {
		return g, true
	}
	for other, g := range got.Members() {
		if n.text(other) == name {
			return g, true
		}
	}
	return jsonvalue.Value{}, false
}

func (n *Normaliser) arrays(path string, want, got jsonvalue.Value) error {
	for i, w := range want.Elements() {
		g, ok := got.Index(i)
		if !ok {
			return fmt.Errorf("%s: want %d elements, got %d", path, want.Len(), got.Len())
		}
		if err := n.Difference(fmt.Sprintf("%s[%d]", path, i), w, g); err != nil {
			return err
		}
	}
	if got.Len() > want.Len() {
		return fmt.Errorf("%s: want %d elements, got %d", path, want.Len(), got.Len())
	}
	return nil
}

// strings compares texts in which tokens stand for any text, the same token
// for the same. A text that is JSON is compared as such: blanks do not count.
func (n *Normaliser) strings(path string, want, got jsonvalue.Value) error {
	w, _ := want.AsString()
	g, _ := got.AsString()
	if !strings.Contains(w, attempts) {
		g = strings.Replace(g, attempts+"1)", "", 1)
	}
	w, raw := known(w), known(g)
	if g = n.text(g); w == g || n.matches(w, g) || n.matches(w, raw) { // which rule came first in the recording is not known
		return nil
	}
	a, err := jsonvalue.Parse([]byte(w))
	b, err2 := jsonvalue.Parse([]byte(g))
	if err == nil && err2 == nil && a.Kind() != jsonvalue.KindString {
		return n.Difference(path, a, b)
	}
	return fmt.Errorf("%s: want %q, got %q", path, w, g)
}

// attempts is what the causes of services have ended with since November 2025.
const attempts = " (SDK Attempt Count: "

func (n *Normaliser) matches(want, got string) bool {
	found := tokens.FindAllStringIndex(want, -1)
	if found == nil {
		return false
	}
	var pattern strings.Builder
	var names []string
	last := 0
	pattern.WriteString("(?s)^")
	for _, at := range found {
		pattern.WriteString(regexp.QuoteMeta(want[last:at[0]]) + "(.*?)")
		names = append(names, want[at[0]:at[1]])
		last = at[1]
	}
	pattern.WriteString(regexp.QuoteMeta(want[last:]) + "$")
	parts := regexp.MustCompile(pattern.String()).FindStringSubmatch(got)
	if parts == nil {
		return false
	}
	for i, name := range names {
		if !n.bind(name, parts[i+1]) {
			return false
		}
	}
	return true
}

// bind lets a token stand for a text, and tells whether it may.
func (n *Normaliser) bind(name, text string) bool {
	if !strings.Contains(name, ":") {
		return true
	}
	before, known := n.bound[name]
	if !known {
		n.bound[name] = text
	}
	return !known || before == text
}
