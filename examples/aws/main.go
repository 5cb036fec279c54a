// Command aws takes an order through DynamoDB, S3 and SQS: through stand-ins in this process, or with -aws through those of your account, where
// the table "orders" with the key "id", a bucket "receipts" and the queue of -queue have to be.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/statemill/statemill/asl"
	awstasks "github.com/statemill/statemill/contrib/aws"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

//go:embed order.asl.json
var definition []byte

func main() {
	real := flag.Bool("aws", false, "call AWS, with the credentials and the region of the environment")
	queue := flag.String("queue", "http://127.0.0.1/orders", "the URL of the queue")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *real, *queue); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, real bool, queue string) error {
	cfg, err := config.LoadDefaultConfig(ctx)
	if !real {
		services := newServices()
		defer services.close()
		cfg = aws.Config{Region: "us-east-1", BaseEndpoint: &services.url, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	} else if err != nil {
		return err
	}
	machine, err := asl.Parse(definition)
	if err != nil {
		return err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return err
	}
	// Single operations make a smaller program than whole clients.
	tasks, err := awstasks.New(
		awstasks.Op(dynamodb.NewFromConfig(cfg).PutItem),
		awstasks.Op(s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = !real }).PutObject),
		awstasks.Op(sqs.NewFromConfig(cfg).SendMessage),
	)
	if err != nil {
		return err
	}
	r := runtime.Runner{Tasks: runtime.Mux{"arn:aws:*": tasks}}
	for _, order := range []string{"o-1", "o-2", "o-1"} {
		input := jsonvalue.Object(
			jsonvalue.Member{Name: "id", Value: jsonvalue.String(order)}, jsonvalue.Member{Name: "cents", Value: jsonvalue.Int(4200)},
			jsonvalue.Member{Name: "queue", Value: jsonvalue.String(queue)},
		)
		out, err := r.Run(ctx, program, input)
		var failed *runtime.ExecutionError
		if errors.As(err, &failed) {
			fmt.Fprintf(w, "%s: %s\n", order, failed.Name)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %s\n", order, out)
	}
	return nil
}
