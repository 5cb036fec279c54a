package suite

import _ "embed" // of the schema

// Schema is a JSON Schema of files of tests.
//
//go:embed schema.json
var Schema string
