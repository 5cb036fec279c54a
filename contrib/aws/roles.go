package awstasks

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// roles are the credentials of the roles that tasks name, each cached until it expires.
type roles struct {
	mu    sync.Mutex
	known map[string]aws.CredentialsProvider // by the ARN
}

// maxRoles is how many roles are known at a time: an ARN may come from the input of an execution.
const maxRoles = 1000

// errNoRole says that nobody assumes a role.
var errNoRole = errors.New("awstasks: there are no credentials of the role")

// role returns the credentials of a role.
func (t *Tasks) role(arn string) (aws.CredentialsProvider, error) {
	t.roles.mu.Lock()
	defer t.roles.mu.Unlock()
	if known := t.roles.known[arn]; known != nil {
		return known, nil
	}
	if t.AssumeRole == nil {
		return nil, &unassumedError{errNoRole}
	}
	provider := t.AssumeRole(arn)
	if provider == nil {
		return nil, &unassumedError{errNoRole}
	}
	if t.roles.known == nil || len(t.roles.known) >= maxRoles {
		t.roles.known = make(map[string]aws.CredentialsProvider)
	}
	assumed := &assumedRole{aws.NewCredentialsCache(provider)}
	t.roles.known[arn] = assumed
	return assumed, nil
}

// assumedRole are credentials whose error is one of the role, not of the service that is called with them.
type assumedRole struct{ *aws.CredentialsCache }

// Retrieve implements aws.CredentialsProvider.
func (r *assumedRole) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := r.CredentialsCache.Retrieve(ctx)
	if err != nil {
		err = &unassumedError{err}
	}
	return found, err
}
