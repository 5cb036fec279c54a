package httptask

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// prepareAPI makes the request of apigateway:invoke.
func (c *call) prepareAPI() (*http.Request, error) {
	u, err := c.apiURL()
	if err != nil {
		return nil, err
	}
	method, err := c.method()
	if err != nil {
		return nil, err
	}
	if err := c.allowed(u); err != nil {
		return nil, err
	}
	for _, field := range []string{"Headers", "QueryParameters"} {
		for _, values := range c.field(field).Members() {
			if values.Kind() != jsonvalue.KindArray {
				return nil, c.unusable(field)
			}
		}
	}
	headers, err := c.headers(forbiddenForAPI)
	if err != nil {
		return nil, err
	}
	query, err := c.pairs("QueryParameters")
	if err != nil {
		return nil, err
	}
	appendQuery(u, query)
	r, err := c.request(method, u, c.apiBody())
	if err != nil {
		return nil, err
	}
	for _, h := range headers {
		setHeader(r, h)
	}
	if r.Header.Get("Content-Type") == "" && r.Body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, c.signed(r)
}

// apiURL returns the URL of a stage and a path.
func (c *call) apiURL() (*url.URL, error) {
	endpoint, err := c.text("ApiEndpoint")
	if err != nil {
		return nil, err
	}
	path := ""
	for _, field := range []string{"Stage", "Path"} {
		v := c.field(field)
		text, ok := v.AsString()
		if !ok && !v.IsNull() {
			return nil, c.unusable(field)
		}
		if text = strings.TrimPrefix(text, "/"); text != "" {
			path += "/" + text
		}
	}
	host, err := url.Parse("https://" + endpoint)
	if err != nil || host.Path != "" || host.RawQuery != "" || host.Fragment != "" {
		return nil, c.unusable("ApiEndpoint")
	}
	u, err := host.Parse(path)
	if err != nil || u.Host != host.Host {
		return nil, c.unusable("Path")
	}
	return u, nil
}

// apiBody returns the body: JSON, also of a text. Null is none. Members that are null are left out, unless AllowNullValues says
// otherwise.
func (c *call) apiBody() []byte {
	body := c.field("RequestBody")
	if body.IsNull() {
		return nil
	}
	if allow, _ := c.field("AllowNullValues").AsBool(); !allow {
		body = withoutNulls(body)
	}
	return body.AppendJSON(nil)
}

func withoutNulls(v jsonvalue.Value) jsonvalue.Value {
	switch v.Kind() {
	case jsonvalue.KindObject:
		var members []jsonvalue.Member
		for name, value := range v.Members() {
			if !value.IsNull() {
				members = append(members, jsonvalue.Member{Name: name, Value: withoutNulls(value)})
			}
		}
		return jsonvalue.Object(members...)
	case jsonvalue.KindArray:
		var elements []jsonvalue.Value
		for _, e := range v.Elements() {
			elements = append(elements, withoutNulls(e))
		}
		return jsonvalue.Array(elements...)
	}
	return v
}

// signed signs the request if its AuthType wants that.
func (c *call) signed(r *http.Request) error {
	auth := c.field("AuthType")
	switch kind, _ := auth.AsString(); {
	case auth.IsNull() || kind == "NO_AUTH":
		return nil
	case kind != "IAM_ROLE" && kind != "RESOURCE_POLICY":
		return c.unusable("AuthType")
	case c.Sign == nil:
		return c.task.RuntimeError("The AuthType %s wants requests to be signed, and nobody signs them: httptask.Invoker has no Sign", kind)
	}
	return c.Sign(c.task, r)
}

// forbiddenForAPI reports whether a task of apigateway:invoke must not set a header (unsure of each).
func forbiddenForAPI(name string) bool {
	return slices.Contains([]string{
		"authorization", "connection", "content-md5", "expect", "host", "max-forwards", "proxy-authenticate", "server", "te", "transfer-encoding", "trailer",
		"upgrade", "via", "www-authenticate",
	}, strings.ToLower(name))
}
