package diagram

import "encoding/json"

// DefinitionsIn serves the tests outside of the package.
var DefinitionsIn = definitionsIn

// definitionsIn finds the members "definition" of a document, at any depth.
func definitionsIn(document []byte) (found [][]byte) {
	var members map[string]json.RawMessage
	if json.Unmarshal(document, &members) == nil {
		for name, inner := range members {
			var text string
			switch {
			case name != "definition":
				found = append(found, definitionsIn(inner)...)
			case json.Unmarshal(inner, &text) == nil:
				found = append(found, []byte(text))
			default:
				found = append(found, inner)
			}
		}
		return found
	}
	var elements []json.RawMessage
	if json.Unmarshal(document, &elements) == nil {
		for _, inner := range elements {
			found = append(found, definitionsIn(inner)...)
		}
	}
	return found
}
