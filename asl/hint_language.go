package asl

import "strings"

// counterparts are the fields of JSONata that do what a field of JSONPath does,
// where the name does not tell.
var counterparts = map[string]string{
	"InputPath": "Arguments or Output", "Parameters": "Arguments", "ResultSelector": "Output", "ResultPath": "Output",
	"OutputPath": "Output", "Result": "Output", "ItemsPath": "Items",
	"Variable": "Condition", "And": "Condition", "Or": "Condition", "Not": "Condition",
}

// otherLanguage advises about a field that the query language does not have.
func (c *checker) otherLanguage(f *field) string {
	if f.language == JSONata {
		return `set "QueryLanguage": "JSONata"`
	}
	hint := `set "QueryLanguage": "JSONPath"`
	if c.language == JSONata {
		hint += " for the whole machine"
	}
	instead := counterparts[f.name]
	switch plain, isPath := strings.CutSuffix(f.name, "Path"); {
	case instead != "":
	case f.isOperator():
		instead = "Condition"
	case isPath:
		instead = plain
	default:
		return hint
	}
	return "use " + instead + ", or " + hint
}

// operatorHints translate operators of other languages.
var operatorHints = [...]struct{ written, hint string }{
	{"==", `did you mean "="?`},
	{"&&", `did you mean "and"?`},
	{"||", `did you mean "or"?`},
}

// operatorHint advises about an expression that the parser cannot read beyond a
// place. For a foreign operator, that is after its first or second character.
func operatorHint(text string, place int) string {
	for _, o := range operatorHints {
		if at := strings.LastIndex(text[:min(place+1, len(text))], o.written); at >= 0 && at >= place-len(o.written) {
			return o.hint
		}
	}
	return ""
}
