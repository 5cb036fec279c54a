package awstest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/internal/sigv4"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime/httptask"
)

// verify tells whether a request is signed by one of the secrets, and by whom.
func verify(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	a, ok := sigv4.Parse(r.Header.Get("Authorization"))
	at, err := time.Parse(sigv4.DateForm, r.Header.Get("X-Amz-Date"))
	secret := map[string]string{"key": "secret", "role": "other"}[a.Key]
	signed := ok && err == nil && string(a.SignatureOf(r, body, secret, at)) == string(a.Signature) && a.IsFor("execute-api") && a.IsOf(at)
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, jsonvalue.Object(
		jsonvalue.Member{Name: "signed", Value: jsonvalue.Bool(signed)}, jsonvalue.Member{Name: "by", Value: jsonvalue.String(a.Key + " in " + a.Region)},
		jsonvalue.Member{Name: "token", Value: jsonvalue.String(r.Header.Get("X-Amz-Security-Token"))},
		jsonvalue.Member{Name: "path", Value: jsonvalue.String(r.URL.EscapedPath())},
	).String())
}

// Requests to APIs are signed by the credentials of the program, or of the role that the task names.
func TestSigner(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(verify))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")
	client := server.Client()
	client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, host)
	}
	client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true // the server is another host's
	tasks, err := awstasks.New()
	require.NoError(t, err)
	tasks.AssumeRole = func(role string) aws.CredentialsProvider {
		if role == "denied" {
			return denied{&smithy.GenericAPIError{Code: "AccessDenied"}}
		}
		return credentials.NewStaticCredentialsProvider("role", "other", "session")
	}
	const resource, api = "arn:aws:states:::apigateway:invoke", "id.execute-api.eu-central-1.amazonaws.com"
	cfg := aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	for _, c := range []struct {
		cfg                          aws.Config
		endpoint, role, fields, want string
	}{
		{cfg, api, "", `"Method": "GET"`, `"signed":true,"by":"key in eu-central-1","token":""`},
		{cfg, api, "", `"Method": "POST", "RequestBody": {"a": "ü"}, "Headers": {"X-Own": ["  a  b ", "c"], "User-Agent": ["me"]}`, `"signed":true`},
		{cfg, api, "", `"Method": "POST", "RequestBody": ""`, `"signed":true`},
		{cfg, api, "", `"Method": "GET", "Stage": "test", "Path": "/a b/ü/%2F/x+y~", "QueryParameters": {"b": ["2", "1 + 1", ""], "a": ["ü/&"]}`, `"signed":true`},
		{cfg, "elsewhere.example", "", `"Method": "DELETE"`, `"signed":true,"by":"key in us-east-1"`},
		{cfg, api, " arn:aws:iam::123456789012:role/other", `"Method": "GET"`, `"signed":true,"by":"role in eu-central-1","token":"session"`},
		{cfg, api, " denied", `"Method": "GET"`, "States.TaskFailed: The role arn:aws:iam::123456789012:role/execution is not authorized to assume the task state's role, denied."},
		{aws.Config{}, api, "", `"Method": "GET"`, "cannot be signed: there are no credentials"},
		{aws.Config{Credentials: denied{&smithy.GenericAPIError{Code: "Expired", Message: "log in"}}}, api, "", `"Method": "GET"`, "ApiGateway.AmazonApiGatewayException: log in"},
		{aws.Config{Credentials: cfg.Credentials}, "elsewhere.example", "", `"Method": "GET"`, "cannot be signed: its region is not known"},
	} {
		calls := httptask.Invoker{Client: client, Sign: tasks.Signer(c.cfg)}
		require.Contains(t, new(stub).perform(t, calls, resource+c.role, `{"AuthType": "IAM_ROLE", "ApiEndpoint": "`+c.endpoint+`", `+c.fields+`}`), c.want, c.fields)
	}
}
