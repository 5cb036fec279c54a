package command

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// localFlag is a flag of AWS Step Functions Local, which serve takes, too.
type localFlag struct {
	dashed   string // with one dash, as that program has it
	name     string // with two
	flag     string // of serve, that does the same; "": refused
	variable string // of the environment
}

var localFlags = []localFlag{
	{"account", "aws-account", "account", "AWS_ACCOUNT_ID"},
	{"region", "aws-region", "region", "AWS_DEFAULT_REGION"},
	{"waitTimeScale", "wait-time-scale", "wait-time-scale", "WAIT_TIME_SCALE"},
	{"lambdaEndpoint", "lambda-endpoint", "lambda-endpoint", "LAMBDA_ENDPOINT"},
	{"", "", "mock", "SFN_MOCK_CONFIG"},
	{"", "", "mock", "LOCALSTACK_SFN_MOCK_CONFIG"},
	{"batchEndpoint", "batch-endpoint", "", "BATCH_ENDPOINT"},
	{"dynamoDBEndpoint", "dynamodb-endpoint", "", "DYNAMODB_ENDPOINT"},
	{"ecsEndpoint", "ecs-endpoint", "", "ECS_ENDPOINT"},
	{"glueEndpoint", "glue-endpoint", "", "GLUE_ENDPOINT"},
	{"sageMakerEndpoint", "sagemaker-endpoint", "", "SAGE_MAKER_ENDPOINT"},
	{"sqsEndpoint", "sqs-endpoint", "", "SQS_ENDPOINT"},
	{"snsEndpoint", "sns-endpoint", "", "SNS_ENDPOINT"},
	{"stepFunctionsEndpoint", "step-functions-endpoint", "", "STEP_FUNCTIONS_ENDPOINT"},
}

// withAWS is the binary that has clients of AWS services.
const withAWS = "statemill-aws"

// twoDashes writes the arguments of serve as pflag reads them: Step Functions Local has long
// names with one dash.
func twoDashes(args []string) []string {
	if len(args) == 0 || args[0] != "serve" {
		return args
	}
	made := slices.Clone(args)
	for i, arg := range made[1:] {
		if arg == "--" {
			break
		}
		name, value, hasValue := strings.Cut(arg, "=")
		for _, l := range localFlags {
			if l.dashed != "" && name == "-"+l.dashed {
				made[i+1] = "--" + l.name
				if hasValue {
					made[i+1] += "=" + value
				}
			}
		}
		switch arg {
		case "-help":
			made[i+1] = "--help"
		case "-version":
			made[i+1] = "--version"
		}
	}
	return made
}

// addLocal adds the flags of Step Functions Local: other names of those that serve has, and
// those that are refused.
func addLocal(f *pflag.FlagSet) {
	other := make(map[string]string)
	for _, l := range localFlags {
		switch {
		case l.name == "" || l.name == l.flag:
		case l.flag == "":
			f.String(l.name, "", "")
			_ = f.MarkHidden(l.name) // it was just added
		default:
			other[l.name] = l.flag
		}
	}
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if flag := other[name]; flag != "" {
			name = flag
		}
		return pflag.NormalizedName(name)
	})
}

// readLocal takes what the environment says where no flag does, and refuses the endpoints of services that this binary has no
// clients of.
func (s *server) readLocal(f *pflag.FlagSet) error {
	for _, l := range localFlags {
		from, set := "--"+l.name, l.flag == "" && f.Changed(l.name)
		value := os.Getenv(l.variable)
		if !set && value != "" && (l.flag == "" || !f.Changed(l.flag)) {
			from, set = l.variable+"="+value, true
		} else if set {
			value = f.Lookup(l.name).Value.String()
		}
		switch {
		case !set:
		case l.flag != "":
			if err := f.Set(l.flag, value); err != nil {
				return fmt.Errorf("%s: %w", from, err)
			}
		case s.clients == nil:
			return fmt.Errorf("%s: this program has no clients of AWS services; %s has them. Here --task '%s=URL' or --mock performs such tasks", from, withAWS, patternOf(l.name))
		default:
			if s.endpoints == nil {
				s.endpoints = make(map[string]string)
			}
			s.endpoints[serviceOf(l.name)] = value
		}
	}
	return nil
}

// serviceOf returns the name in resources of the service whose endpoint a flag is.
func serviceOf(flag string) string {
	service := strings.TrimSuffix(flag, "-endpoint")
	if service == "step-functions" {
		return "states"
	}
	return service
}

// patternOf returns a pattern of the resources of a service whose endpoint is refused.
func patternOf(flag string) string { return "*:states:::" + serviceOf(flag) + ":*" }
