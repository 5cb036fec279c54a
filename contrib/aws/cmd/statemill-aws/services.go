package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sagemaker"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/statemill/statemill/cmd/statemill/command"
	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/contrib/aws/s3objects"
	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/objects"
)

// makers make the clients, by the names of the services in resources.
var makers = map[string]func(aws.Config) any{
	"athena":    func(c aws.Config) any { return athena.NewFromConfig(c) },
	"batch":     func(c aws.Config) any { return batch.NewFromConfig(c) },
	"dynamodb":  func(c aws.Config) any { return dynamodb.NewFromConfig(c) },
	"ecs":       func(c aws.Config) any { return ecs.NewFromConfig(c) },
	"events":    func(c aws.Config) any { return eventbridge.NewFromConfig(c) },
	"glue":      func(c aws.Config) any { return glue.NewFromConfig(c) },
	"lambda":    func(c aws.Config) any { return lambda.NewFromConfig(c) },
	"s3":        func(c aws.Config) any { return buckets(c) },
	"sagemaker": func(c aws.Config) any { return sagemaker.NewFromConfig(c) },
	"sns":       func(c aws.Config) any { return sns.NewFromConfig(c) },
	"sqs":       func(c aws.Config) any { return sqs.NewFromConfig(c) },
	"states":    func(c aws.Config) any { return sfn.NewFromConfig(c) },
}

// buckets makes a client of S3. Emulators know buckets by the path alone.
func buckets(c aws.Config) *s3.Client {
	return s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = c.BaseEndpoint != nil })
}

// services implements command.AWS.
func services(ctx context.Context, e command.Endpoints) (runtime.TaskInvoker, objects.Objects, error) {
	cfg, err := configure(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	for name := range e.Services {
		if makers[name] == nil {
			return nil, nil, fmt.Errorf("there is no client of %s: this program has those of %s", name, strings.Join(slices.Sorted(maps.Keys(makers)), ", "))
		}
	}
	var clients []any
	var files objects.Objects
	for _, name := range slices.Sorted(maps.Keys(makers)) {
		one, called := endpointOf(cfg, e, name)
		if !called {
			continue
		}
		clients = append(clients, makers[name](one))
		if name == "s3" {
			files = s3objects.Objects{Client: buckets(one)}
		}
	}
	tasks, err := awstasks.New(clients...)
	if err != nil {
		return nil, nil, err
	}
	assume := sts.NewFromConfig(cfg)
	tasks.AssumeRole = func(role string) aws.CredentialsProvider { return stscreds.NewAssumeRoleProvider(assume, role) }
	return tasks, files, nil
}

// configure reads what the environment says. Emulators take any credentials, so there need be none.
func configure(ctx context.Context, e command.Endpoints) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil || e.Real {
		return cfg, err
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		cfg.Credentials = credentials.NewStaticCredentialsProvider("test", "test", "")
	}
	return cfg, nil
}

// endpointOf returns the configuration of a service, and whether it is called.
func endpointOf(cfg aws.Config, e command.Endpoints, name string) (aws.Config, bool) {
	if url := e.Services[name]; url != "" {
		cfg.BaseEndpoint = &url
		return cfg, true
	}
	if name == "states" { // started by the server itself, unless an endpoint says where
		return cfg, false
	}
	if e.All != "" {
		cfg.BaseEndpoint = &e.All
		return cfg, true
	}
	return cfg, e.Real
}
