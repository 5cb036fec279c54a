package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestJSONPathCorpus(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name the folder of the recorded cases")
	}
	var out, errs bytes.Buffer
	if status := conform([]string{"jsonpath", filepath.Join(corpus, "jsonpath")}, &out, &errs, virtual(t)); status != 0 {
		t.Errorf("status %d\n%s%s", status, &out, &errs)
	}
}

// The runner must notice each kind of difference.
func TestJSONPathDifferences(t *testing.T) {
	const file = `{"docs": {"d": "{\"a\": {\"b\": 1.5, \"c\": [1]}}"}, "probes": [
		{"id": 1, "doc": "d", "path": "$.a.b", "jayway200": {"definite": true, "value": 1.5}},
		{"id": 2, "doc": "d", "path": "$.a.b", "jayway200": {"definite": true, "value": 1.50}},
		{"id": 3, "doc": "d", "path": "$.a.b", "jayway200": {"definite": true, "value": 2}},
		{"id": 4, "doc": "d", "path": "$.a.b", "jayway200": {"definite": false, "value": 1.5}},
		{"id": 5, "doc": "d", "path": "$.a.b", "jayway200": {"definite": true, "err": "XException: no"}},
		{"id": 6, "doc": "d", "path": "$.a.x", "jayway200": {"definite": true, "value": null}},
		{"id": 7, "doc": "d", "path": "$.a.x", "jayway200": {"definite": true, "err": "XException: no"}},
		{"id": 8, "doc": "d", "path": "$.a[]", "jayway200": {"definite": true, "value": null}},
		{"id": 9, "doc": "d", "path": "$.a[]", "jayway200": {"err": "XException: a.b.YException: no"}},
		{"id": 10, "doc": "d", "path": "$.a", "jayway200": {"err": "XException: java.lang.YException: no"}},
		{"id": 11, "doc": "d", "path": "$.a.", "jayway200": {"err": "XException: java.lang.YException: 4"}},
		{"id": 12, "doc": "d", "path": "$.a.x", "jayway200": {"definite": true, "err": "XException: No results for path: $['a']['x']"}},
		{"id": 13, "doc": "d", "path": "$x", "jayway200": {"err": "XException: a.b.XException: Invalid path $x"}}
	]}`
	name := filepath.Join(t.TempDir(), "probes.json")
	if err := os.WriteFile(name, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if status := conform([]string{"jsonpath", name}, &out, &errs, virtual(t)); status != 1 {
		t.Errorf("status %d\n%s", status, &errs)
	}
	if !strings.HasSuffix(out.String(), "\njsonpath: 5 passed, 8 failed, 0 skipped\n") {
		t.Errorf("got\n%s", &out)
	}
}
