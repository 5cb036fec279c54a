// Package awstest tests package awstasks with real clients of aws-sdk-go-v2. It is a module of its own, so that the versions of
// those clients are nobody's but its own.
package awstest
