package awstasks

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/statemill/statemill/runtime"
)

// Signer returns what signs requests to an API of API Gateway, as AWS wants it of tasks whose AuthType is IAM_ROLE:
//
//	calls := httptask.Invoker{Client: http.DefaultClient, Sign: tasks.Signer(cfg)}
//
// A request is signed by the credentials of the role in the task's Credentials, which AssumeRole returns, or else by those of cfg. The
// region is that in the name of the host, REGION in ID.execute-api.REGION.amazonaws.com, or else that of cfg. It may be used by many
// goroutines. The fields of t have to be set before.
func (t *Tasks) Signer(cfg aws.Config) func(*runtime.Task, *http.Request) error {
	s := &signer{tasks: t, region: cfg.Region, signer: v4.NewSigner()}
	if cfg.Credentials != nil {
		s.own = aws.NewCredentialsCache(cfg.Credentials)
	}
	return s.sign
}

// signer signs requests.
type signer struct {
	tasks  *Tasks
	own    aws.CredentialsProvider // nil: none
	region string
	signer *v4.Signer
}

func (s *signer) sign(task *runtime.Task, r *http.Request) error {
	found, err := s.credentials(task, r)
	if err != nil {
		return err
	}
	region := regionOf(r.URL.Hostname())
	if region == "" {
		region = s.region
	}
	if region == "" {
		return task.RuntimeError("The request to %s cannot be signed: its region is not known", r.URL.Host)
	}
	sum, err := sumOf(r)
	if err != nil {
		return task.RuntimeError("The request to %s cannot be signed: %v", r.URL.Host, err)
	}
	return s.signer.SignHTTP(r.Context(), found, r, sum, "execute-api", region, time.Now())
}

// credentials returns those of the role that the task names, or else the user's.
func (s *signer) credentials(task *runtime.Task, r *http.Request) (found aws.Credentials, err error) {
	from := s.own
	if task.RoleARN != "" {
		from, err = s.tasks.role(task.RoleARN)
	} else if from == nil {
		return found, task.RuntimeError("The request to %s cannot be signed: there are no credentials", r.URL.Host)
	}
	if err == nil {
		found, err = from.Retrieve(r.Context())
	}
	c := &call{task: task, optimized: apiGateway}
	if err != nil {
		err = c.failure(r.Context(), new(reply), err)
	}
	return found, err
}

// apiGateway has the name that its errors begin with.
var apiGateway = &optimized{prefix: "ApiGateway", base: "AmazonApiGatewayException", client: "AmazonApiGateway"} // (unsure)

// regionOf returns the region of an API; "": its host does not tell.
func regionOf(host string) string {
	parts := strings.Split(host, ".")
	if len(parts) >= 5 && parts[1] == "execute-api" && parts[3] == "amazonaws" {
		return parts[2]
	}
	return ""
}

// sumOf returns the hash of the body.
func sumOf(r *http.Request) (string, error) {
	hash := sha256.New()
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return "", err
		}
		defer body.Close()
		if _, err := io.Copy(hash, body); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
