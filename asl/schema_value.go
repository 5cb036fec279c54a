package asl

import (
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// Patterns of strings. They have to mean the same in every dialect of regular
// expressions.
const (
	pathPattern       = `^\$`
	pointerPattern    = `^($|/)`
	dynamicPattern    = `^(\$|States\.)`
	openedPattern     = `^\{%`
	expressionPattern = `^\{%[\s\S]*%\}$`
)

// schema returns the schema of the field's value.
func (f *field) schema(d dialect, p part) jsonvalue.Value {
	s := f.shape.schema(d)
	switch {
	case f.name == "QueryLanguage" && p&inState != 0 && d.machine == JSONata:
		s = is("const", str(string(JSONata)))
	case f.shape.expression && d.state == JSONata && f.shape.is != isString && f.shape.is != isTimestamp:
		s = anyOf(s, expressionSchema())
	case f.shape.expression && d.state == JSONata:
		s = nataString()
	}
	if f.shape.nullable {
		s = anyOf(s, is("type", str("null")))
	}
	return s
}

func (s *shape) schema(d dialect) jsonvalue.Value {
	switch s.is {
	case isString, isTimestamp, isResource:
		return is("type", str("string"))
	case isBoolean:
		return is("type", str("boolean"))
	case isNumber:
		return is("type", str("number"))
	case isInteger:
		return s.ranged("integer")
	case isFloat:
		return s.ranged("number")
	case isEnum:
		return is("enum", strs(s.values...))
	case isType:
		return is("type", str("string"))
	case isLabel:
		return join(is("type", str("string")), is("minLength", jsonvalue.Int(1)), is("maxLength", jsonvalue.Int(maxLabelLength)))
	case isPointer:
		return pattern(pointerPattern)
	case isServiceResource:
		return pattern(`^arn:aws[^:]*:states:::(` + strings.Join(s.values, "|") + `)$`)
	case isPath, isReferencePath, isResultPath, isLimitPath:
		return pattern(pathPattern)
	case isTextPath:
		return pattern(dynamicPattern)
	}
	return s.composite(d)
}

// composite returns the schema of what has parts.
func (s *shape) composite(d dialect) jsonvalue.Value {
	switch s.is {
	case isStrings:
		return s.sized(is("type", str("array")), "minItems", is("items", is("type", str("string"))))
	case isStates:
		return s.sized(is("type", str("object")), "minProperties",
			is("propertyNames", join(is("minLength", jsonvalue.Int(1)), is("maxLength", jsonvalue.Int(maxNameLength)))),
			is("additionalProperties", ref(d.ofStates())))
	case isObject:
		return s.sized(ref(d.of(s.of)), "minProperties")
	case isArray:
		return s.sized(is("type", str("array")), "minItems", is("items", ref(d.of(s.of))))
	case isTemplate:
		return ref(d.ofTemplate(), "Template")
	case isAssign:
		return join(is("type", str("object")), ref(d.ofTemplate(), "Template"))
	case isCredentials:
		roles := []string{"RoleArn"}
		if d.state == JSONPath {
			roles = append(roles, "RoleArn.$")
		}
		return join(is("type", str("object")), ref(d.ofTemplate(), "Template"), anyRequired(roles))
	case isItems:
		return anyOf(
			join(is("type", strs("array", "object")), ref(d.ofTemplate(), "Template")),
			expressionSchema())
	case isCondition:
		return anyOf(is("type", str("boolean")), expressionSchema())
	}
	return jsonvalue.Bool(true)
}

// of returns the definition of a part that stands inside something of dialect
// d. States inside branches and processors take the language of the machine.
func (d dialect) of(p part) (dialect, string) {
	name := ""
	for i := range partNames {
		if p == 1<<i {
			name = partNames[i]
		}
	}
	if p&(inBranch|inProcessor) != 0 && d.machine == JSONPath {
		return pathDialect, name
	}
	return d, name
}

func (d dialect) ofStates() (dialect, string) {
	if d.machine == JSONPath {
		return pathDialect, "AnyState"
	}
	return nataDialect, "State"
}

func (d dialect) ofTemplate() dialect {
	if d.state == JSONPath {
		return pathDialect
	}
	return nataDialect
}

func (s *shape) ranged(kind string) jsonvalue.Value {
	v := join(is("type", str(kind)), is("minimum", jsonvalue.Int(int64(s.min))))
	if s.max > 0 {
		v = join(v, is("maximum", jsonvalue.Int(int64(s.max))))
	}
	return v
}

// sized adds that the value must not be empty, where that is so.
func (s *shape) sized(schema jsonvalue.Value, keyword string, more ...jsonvalue.Value) jsonvalue.Value {
	if s.nonEmpty {
		schema = join(schema, is(keyword, jsonvalue.Int(1)))
	}
	return join(append([]jsonvalue.Value{schema}, more...)...)
}

// pathTemplate is a payload template: what is under "name.$" is a path or an
// intrinsic call.
func pathTemplate() jsonvalue.Value {
	return join(
		is("patternProperties", is(`\.\$$`, pattern(dynamicPattern))),
		is("additionalProperties", ref(pathDialect, "Template")),
		is("items", ref(pathDialect, "Template")),
	)
}

// nataTemplate is any JSON in which every string that begins as an expression
// is one.
func nataTemplate() jsonvalue.Value {
	return join(
		is("additionalProperties", ref(nataDialect, "Template")),
		is("items", ref(nataDialect, "Template")),
		implies(pattern(openedPattern), pattern(expressionPattern)),
	)
}

func nataString() jsonvalue.Value {
	return join(is("type", str("string")), implies(pattern(openedPattern), pattern(expressionPattern)))
}

func expressionSchema() jsonvalue.Value { return pattern(expressionPattern) }

// The words of JSON Schema.

func is(keyword string, v jsonvalue.Value) jsonvalue.Value {
	return jsonvalue.Object(jsonvalue.Member{Name: keyword, Value: v})
}

// join makes one schema of several.
func join(schemas ...jsonvalue.Value) jsonvalue.Value {
	var members []jsonvalue.Member
	for _, s := range schemas {
		for name, v := range s.Members() {
			members = append(members, jsonvalue.Member{Name: name, Value: v})
		}
	}
	return jsonvalue.Object(members...)
}

func str(s string) jsonvalue.Value { return jsonvalue.String(s) }

func strs(names ...string) jsonvalue.Value {
	var values []jsonvalue.Value
	for _, name := range names {
		values = append(values, str(name))
	}
	return jsonvalue.Array(values...)
}

func ref(d dialect, name string) jsonvalue.Value { return is("$ref", str("#/$defs/"+d.name+name)) }

func not(schema jsonvalue.Value) jsonvalue.Value { return is("not", schema) }

func anyOf(schemas ...jsonvalue.Value) jsonvalue.Value {
	return is("anyOf", jsonvalue.Array(schemas...))
}

func pattern(text string) jsonvalue.Value {
	return join(is("type", str("string")), is("pattern", str(text)))
}

// says is true of an object in which the member is there and fits the schema.
func says(member string, schema jsonvalue.Value) jsonvalue.Value {
	return join(is("required", strs(member)), is("properties", is(member, schema)))
}

// lacks is true of an object without the members.
func lacks(members ...string) jsonvalue.Value {
	var none []jsonvalue.Member
	for _, name := range members {
		none = append(none, jsonvalue.Member{Name: name, Value: jsonvalue.Bool(false)})
	}
	return is("properties", jsonvalue.Object(none...))
}

func implies(condition, consequence jsonvalue.Value) jsonvalue.Value {
	return join(is("if", condition), is("then", consequence))
}

func otherwise(condition, consequence, alternative jsonvalue.Value) jsonvalue.Value {
	return join(is("if", condition), is("then", consequence), is("else", alternative))
}
