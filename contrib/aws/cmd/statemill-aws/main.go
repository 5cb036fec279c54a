// Command statemill-aws is the command statemill with clients of AWS. Nothing is called unless it is asked for:
//
//	statemill-aws serve --aws                                    the services of AWS, as the environment says
//	AWS_ENDPOINT_URL=http://localhost:4566 statemill-aws serve   those of an emulator
//	statemill-aws serve --sqs-endpoint http://localhost:9324     that service alone, as in Step Functions Local
//	statemill-aws validate                                       nothing: tasks are checked by what the operations take
//	statemill-aws run order.asl.json --task 'arn:aws:*=aws'
//
// It knows the services of the optimized integrations that have an endpoint in Step Functions Local (DynamoDB, SQS, SNS, Lambda, ECS,
// Batch, Glue, SageMaker, Step Functions), and EventBridge, S3 and Athena. Another set is a program as short as this one.
package main

import (
	"context"
	"os"

	"github.com/statemill/statemill/cmd/statemill/command"
)

func main() { os.Exit(command.Run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, services)) }
