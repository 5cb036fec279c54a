package sfnapi

import (
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
)

type validateStateMachineDefinitionIn struct {
	Definition string `sfn:"definition,required,1..1048576,data"`
	Type       string `sfn:"type,enum=StateMachineType"`
	Severity   string `sfn:"severity,enum=Severity"`
	MaxResults int64  `sfn:"maxResults,0..100"`
}

// validateStateMachineDefinition answers as AWS does. Warnings that AWS does not have
// are not in it: whoever wants them asks package asl.
func (s *scope) validateStateMachineDefinition(in *validateStateMachineDefinitionIn) (fields, error) {
	found := asl.Validator{Express: in.Type == typeExpress}.Validate([]byte(in.Definition))
	result, limit := "OK", int(in.MaxResults)
	if found.Err() != nil {
		result = "FAIL"
	}
	if limit == 0 {
		limit = 100
	}
	var diagnostics []jsonvalue.Value
	for _, d := range found {
		severity := "ERROR"
		if d.Warning {
			severity = "WARNING"
		}
		if d.Warning && (in.Severity != "WARNING" || strings.HasPrefix(d.Code, "STATEMILL_")) {
			continue
		}
		item := fields{"severity": text(severity), "code": text(d.Code), "message": text(d.Message)}
		item.addText("location", d.Location)
		diagnostics = append(diagnostics, item.value())
	}
	truncated := len(diagnostics) > limit
	if truncated {
		diagnostics = diagnostics[:limit]
	}
	return fields{"result": text(result), "diagnostics": jsonvalue.Array(diagnostics...), "truncated": jsonvalue.Bool(truncated)}, nil
}
