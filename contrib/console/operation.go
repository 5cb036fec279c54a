package console

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// operations are those of the API that the page may call; true if they change something or
// run tasks.
var operations = map[string]bool{
	"CreateStateMachine":               true,
	"DescribeActivity":                 false,
	"DescribeExecution":                false,
	"DescribeMapRun":                   false,
	"DescribeStateMachine":             false,
	"DescribeStateMachineAlias":        false,
	"DescribeStateMachineForExecution": false,
	"GetExecutionHistory":              false,
	"ListActivities":                   false,
	"ListExecutions":                   false,
	"ListMapRuns":                      false,
	"ListStateMachineAliases":          false,
	"ListStateMachineVersions":         false,
	"ListStateMachines":                false,
	"ListTagsForResource":              false,
	"RedriveExecution":                 true,
	"StartExecution":                   true,
	"StartSyncExecution":               true,
	"StopExecution":                    true,
	"TestState":                        true,
	"UpdateMapRun":                     true,
	"UpdateStateMachine":               true,
	"ValidateStateMachineDefinition":   false,
}

// operation hands a request on to the API.
func (c *console) operation(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("operation")
	changes, known := operations[name]
	switch {
	case !known:
		refuse(w, &refusal{http.StatusNotFound, "UnknownOperation", "The console has no such operation."})
		return
	case changes && c.config.ReadOnly:
		refuse(w, forbidden("This console only shows."))
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, err)
		return
	}
	status, text, err := c.call(r.Context(), name, r.URL.Query().Get("region"), body)
	if err != nil {
		refuse(w, err)
		return
	}
	c.write(w, r, status, text)
}

// call calls an operation of the API in this process. The region is that of the ARN in the
// body, if there is one.
func (c *console) call(ctx context.Context, operation, region string, body []byte) (status int, text []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://console/", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if of := regionOf(body); of != "" {
		region = of
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	r.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	if region != "" { // the form in which signed requests name their region
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=console/20260101/"+region+"/states/aws4_request")
	}
	answer, err := c.config.API.Trusted().RoundTrip(r)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	return answer.StatusCode, text, err
}

// regionOf returns the region of the first ARN among the members of a body.
func regionOf(body []byte) string {
	value, err := jsonvalue.Parse(body)
	if err != nil || value.Kind() != jsonvalue.KindObject {
		return ""
	}
	for name, member := range value.Members() {
		arn, isText := member.AsString()
		if !isText || name == "roleArn" || !strings.HasSuffix(name, "Arn") {
			continue
		}
		if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 && parts[2] == "states" {
			return parts[3]
		}
	}
	return ""
}

// ask calls an operation and reads its answer. An answer that refuses is an error.
func (c *console) ask(ctx context.Context, operation, region string, in map[string]any, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	status, text, err := c.call(ctx, operation, region, body)
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		if out == nil {
			return nil
		}
		return json.Unmarshal(text, out)
	}
	var fault struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(text, &fault); err != nil {
		return err
	}
	return &refusal{status, fault.Type[strings.LastIndexByte(fault.Type, '#')+1:], fault.Message}
}
