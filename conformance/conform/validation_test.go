package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where AWS's verdict or diagnostics are known, ours are the same. Where only
// the source of a case has an opinion, it may differ from AWS's and from ours.
func TestValidationCorpus(t *testing.T) {
	corpus := os.Getenv("STATEMILL_CORPUS")
	if corpus == "" {
		t.Skip("STATEMILL_CORPUS does not name the folder of the recorded cases")
	}
	known := map[string]bool{}
	err := eachLine([]string{filepath.Join(corpus, "validation")}, func(line []byte) error {
		var c definitionCase
		if err := json.Unmarshal(line, &c); err != nil {
			return err
		}
		known[c.ID] = c.AWSExpect == "valid" || c.AWSExpect == "invalid" || c.TestState != nil
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"validation"}, {"validation", "-diagnostics"}} {
		var out, errs bytes.Buffer
		conform(append(args, filepath.Join(corpus, "validation")), &out, &errs, virtual(t))
		for line := range strings.Lines(out.String()) {
			if id, failed := strings.CutPrefix(strings.TrimSpace(line), "FAIL "); failed && known[id] {
				t.Errorf("%s fails", id)
			}
		}
		if errs.Len() > 0 {
			t.Error(&errs)
		}
	}
}

// The runner must notice each kind of difference.
func TestValidationDifferences(t *testing.T) {
	const pass = `{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}`
	const lines = `{"id": "1", "definition": ` + pass + `, "aws_expect": "valid", "aws_diagnostics": []}
{"id": "2", "definition": ` + pass + `, "aws_expect": "invalid", "aws_diagnostics": [{"severity": "ERROR", "code": "X", "message": "y"}]}
{"id": "3", "definition": {}, "aws_expect": "invalid", "aws_diagnostics": [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": "These fields are required: [States, StartAt]", "location": "/"}]}
{"id": "4", "definition": {}, "aws_expect": "invalid", "aws_diagnostics": [{"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": "These fields are required: [States, StartAt]"}]}
{"id": "5", "definition": "not JSON", "aws_expect": "unknown", "expect": "invalid"}
{"id": "6", "definition": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "any", "End": true}}}, "aws_expect": "unknown", "expect": "valid"}
{"id": "7", "definition": {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "any", "End": true}}}, "aws_expect": "valid"}
{"id": "8", "definition": ` + pass + `, "expect": "unknown"}
{"id": "9", "definition": {"Type": "Pass", "Next": "B"}, "aws": true, "errors": []}
{"id": "10", "definition": {"Type": "Pass", "Next": "B"}, "aws": true, "errors": ["no"]}
{"id": "11", "definition": {"Type": "Pass", "Next": "B"}, "aws": false, "errors": []}
`
	name := filepath.Join(t.TempDir(), "cases.jsonl")
	if err := os.WriteFile(name, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, run := range []struct {
		args []string
		want string
	}{
		{[]string{"validation", name}, "\nvalidation: 6 passed, 3 failed, 2 skipped\n"},
		{[]string{"validation", filepath.Dir(name)}, "\nvalidation: 6 passed, 3 failed, 2 skipped\n"},
		{[]string{"validation", "-diagnostics", name}, "\nvalidation: 2 passed, 2 failed, 7 skipped\n"},
	} {
		var out, errs bytes.Buffer
		if status := conform(run.args, &out, &errs, virtual(t)); status != 1 {
			t.Errorf("status %d\n%s", status, &errs)
		}
		if !strings.HasSuffix(out.String(), run.want) {
			t.Errorf("got\n%s", &out)
		}
	}
}
