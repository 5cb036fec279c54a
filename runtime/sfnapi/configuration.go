package sfnapi

import (
	"slices"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// The structures that several operations take. They are stored in the form in which
// they come.
type (
	loggingConfiguration struct {
		Level                string           `sfn:"level,enum=LogLevel" json:"level"`
		IncludeExecutionData bool             `sfn:"includeExecutionData" json:"includeExecutionData"`
		Destinations         []logDestination `sfn:"destinations" json:"destinations"` // nil if they were not named: an empty list is shown (recorded)
	}
	logDestination struct {
		Group *cloudWatchLogsLogGroup `sfn:"cloudWatchLogsLogGroup" json:"cloudWatchLogsLogGroup"`
	}
	cloudWatchLogsLogGroup struct {
		ARN string `sfn:"logGroupArn,1..256" json:"logGroupArn"`
	}
	tracingConfiguration struct {
		Enabled bool `sfn:"enabled" json:"enabled"`
	}
	encryptionConfiguration struct {
		Key    *string `sfn:"kmsKeyId,1..2048" json:"kmsKeyId,omitempty"`
		Period *int64  `sfn:"kmsDataKeyReusePeriodSeconds,60..900" json:"kmsDataKeyReusePeriodSeconds,omitempty"`
		Type   string  `sfn:"type,required,enum=EncryptionType" json:"type"`
	}
	tag struct {
		Key   string `sfn:"key,required,1..128" json:"key"` // the model does not say that it is required (unsure)
		Value string `sfn:"value,0..256" json:"value"`
	}
)

// check refuses a configuration that AWS refuses. The log group is not looked up.
func (l *loggingConfiguration) check() error {
	refused := func(why string) error {
		return refuse("InvalidLoggingConfiguration", "Invalid Logging Configuration: %s", why)
	}
	if l == nil {
		return nil
	}
	if l.Level == "" {
		l.Level = "OFF"
	}
	switch {
	case len(l.Destinations) > 1 || len(l.Destinations) == 0 && l.Level != "OFF":
		return refused("Must specify exactly one Log Destination.")
	case len(l.Destinations) == 0:
		return nil
	}
	group := l.Destinations[0].Group
	if group == nil || !strings.HasPrefix(group.ARN, "arn:") || !strings.HasSuffix(group.ARN, ":*") {
		return refused("Log Destination not found.")
	}
	return nil
}

func (l *loggingConfiguration) value() jsonvalue.Value {
	answer := fields{"level": text(l.Level), "includeExecutionData": jsonvalue.Bool(l.IncludeExecutionData)}
	if l.Destinations != nil {
		destinations := make([]jsonvalue.Value, len(l.Destinations))
		for i, d := range l.Destinations {
			group := fields{"logGroupArn": text(d.Group.ARN)}.value()
			destinations[i] = fields{"cloudWatchLogsLogGroup": group}.value()
		}
		answer["destinations"] = jsonvalue.Array(destinations...)
	}
	return answer.value()
}

func (l *loggingConfiguration) equal(m *loggingConfiguration) bool { return l.value().Equal(m.value()) }

func (t tracingConfiguration) value() jsonvalue.Value {
	return fields{"enabled": jsonvalue.Bool(t.Enabled)}.value()
}

// check refuses keys of the Key Management Service: nothing is encrypted with them here.
func (e *encryptionConfiguration) check() error {
	switch {
	case e == nil:
		return nil
	case e.Type != "AWS_OWNED_KEY":
		return refuse("InvalidEncryptionConfiguration", "Invalid Encryption Configuration: CUSTOMER_MANAGED_KMS_KEY is not supported by this server.")
	case e.Key != nil || e.Period != nil:
		return refuse("InvalidEncryptionConfiguration", "Invalid Encryption Configuration: kmsKeyId and kmsDataKeyReusePeriodSeconds need the type CUSTOMER_MANAGED_KMS_KEY.")
	}
	return nil
}

// ownedKey is the only configuration of encryption that there is.
var ownedKey = fields{"type": text("AWS_OWNED_KEY")}.value()

// maxTags is how many tags a resource has at most.
const maxTags = 50

// addTags adds tags to those of a resource; one with the same key is replaced.
func addTags(tags, added []tag, arn string) ([]tag, error) {
	for _, t := range added {
		if strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, &fault{
				namespace: protocolErrors, name: "AccessDeniedException",
				message: "Caller is an end user and not allowed to mutate system tags",
			}
		}
	}
	for _, t := range added {
		tags = append(slices.DeleteFunc(tags, func(old tag) bool { return old.Key == t.Key }), t)
		if len(tags) > maxTags { // at once: a request may have a hundred thousand
			f := refuse("TooManyTags", "A resource has at most %d tags.", maxTags)
			f.resource = arn
			return nil, f
		}
	}
	return tags, nil
}

// checkRole refuses what is no ARN. Whether there is such a role is not asked, as on
// AWS. The words are not recorded (unsure).
func checkRole(role string) error {
	if !strings.HasPrefix(role, "arn:") {
		return refuse("InvalidArn", "Invalid Role Arn: '%s'", role)
	}
	return nil
}
