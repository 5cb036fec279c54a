package sfnapi

import (
	"slices"
	"strings"
)

// place is where resources are: it begins their ARNs.
type place struct{ partition, region, account string }

// The kinds of resources in ARNs.
const (
	kindMachine   = "stateMachine"
	kindExecution = "execution"
	kindExpress   = "express"
	kindMapRun    = "mapRun"
	kindActivity  = "activity"
)

// arn names a resource: arn:aws:states:us-east-1:123456789012:execution:MACHINE:NAME
// has the kind "execution" and the parts MACHINE and NAME.
type arn struct {
	place
	kind  string
	parts []string
}

// parseARN reads an ARN, which must be of one of the kinds.
func parseARN(text string, kinds ...string) (arn, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 7 || parts[0] != "arn" || parts[2] != "states" {
		return arn{}, invalidARN("Invalid ARN prefix", text)
	}
	a := arn{place: place{partition: parts[1], region: parts[3], account: parts[4]}, kind: parts[5], parts: parts[6:]}
	if !slices.Contains(kinds, a.kind) {
		return arn{}, invalidARN("Resource type not valid in this context", a.kind)
	}
	return a, nil
}

// String returns the text of the ARN.
func (a arn) String() string {
	return strings.Join(append([]string{"arn", a.partition, "states", a.region, a.account, a.kind}, a.parts...), ":")
}

// machineRef is an ARN of a state machine, perhaps of a version or alias of it.
type machineRef struct {
	arn
	name      string
	qualifier string // "3", "live"; "": none
}

// parseMachine reads the ARN of a state machine. What has a label belongs to a Map Run,
// and operations do not take it.
func parseMachine(text string) (machineRef, error) {
	a, err := parseARN(text, kindMachine)
	if err != nil {
		return machineRef{}, err
	}
	m := machineRef{arn: a, name: a.parts[0]}
	switch {
	case len(a.parts) > 2, len(a.parts) == 2 && a.parts[1] == "":
		return machineRef{}, invalidARN("Invalid ARN prefix", text)
	case len(a.parts) == 2:
		m.qualifier = a.parts[1]
	}
	if strings.Contains(m.name, "/") {
		f := invalid("Labeled State Machine ARNs are not supported for this API.") // of executions it is recorded
		f.reason = "API_DOES_NOT_SUPPORT_LABELED_ARNS"
		return machineRef{}, f
	}
	return m, nil
}

// plain returns the ARN of the state machine itself.
func (m machineRef) plain() string { return m.of(kindMachine, m.name) }

// isAlias reports whether the qualifier is that of an alias: versions are numbers.
func (m machineRef) isAlias() bool {
	return m.qualifier != "" && strings.Trim(m.qualifier, "0123456789") != ""
}

// qualified returns the reference with another qualifier.
func (m machineRef) qualified(qualifier string) machineRef {
	m.qualifier = qualifier
	m.parts = []string{m.name}
	if qualifier != "" {
		m.parts = append(m.parts, qualifier)
	}
	return m
}

// of returns the ARN of another resource in the same place.
func (p place) of(kind string, parts ...string) string {
	return arn{place: p, kind: kind, parts: parts}.String()
}

// partitionOf returns the partition of a region.
func partitionOf(region string) string {
	for prefix, partition := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f",
		"eusc-": "aws-eusc",
	} {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return "aws"
}
