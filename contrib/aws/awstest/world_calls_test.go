package awstest

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/internal/recorded"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// object hands a request of S3 to the stand-in, and adds what AWS sends besides.
func (w *world) object(a *answer, body string) {
	r := a.request.Clone(a.request.Context())
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	r.Body, r.RequestURI = io.NopCloser(strings.NewReader(body)), r.URL.RequestURI()
	h := a.recorder.Header()
	h.Set("X-Amz-Request-Id", a.id)
	h.Set("X-Amz-Id-2", "host")
	if (r.Method == http.MethodGet || r.Method == http.MethodPut) && strings.Count(r.URL.Path, "/") > 1 {
		h.Set("X-Amz-Server-Side-Encryption", "AES256")
	}
	w.s3.ServeHTTP(a.recorder, r)
	if code := regexp.MustCompile(`<Code>NoSuchKey</Code>`); code.Match(a.recorder.Body.Bytes()) { // it says nothing of that
		a.recorder.Body = bytes.NewBufferString("<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>")
	}
}

// function stands in for Lambda.
func (w *world) function(a *answer, payload []byte) error {
	_, rest, called := strings.Cut(a.request.URL.Path, "/functions/")
	if !called || rest == "" {
		a.head("application/json")
		a.write(http.StatusOK, `{"Functions":[],"NextMarker":null}`)
		return nil
	}
	name, _, _ := strings.Cut(rest, "/")
	name = name[strings.LastIndexByte(name, ':')+1:]
	h := a.recorder.Header()
	text, err := w.run(name, payload)
	var failed *runtime.TaskError
	switch {
	case errors.Is(err, runtime.ErrNoTask):
		h.Set("X-Amzn-Errortype", "ResourceNotFoundException")
		a.head("application/json")
		a.write(http.StatusNotFound, fmt.Sprintf(`{"Type":"User","Message":"Function not found: arn:aws:lambda:us-east-1:111111111111:function:%s"}`, name))
		return nil
	case errors.Is(err, recorded.ErrSleeps):
		select {
		case <-time.After(time.Minute):
		case <-a.request.Context().Done():
			return a.request.Context().Err()
		}
	case errors.As(err, &failed):
		h.Set("X-Amz-Function-Error", "Unhandled")
		text = failed.Cause
	}
	h.Set("X-Amz-Executed-Version", "$LATEST")
	h.Set("X-Amzn-Remapped-Content-Length", "0")
	h.Set("X-Amzn-Trace-Id", "Root=1")
	if a.request.Header.Get("X-Amz-Log-Type") == "Tail" {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString([]byte("START RequestId: "+a.id+"\n")))
	}
	a.head("application/json")
	a.write(http.StatusOK, text)
	return nil
}

// run calls a function.
func (w *world) run(name string, payload []byte) (string, error) {
	in := jsonvalue.Object()
	if len(bytes.TrimSpace(payload)) > 0 {
		var err error
		if in, err = jsonvalue.Parse(payload); err != nil {
			return "", err
		}
	}
	out, err := w.lambda.InvokeTask(context.Background(), &runtime.Task{Resource: "arn:aws:lambda:us-east-1:111111111111:function:" + name, Input: in})
	return pythonJSON(out), err
}

// pythonJSON prints JSON as functions do that are written in Python.
func pythonJSON(v jsonvalue.Value) string {
	var parts []string
	switch v.Kind() {
	case jsonvalue.KindArray:
		for _, element := range v.Elements() {
			parts = append(parts, pythonJSON(element))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case jsonvalue.KindObject:
		for name, member := range v.Members() {
			parts = append(parts, jsonvalue.String(name).String()+": "+pythonJSON(member))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return v.String()
}

// api stands in for an API of API Gateway, whose methods call functions.
func (w *world) api(a *answer, body []byte) {
	path := strings.SplitN(strings.TrimPrefix(a.request.URL.Path, "/"), "/", 2)
	for header, value := range map[string]string{
		"Via": "1.1 x.cloudfront.net (CloudFront)", "X-Amz-Apigw-Id": a.id, "X-Amz-Cf-Id": a.id, "X-Amz-Cf-Pop": "IAD1", "X-Amzn-Trace-Id": "Root=1", "X-Cache": "Miss from cloudfront",
	} {
		a.recorder.Header().Set(header, value)
	}
	if proxy := w.proxies[a.request.URL.Host]; proxy != nil {
		a.head("application/json")
		a.write(http.StatusOK, proxy(a.body))
		return
	}
	name, known := w.apis[a.request.URL.Host+"/"+path[len(path)-1]]
	a.head("application/json")
	if !known {
		a.write(http.StatusForbidden, `{"message":"Missing Authentication Token"}`)
		return
	}
	text, err := w.run(name, body)
	var failed *runtime.TaskError
	if errors.As(err, &failed) { // without a pattern that selects another response
		text = failed.Cause
	} else if err != nil {
		a.write(http.StatusInternalServerError, `{"message":"Internal server error"}`)
		return
	}
	a.write(http.StatusOK, text)
}

// eventPattern is what a rule of EventBridge wants.
type eventPattern map[string][]string

// putEvents hands events to the queues of the rules that want them.
func (w *world) putEvents(a *answer) {
	entries, _ := a.body.Get("Entries")
	var results []string
	failed := 0
	for _, entry := range entries.Elements() {
		if code, message := unfit(entry); code != "" {
			failed++
			results = append(results, fmt.Sprintf(`{"ErrorCode":%q,"ErrorMessage":%q}`, code, message))
			continue
		}
		id := w.newID()
		results = append(results, fmt.Sprintf(`{"EventId":%q}`, id))
		w.route(entry, id)
	}
	a.head("application/x-amz-json-1.1")
	a.write(http.StatusOK, fmt.Sprintf(`{"Entries":[%s],"FailedEntryCount":%d}`, strings.Join(results, ","), failed))
}

// unfit says why an entry is no event.
func unfit(entry jsonvalue.Value) (code, message string) {
	for _, name := range []string{"Source", "DetailType", "Detail"} {
		if v, _ := entry.Get(name); recorded.TextOf(v) == "" {
			return "InvalidArgument", "Parameter " + name + " is not valid. Reason: " + name + " is a required argument."
		}
	}
	detail, _ := entry.Get("Detail")
	if v, err := jsonvalue.Parse([]byte(recorded.TextOf(detail))); err != nil || v.Kind() != jsonvalue.KindObject {
		return "MalformedDetail", "Detail is malformed."
	}
	return "", ""
}

// route puts an event into queues.
func (w *world) route(entry jsonvalue.Value, id string) {
	text := func(name string) string {
		v, _ := entry.Get(name)
		return recorded.TextOf(v)
	}
	resources, ok := entry.Get("Resources")
	if !ok {
		resources = jsonvalue.Array()
	}
	event := fmt.Sprintf(`{"version":"0","id":%q,"detail-type":%q,"source":%q,"account":"111111111111","time":"2026-01-02T03:04:05Z","region":"us-east-1","resources":%s,"detail":%s}`,
		id, text("DetailType"), text("Source"), resources, text("Detail"))
	for _, rule := range slices.Sorted(maps.Keys(w.patterns)) {
		pattern := w.patterns[rule]
		wanted := pattern["detail-type"] == nil || slices.Contains(pattern["detail-type"], text("DetailType"))
		wanted = wanted && (pattern["source"] == nil || slices.Contains(pattern["source"], text("Source")))
		for _, queue := range w.rules[rule] {
			if wanted {
				w.queues[queue] = append(w.queues[queue], message{id: w.newID(), body: event})
			}
		}
	}
}
