package asl

import (
	"math/bits"
	"strings"
)

// checker compares a tree with the table of fields.
type checker struct {
	findings
	Validator
	language QueryLanguage // of the machine
	uses     []use         // of variables
	left     []node        // substitutions that a machine cannot run with
	inside   node          // the state that is checked
	depth    int           // of graphs inside graphs
	budget   int           // what compiling expressions may still take
	spent    bool          // nothing is left, and that has been reported
	hints    int           // names that were compared with all others
	excerpt  string        // how the text begins, once that is needed

	resourceMemo Resource // the last one that was taken apart
}

// site tells where a value stands: rules depend on that and on the field.
type site struct {
	language QueryLanguage // "" if a substitution hides it
	state    part          // the type of the state
	field    string        // of the state, catcher or rule: "Output"
	catcher  bool          // inside a catcher
	lenient  bool          // fields of the other language are not reported
}

// lacks reports whether states here do not have the field.
func (at site) lacks(f *field) bool { return !at.lenient && f.foreign(at.language) }

// object checks an object of the language: its members against the rows of its
// part, then the values of those that belong there.
func (c *checker) object(n node, p part, at site) {
	if !c.expectKind(n, objectKind) || c.full() {
		return
	}
	t := p.table()
	present := c.members(n, t, at)
	if missing := t.required &^ present; missing != 0 {
		c.schema(n, "These fields are required: "+listed(t.namesOf(missing)))
	}
	c.exclusions(n, t, present)
	c.partRules(n, p, present, at)
	for member := range n.children() {
		f := t.field(member)
		if f == nil || at.lacks(f) {
			continue
		}
		if f.in&(inState|inCatcher|inRule) != 0 && f.in&p != 0 {
			at.field = f.name
		}
		c.value(member, &f.shape, at)
	}
}

// foreign reports whether states of a language do not have the field.
func (f *field) foreign(language QueryLanguage) bool {
	return f.language != "" && language != "" && f.language != language
}

// members reports the members that such an object does not have in this language,
// and returns the set of the others. An End that is false counts as absent.
func (c *checker) members(n node, t *partFields, at site) (present fieldSet) {
	for member := range n.children() {
		if c.full() {
			break
		}
		i := t.index(member.name(), member.row().hash)
		if i < 0 {
			c.unknownField(n, member, t)
			continue
		}
		member.row().field = int8(i + 1)
		if at.lacks(t.fields[i]) {
			c.foreignField(n, member, t.fields[i], at.language)
		}
		if t.fields[i].name != "End" || member.kind() != boolKind || member.isTrue() {
			present |= 1 << i
		}
	}
	return present
}

func (c *checker) unknownField(n, member node, t *partFields) {
	x := c.notSupported(n, member)
	if x.Hint = whereElse(member.name()); x.Hint == "" {
		x.Hint = didYouMean(member.name(), t.namesOf(^fieldSet(0)))
	}
}

// foreignField reports a field of the other query language. AWS gives the object
// as its location; for the arguments of readers and writers, the field itself.
func (c *checker) foreignField(n, member node, f *field, language QueryLanguage) {
	at := n
	if f.in&(inItemReader|inResultWriter) != 0 {
		at = member
	}
	x := c.reportAt(at, member, codeSchema, "The QueryLanguage is set to '"+string(language)+
		"', but field '"+f.name+"' is only supported for the '"+string(f.language)+"' QueryLanguage")
	x.markName, x.schema = true, true
	x.Hint = c.otherLanguage(f)
}

// exclusions finds fields that exclude each other.
func (c *checker) exclusions(n node, t *partFields, present fieldSet) {
	for _, x := range t.exclusions {
		switch count := bits.OnesCount64(uint64(x.set & present)); {
		case count > 1:
			c.schema(n, "There should only be one of the following fields: "+listed(x.fields))
		case count == 0 && x.need:
			c.schema(n, "This object should have only one of the following fields: "+listed(x.fields))
		}
	}
}

// schema reports a finding of the table of fields about n.
func (c *checker) schema(n node, message string) *finding {
	x := c.report(n, codeSchema, message)
	x.schema = true
	return x
}

// listed returns names as AWS lists them: "[States, StartAt]".
func listed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
