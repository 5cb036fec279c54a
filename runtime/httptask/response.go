package httptask

import (
	"cmp"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// maxBody is how many bytes the body of a response may have: what the header Range asks for.
const maxBody = 262_145

// result returns the result of the task, or the error that the status is.
func (c *call) result(r *http.Response) (jsonvalue.Value, error) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case err != nil:
		return jsonvalue.Value{}, unreachable{err}
	case len(text) > maxBody && r.StatusCode/100 == 2:
		return jsonvalue.Value{}, &runtime.TaskError{
			Name:  asl.StatesDataLimitExceeded,
			Cause: fmt.Sprintf("The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", c.task.Service),
		}
	}
	if r.StatusCode/100 != 2 {
		return jsonvalue.Value{}, c.refused(r.StatusCode, string(text[:min(len(text), maxBody)]))
	}
	_, status, _ := strings.Cut(r.Status, " ")
	result := []jsonvalue.Member{{Name: "Headers", Value: shownHeaders(r.Header)}}
	if len(text) > 0 {
		body, err := c.readable(r.Header.Get("Content-Type"), text)
		if err != nil {
			return jsonvalue.Value{}, err
		}
		result = append(result, jsonvalue.Member{Name: "ResponseBody", Value: body})
	}
	return jsonvalue.Object(append(result,
		jsonvalue.Member{Name: "StatusCode", Value: jsonvalue.Int(int64(r.StatusCode))},
		jsonvalue.Member{Name: "StatusText", Value: jsonvalue.String(cmp.Or(status, http.StatusText(r.StatusCode)))})...), nil
}

// refused returns the error of a status, whose cause is the body.
func (c *call) refused(status int, body string) error {
	name := "States.Http.StatusCode."
	if c.task.Service == "apigateway" {
		name = "ApiGateway."
		if v, err := jsonvalue.Parse([]byte(body)); err == nil {
			body = v.String()
		}
	}
	return &runtime.TaskError{Name: fmt.Sprint(name, status), Cause: c.hidden(strings.ToValidUTF8(body, "\uFFFD"))}
}

// readable returns the body of a response: a value if it is JSON, else a text.
func (c *call) readable(contentType string, text []byte) (jsonvalue.Value, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "" // it says nothing that can be understood
	}
	major, minor, _ := strings.Cut(kind, "/")
	if slices.Contains([]string{"image", "video", "audio"}, major) || kind == "application/octet-stream" || !utf8.Valid(text) {
		return jsonvalue.Value{}, c.task.RuntimeError("The response of the type '%s' is not supported: it is no text", contentType) // (unsure)
	}
	if minor == "json" || strings.HasSuffix(minor, "+json") {
		if v, err := jsonvalue.Parse(text); err == nil {
			return v, nil
		}
	}
	return jsonvalue.String(string(text)), nil
}

// spelt are headers that net/http spells in another way than AWS.
var spelt = map[string]string{"X-Amzn-Requestid": "x-amzn-RequestId", "X-Amz-Apigw-Id": "x-amz-apigw-id", "X-Amz-Request-Id": "x-amz-request-id"}

// shownHeaders returns headers in their order, for which case does not matter.
func shownHeaders(h http.Header) jsonvalue.Value {
	members := make([]jsonvalue.Member, 0, len(h))
	for name, values := range h {
		all := make([]jsonvalue.Value, len(values))
		for i, v := range values {
			all[i] = jsonvalue.String(strings.ToValidUTF8(v, "\uFFFD"))
		}
		members = append(members, jsonvalue.Member{Name: cmp.Or(spelt[name], name), Value: jsonvalue.Array(all...)})
	}
	slices.SortFunc(members, func(a, b jsonvalue.Member) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), strings.Compare(a.Name, b.Name))
	})
	return jsonvalue.Object(members...)
}
