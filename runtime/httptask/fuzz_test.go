package httptask_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/httptask"
)

// onlyHome is a server of which every request to another host is an error.
type onlyHome struct{ t *testing.T }

// RoundTrip implements http.RoundTripper.
func (o onlyHome) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Hostname() != "home.example" || r.Host != r.URL.Host || r.URL.Scheme != "https" || r.URL.User != nil || r.Header.Get("Authorization") != "secret-of-the-connection" {
		o.t.Errorf("%s %s %v", r.URL, r.Host, r.Header)
	}
	return &http.Response{Status: "302 Found", StatusCode: http.StatusFound, Header: http.Header{"Location": {"https://elsewhere.example"}}, Body: io.NopCloser(strings.NewReader(r.Header.Get("Authorization")))}, nil
}

// Whatever a task says, nobody is called but who may be, and no credentials are in the error.
func FuzzRequests(f *testing.F) {
	f.Add(httpInvoke, `{"ApiEndpoint": "https://home.example/a?b=c#d", "Method": "POST", "Authentication": {"ConnectionArn": "c"}, "Headers": {"a": "b"}, "RequestBody": {"x": [1]}, "Transform": {"RequestBodyEncoding": "URL_ENCODED"}}`)
	f.Add(apiInvoke, `{"ApiEndpoint": "home.example:1", "Method": "GET", "Stage": "s", "Path": "//p?q", "QueryParameters": {"a": ["b"]}, "AuthType": "IAM_ROLE", "RequestBody": null}`)
	f.Add(apiInvoke, `{"ApiEndpoint": "home.example", "Method": "GET", "Path": "https://other"}`)
	f.Fuzz(func(t *testing.T, resource, input string) {
		v, err := jsonvalue.Parse([]byte(input))
		if err != nil || resource != httpInvoke && resource != apiInvoke {
			return
		}
		secret := []httptask.Parameter{{Name: "Authorization", Value: "secret-of-the-connection"}}
		i := httptask.Invoker{
			Client: &http.Client{Transport: onlyHome{t}},
			Connection: func(context.Context, string) (httptask.Connection, error) {
				return httptask.Connection{Headers: secret}, nil
			},
			Allow: func(u *url.URL) error {
				if u.Scheme != "https" || u.Hostname() != "home.example" {
					return errors.New("elsewhere")
				}
				return nil
			},
		}
		task := taskOf(resource, "null")
		task.Input = v
		if resource == apiInvoke {
			task.Input = v.With("AuthType", jsonvalue.String("NO_AUTH"))
			i.Client = &http.Client{Transport: withSecret{onlyHome{t}}}
		}
		if _, err := i.InvokeTask(t.Context(), task); err == nil || resource == httpInvoke && strings.Contains(err.Error(), "secret-of") {
			t.Error(err)
		}
	})
}

// withSecret adds what a connection would.
type withSecret struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (w withSecret) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "secret-of-the-connection")
	return w.RoundTripper.RoundTrip(r)
}
