package asl

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/statemill/statemill/jsonvalue"
)

// Schema returns the JSON Schema (draft 2020-12) of the language, for editors.
// It comes from the same table as the structural rules of [Validate], and
// refuses a definition exactly if one of those rules does. A schema cannot check
// targets, paths and expressions; Validate does.
func Schema() []byte {
	s := schemaWriter{}
	s.root()
	var out bytes.Buffer
	if err := json.Indent(&out, s.document().AppendJSON(nil), "", "  "); err != nil {
		panic(err) // the text is our own
	}
	return append(out.Bytes(), '\n')
}

// dialect is a combination of the language of the machine, which states inside
// a branch or processor take, and that of the state.
type dialect struct {
	name           string
	machine, state QueryLanguage
}

var (
	pathDialect  = dialect{"JSONPath", JSONPath, JSONPath}
	mixedDialect = dialect{"Mixed", JSONPath, JSONata} // a JSONata state in a JSONPath machine
	nataDialect  = dialect{"JSONata", JSONata, JSONata}
)

// partNames are the parts as definitions of the schema.
var partNames = [partCount]string{
	"Machine", "Branch", "Processor", "ProcessorConfig", "Pass", "Task", "Choice", "Wait", "Succeed", "Fail",
	"Parallel", "Map", "Rule", "InnerRule", "Retrier", "Catcher", "ItemReader", "ReaderConfig", "ItemBatcher",
	"ResultWriter", "WriterConfig",
}

// schemaWriter collects the definitions that the schema consists of.
type schemaWriter struct {
	defs []jsonvalue.Member
}

func (s *schemaWriter) root() {
	for _, d := range []dialect{pathDialect, mixedDialect, nataDialect} {
		for i := range partNames {
			if p := part(1) << i; d != mixedDialect || p&inGraph == 0 {
				s.define(d, partNames[i], s.part(d, p))
			}
		}
		s.define(d, "State", byType(d))
	}
	s.define(pathDialect, "AnyState", otherwise(
		says("QueryLanguage", not(is("const", str("JSONPath")))), ref(mixedDialect, "State"), ref(pathDialect, "State")))
	s.define(pathDialect, "Template", pathTemplate())
	s.define(nataDialect, "Template", nataTemplate())
}

func (s *schemaWriter) define(d dialect, name string, schema jsonvalue.Value) {
	s.defs = append(s.defs, jsonvalue.Member{Name: d.name + name, Value: schema})
}

func (s *schemaWriter) document() jsonvalue.Value {
	machine := otherwise(says("QueryLanguage", not(is("const", str("JSONPath")))),
		ref(nataDialect, "Machine"), ref(pathDialect, "Machine"))
	return join(
		is("$schema", str("https://json-schema.org/draft/2020-12/schema")),
		is("$id", str("https://statemill.dev/schema/asl.json")),
		is("title", str("Amazon States Language")),
		machine,
		is("$defs", jsonvalue.Object(s.defs...)),
	)
}

// byType chooses the schema of a state by its type.
func byType(d dialect) jsonvalue.Value {
	var names, branches []jsonvalue.Value
	for _, t := range stateTypes {
		names = append(names, str(t.name))
		branches = append(branches, join(
			is("if", says("Type", is("const", str(t.name)))),
			is("then", ref(d, t.name)),
		))
	}
	return join(
		is("type", str("object")),
		is("required", strs("Type")),
		is("properties", is("Type", is("enum", jsonvalue.Array(names...)))),
		is("allOf", jsonvalue.Array(branches...)),
	)
}

// part returns the schema of one kind of object.
func (s *schemaWriter) part(d dialect, p part) jsonvalue.Value {
	t := p.table()
	properties := make([]jsonvalue.Member, 0, len(t.fields))
	for _, f := range t.fields {
		if !f.foreign(d.state) {
			properties = append(properties, jsonvalue.Member{Name: f.name, Value: f.schema(d, p)})
		}
	}
	schema := join(
		is("type", str("object")),
		is("properties", jsonvalue.Object(properties...)),
		is("additionalProperties", jsonvalue.Bool(false)),
	)
	if t.required != 0 {
		schema = join(schema, is("required", strs(t.namesOf(t.required)...)))
	}
	var rules []jsonvalue.Value
	for _, x := range t.exclusions {
		rules = append(rules, x.schema())
	}
	if rules = append(rules, partSchemas(d, p)...); len(rules) > 0 {
		schema = join(schema, is("allOf", jsonvalue.Array(rules...)))
	}
	return schema
}

// schema says that there is one of the fields, or one at most.
func (x *exclusion) schema() jsonvalue.Value {
	var each []jsonvalue.Value
	for _, name := range x.fields {
		present := is("required", strs(name))
		if name == "End" {
			present = says(name, not(is("const", jsonvalue.Bool(false))))
		}
		each = append(each, present)
	}
	if !x.need {
		each = append(each, not(is("anyOf", jsonvalue.Array(each...))))
	}
	return is("oneOf", jsonvalue.Array(each...))
}

// partSchemas says what partRules checks.
func partSchemas(d dialect, p part) []jsonvalue.Value {
	switch p {
	case inRule, inInnerRule:
		return ruleSchemas(d)
	case inProcessorConfig:
		return []jsonvalue.Value{otherwise(
			says("Mode", is("const", str("DISTRIBUTED"))),
			is("required", strs("ExecutionType")),
			is("properties", is("ExecutionType", jsonvalue.Bool(false))),
		)}
	case inReaderConfig:
		return readerSchemas()
	case inItemBatcher:
		return []jsonvalue.Value{anyRequired(batchLimits)}
	case inResultWriter:
		return []jsonvalue.Value{is("dependentRequired", join(
			is("Parameters", strs("Resource")), is("Arguments", strs("Resource")),
		))}
	}
	return nil
}

// readerSchemas says which fields of ReaderConfig a type of input has.
func readerSchemas() []jsonvalue.Value {
	flattens := anyOf(says("Transformation", is("const", str("LOAD_AND_FLATTEN"))), says("ManifestType", is("const", str("ATHENA_DATA"))))
	all := []jsonvalue.Value{
		implies(flattens, is("required", strs("InputType"))),
		implies(says("InputType", is("const", str("CSV"))), join(
			is("required", strs("CSVHeaderLocation")),
			is("allOf", jsonvalue.Array(
				implies(says("CSVHeaderLocation", is("const", str("GIVEN"))), is("required", strs("CSVHeaders"))),
				implies(says("CSVHeaderLocation", is("const", str("FIRST_ROW"))), lacks("CSVHeaders")))))),
	}
	for _, t := range inputTypes {
		var foreign []string
		for _, f := range readerFields {
			if !slices.Contains(f.types, t) {
				foreign = append(foreign, f.name)
			}
		}
		all = append(all, implies(says("InputType", is("const", str(t))), lacks(foreign...)))
	}
	return all
}

// ruleSchemas says that a choice rule is a single test.
func ruleSchemas(d dialect) []jsonvalue.Value {
	if d.state == JSONata {
		return []jsonvalue.Value{is("required", strs("Condition"))}
	}
	var kinds, operators []jsonvalue.Value
	for _, name := range ruleTests {
		kinds = append(kinds, is("required", strs(name)))
	}
	for _, name := range inRule.table().namesOf(inRule.table().operators) {
		operators = append(operators, is("required", strs(name)))
	}
	return []jsonvalue.Value{
		is("oneOf", jsonvalue.Array(kinds...)),
		otherwise(is("required", strs("Variable")),
			is("oneOf", jsonvalue.Array(operators...)),
			not(is("anyOf", jsonvalue.Array(operators...)))),
	}
}

func anyRequired(names []string) jsonvalue.Value {
	var each []jsonvalue.Value
	for _, name := range names {
		each = append(each, is("required", strs(name)))
	}
	return is("anyOf", jsonvalue.Array(each...))
}
