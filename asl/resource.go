package asl

import "strings"

// Resource names the call that a Task state makes.
type Resource struct {
	Text    string  // as it was written
	Service string  // "lambda", "sqs", "aws-sdk:dynamodb", "activity"; "" if AWS does not know such an ARN
	Action  string  // "invoke", "sendMessage"; for a function or activity its name
	Pattern Pattern // how the task is answered
	Version string  // of .sync:2 "2", of a function its version or alias; "" otherwise
	Region  string  // of a function or activity; "" otherwise
	Account string  // likewise
}

// Pattern is a service integration pattern: how a task is answered.
type Pattern uint8

// The patterns.
const (
	RequestResponse  Pattern = iota // the answer to the call is the result; functions have it, and texts that are no ARN
	Sync                            // .sync, .sync:2: the call starts a job, the job's end is the result
	WaitForTaskToken                // .waitForTaskToken: the call hands out a token, the result comes by it
	Activity                        // an activity: a worker fetches the task and answers by its token
)

// String returns "", ".sync", ".waitForTaskToken" or "activity".
func (p Pattern) String() string {
	switch p {
	case Sync:
		return ".sync"
	case WaitForTaskToken:
		return ".waitForTaskToken"
	case Activity:
		return "activity"
	}
	return ""
}

// ParseResource takes the text of a Resource apart. Four forms are known:
//
//	arn:aws:lambda:REGION:ACCOUNT:function:NAME[:VERSION]
//	arn:aws:states:REGION:ACCOUNT:activity:NAME
//	arn:aws:states:::SERVICE:ACTION[.PATTERN]
//	arn:aws:states:::aws-sdk:SERVICE:ACTION[.PATTERN]
//
// The last two may name a region and an account: published workflows do, and
// (unsure) AWS takes the same call for it. Any other text has no service.
func ParseResource(text string) Resource {
	r := Resource{Text: text}
	head, rest, ok := parseARN(text)
	switch {
	case !ok:
	case head.service == "lambda" && strings.HasPrefix(rest, "function:"):
		r.Service, r.Region, r.Account = "lambda", head.region, head.account
		r.Action, r.Version, _ = strings.Cut(rest[len("function:"):], ":")
	case head.service == "states" && strings.HasPrefix(rest, "activity:"):
		r.Service, r.Region, r.Account = "activity", head.region, head.account
		r.Action, r.Pattern = rest[len("activity:"):], Activity
	case head.service == "states" && (head.region == "") == (head.account == ""):
		r.integration(rest)
	}
	return r
}

// arn is the five leading parts of an ARN.
type arn struct{ prefix, partition, service, region, account string }

// parseARN splits the five leading parts off an ARN. ok is false if text is
// none.
func parseARN(text string) (head arn, rest string, ok bool) {
	rest = text
	for _, part := range []*string{&head.prefix, &head.partition, &head.service, &head.region, &head.account} {
		if *part, rest, ok = strings.Cut(rest, ":"); !ok {
			return arn{}, "", false
		}
	}
	return head, rest, head.prefix == "arn" && head.partition != "" && rest != ""
}

func isARN(text string) bool {
	_, _, ok := parseARN(text)
	return ok
}

// integration reads SERVICE:ACTION[.PATTERN].
func (r *Resource) integration(rest string) {
	rest, r.Pattern, r.Version = cutPattern(rest)
	service, action, ok := strings.Cut(rest, ":")
	if ok && service == "aws-sdk" {
		var name string
		name, action, ok = strings.Cut(action, ":")
		service += ":" + name
	}
	if ok && action != "" {
		r.Service, r.Action = service, action
	}
}

// cutPattern splits the integration pattern off the end.
func cutPattern(text string) (rest string, p Pattern, version string) {
	if rest, ok := strings.CutSuffix(text, ".waitForTaskToken"); ok {
		return rest, WaitForTaskToken, ""
	}
	if rest, ok := strings.CutSuffix(text, ".sync"); ok {
		return rest, Sync, ""
	}
	if rest, ok := strings.CutSuffix(text, ".sync:2"); ok {
		return rest, Sync, "2"
	}
	return text, RequestResponse, ""
}
