package httptask

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// methods are those of both kinds of tasks.
var methods = []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"}

func (c *call) method() (string, error) {
	method, err := c.text("Method")
	if err == nil && !slices.Contains(methods, method) {
		err = c.unusable("Method")
	}
	return method, err
}

// prepareHTTP makes the request of http:invoke.
func (c *call) prepareHTTP() (*http.Request, error) {
	endpoint, err := c.text("ApiEndpoint")
	if err != nil {
		return nil, err
	}
	method, err := c.method()
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, c.unusable("ApiEndpoint")
	}
	if err := c.allowed(u); err != nil {
		return nil, err
	}
	headers, err := c.headers(forbidden)
	if err != nil {
		return nil, err
	}
	query, err := c.pairs("QueryParameters")
	if err != nil {
		return nil, err
	}
	if c.connection, err = c.connected(); err != nil {
		return nil, err
	}
	appendQuery(u, merged(query, c.connection.Query))
	body, usual, err := c.body()
	if err != nil {
		return nil, err
	}
	r, err := c.request(method, u, body)
	if err != nil {
		return nil, err
	}
	for _, h := range merged(headers, c.connection.Headers) {
		setHeader(r, h)
	}
	for _, h := range []Parameter{
		{"Content-Type", usual}, {"Range", "bytes=0-262144"}, {"User-Agent", "Amazon|StepFunctions|HttpInvoke|" + regionOf(c.task.Execution)},
	} {
		if r.Header.Get(h.Name) == "" {
			r.Header.Set(h.Name, h.Value)
		}
	}
	return r, nil
}

// request makes a request; a nil body is none.
func (c *call) request(method string, u *url.URL, body []byte) (*http.Request, error) {
	r, err := http.NewRequestWithContext(c.ctx, method, u.String(), nil)
	if err != nil {
		return nil, c.task.RuntimeError("The request cannot be made: %s", c.hidden(err.Error()))
	}
	setBody(r, body)
	return r, nil
}

// regionOf returns the region of an execution.
func regionOf(execution string) string {
	if parts := strings.Split(execution, ":"); len(parts) > 3 {
		return parts[3]
	}
	return ""
}

// connected asks for the connection of the task.
func (c *call) connected() (Connection, error) {
	arn := ""
	for _, field := range []string{"Authentication", "InvocationConfig"} {
		if v, ok := c.field(field).Get("ConnectionArn"); ok {
			arn, _ = v.AsString()
		}
	}
	if arn == "" {
		return Connection{}, c.task.RuntimeError("The field 'Authentication' is required but was missing") // (unsure)
	}
	if c.Connection == nil {
		return Connection{}, &runtime.TaskError{Name: "Events.ConnectionResource.ResourceNotFound", Cause: "Connection '" + arn + "' does not exist."} // (unsure)
	}
	found, err := c.Invoker.Connection(c.ctx, arn)
	var named interface{ ErrorName() string }
	if err != nil && c.ctx.Err() == nil && !errors.As(err, &named) {
		err = &runtime.TaskError{Name: "Events.ConnectionResource.InternalError", Cause: err.Error()}
	}
	return found, err
}

// headers returns the headers of the task, less those that it must not set.
func (c *call) headers(forbidden func(name string) bool) ([]Parameter, error) {
	all, err := c.pairs("Headers")
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		switch {
		case forbidden(h.Name):
			return nil, c.task.RuntimeError("The header '%s' is not allowed in the field 'Headers'", h.Name) // (unsure)
		case !headerName.MatchString(h.Name) || headerEnd.MatchString(h.Value):
			return nil, c.unusable("Headers")
		}
	}
	return all, nil
}

// pairs returns the members of a parameter: texts, numbers and booleans, and arrays of them.
func (c *call) pairs(field string) (all []Parameter, err error) {
	v := c.field(field)
	if v.IsNull() {
		return nil, nil
	}
	if v.Kind() != jsonvalue.KindObject {
		return nil, c.unusable(field)
	}
	for name, value := range v.Members() {
		if value.Kind() != jsonvalue.KindArray {
			value = jsonvalue.Array(value)
		}
		for _, one := range value.Elements() {
			text, ok := plain(one)
			if !ok {
				return nil, c.unusable(field)
			}
			all = append(all, Parameter{name, text})
		}
	}
	return all, nil
}

// plain returns the text of a value that has no others in it, and is not null.
func plain(v jsonvalue.Value) (string, bool) {
	switch v.Kind() {
	case jsonvalue.KindString:
		text, _ := v.AsString()
		return text, true
	case jsonvalue.KindNumber, jsonvalue.KindBool:
		return v.String(), true
	}
	return "", false
}

// merged returns what the task has, and what the connection has instead. Names that differ in case are different.
func merged(own, connection []Parameter) []Parameter {
	own = slices.DeleteFunc(own, func(p Parameter) bool {
		return slices.ContainsFunc(connection, func(c Parameter) bool { return c.Name == p.Name })
	})
	return append(own, connection...)
}

// setHeader adds a header, spelt as it is. What this package or net/http looks for has its usual spelling.
func setHeader(r *http.Request, h Parameter) {
	name := h.Name
	switch usual := http.CanonicalHeaderKey(name); usual {
	case "Content-Type", "Range", "User-Agent":
		name = usual
	case "Host": // only a connection may set it
		r.Host = h.Value
		return
	}
	r.Header[name] = append(r.Header[name], h.Value)
}

// appendQuery appends parameters to those that the URL has.
func appendQuery(u *url.URL, all []Parameter) {
	for _, p := range all {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += escaped(p.Name) + "=" + escaped(p.Value)
	}
}

// escaped encodes a text for a query or a form. A blank is %20.
func escaped(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// What a header may be called, and what its value cannot have.
var (
	headerName = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")
	headerEnd  = regexp.MustCompile(`[\x00-\x08\x0a-\x1f\x7f]`)
)

// forbidden reports whether a task of http:invoke must not set a header.
func forbidden(name string) bool {
	name = strings.ToLower(name)
	for _, prefix := range []string{"x-forwarded-", "x-amz-", "x-amzn-"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains(forbiddenHeaders, name)
}

var forbiddenHeaders = []string{
	"a-im", "accept-charset", "accept-datetime", "accept-encoding", "authorization", "cache-control", "connection", "content-encoding", "content-md5", "date",
	"expect", "forwarded", "from", "host", "http2-settings", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
	"max-forwards", "origin", "pragma", "proxy-authorization", "referer", "server", "te", "trailer", "transfer-encoding", "upgrade", "via", "warning",
}
