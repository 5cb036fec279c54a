package teststate

import (
	"errors"
	"strings"

	"github.com/statemill/statemill/asl"
)

// InvalidDefinition returns AWS's words for a definition that is refused: its
// errors, joined.
func InvalidDefinition(err error) string {
	var found asl.Diagnostics
	if !errors.As(err, &found) {
		return err.Error()
	}
	var problems []string
	for _, d := range found {
		if d.Warning {
			continue
		}
		location := d.Location
		if location == "" {
			location = "null"
		}
		problems = append(problems, d.Code+": "+d.Message+" at "+location)
	}
	return "Invalid State Machine Definition: '" + strings.Join(problems, ", ") + "'"
}
