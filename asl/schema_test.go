package asl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/internal/golden"
)

func compiledSchema(t testing.TB) *jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	require.NoError(t, compiler.AddResource("asl.json", bytes.NewReader(Schema())))
	schema, err := compiler.Compile("asl.json")
	require.NoError(t, err)
	return schema
}

// requireAgreement holds that the schema refuses a definition if and only if a
// structural rule of Validate does.
func requireAgreement(t testing.TB, schema *jsonschema.Schema, id string, definition []byte) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(definition))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return // not JSON: nothing for a schema
	}
	c, bad := Validator{AnyResource: true}.read(string(definition), nil)
	var found []string
	if bad != nil {
		found = append(found, bad.Message)
	} else {
		if c.duplicates(); c.failed() {
			return // the readers differ on which of the members counts
		}
		c.machine(c.root())
		for _, x := range c.list {
			if x.schema {
				found = append(found, x.String())
			}
		}
	}
	err := schema.Validate(v)
	require.Equal(t, len(found) > 0, err != nil, "%s\n%s\nValidate: %s\nschema: %#v", id, definition, strings.Join(found, "\n"), err)
}

func TestSchemaAgreesWithValidate(t *testing.T) {
	schema := compiledSchema(t)
	for _, c := range diagnosticCases(t) {
		if c.input != "parse state" && !strings.Contains(c.input, "substitutions") {
			requireAgreement(t, schema, c.name, []byte(c.definition))
		}
	}
}

func TestSchemaAgreesWithValidateOnCorpus(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name a folder of recorded cases")
	}
	schema := compiledSchema(t)
	for _, c := range corpusDefinitions(t, corpus) {
		requireAgreement(t, schema, c.id, c.definition)
	}
}

type corpusDefinition struct {
	id         string
	definition []byte
}

func corpusDefinitions(t testing.TB, corpus string) []corpusDefinition {
	f, err := os.Open(filepath.Join(corpus, "validation", "cases.jsonl"))
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	var all []corpusDefinition
	for lines.Scan() {
		var c struct {
			ID         string
			Definition json.RawMessage
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		definition := []byte(c.Definition)
		var text string
		if json.Unmarshal(definition, &text) == nil {
			definition = []byte(text)
		}
		all = append(all, corpusDefinition{c.ID, definition})
	}
	require.NoError(t, lines.Err())
	return all
}

// TestSchemaAgreesOnMutations changes own definitions at random places, so that
// schema and Validate meet what nobody thought of.
func TestSchemaAgreesOnMutations(t *testing.T) {
	schema := compiledSchema(t)
	files, err := filepath.Glob("testdata/*/*.asl.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	random := rand.New(rand.NewPCG(1, 2))
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		for i := range 40 {
			definition := mutated(random, string(text))
			requireAgreement(t, schema, fmt.Sprint(file, " ", i), []byte(definition))
		}
	}
}

// TestSchemaIsPublished holds the copy of the schema for people who do not
// have this package.
func TestSchemaIsPublished(t *testing.T) {
	const file = "asl.schema.json"
	if golden.Rewriting() {
		require.NoError(t, os.WriteFile(file, Schema(), 0o644))
	}
	published, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(published), string(Schema()), "run go test ./asl -run Published -rewrite")
}
