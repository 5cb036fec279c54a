package awstasks

import (
	"strings"
	"unicode"
)

// Step Functions shows the names that the SDK for Java v2 has: of services, exceptions and members. They follow from those of the
// model by the rules of that SDK's generator.

// words splits a name: "DynamoDB" into Dynamo and DB, "SESv2" into SES and v2, "Cost Explorer" at the blank.
func words(name string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		for _, word := range versioned(part) {
			all = append(all, humps(word)...)
		}
	}
	return all
}

// versioned cuts off a version, a v with digits after two characters or more of the other case, and what follows it.
func versioned(s string) []string {
	for i := 2; i+1 < len(s); i++ {
		other := isLower
		if s[i] == 'v' {
			other = isUpper
		} else if s[i] != 'V' {
			continue
		}
		end := i + 1
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		if end == i+1 || !other(s[i-1]) && !isDigit(s[i-1]) || !other(s[i-2]) && !isDigit(s[i-2]) {
			continue
		}
		parts := []string{s[:i], s[i:end]}
		if end < len(s) {
			parts = append(parts, versioned(s[end:])...)
		}
		return parts
	}
	return []string{s}
}

// humps splits before a capital that follows a small letter, before the last capital of a run that a small letter follows, and
// between a digit and a letter.
func humps(s string) (all []string) {
	if len(s) > 1 && (s[0] == 'v' || s[0] == 'V') && strings.Trim(s[1:], "0123456789") == "" {
		return []string{s}
	}
	from := 0
	for i := 1; i < len(s); i++ {
		follows := i+1 < len(s)
		split := isLower(s[i-1]) && isUpper(s[i]) && follows ||
			isUpper(s[i-1]) && isUpper(s[i]) && follows && isLower(s[i+1]) ||
			isDigit(s[i-1]) && (isLower(s[i]) || isUpper(s[i]))
		if split {
			all, from = append(all, s[from:i]), i
		}
	}
	return append(all, s[from:])
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// pascal joins the words of a name, each with a capital: "DynamoDb".
func pascal(name string) string {
	var b strings.Builder
	for _, w := range words(name) {
		b.WriteString(strings.ToUpper(w[:1]))
		b.WriteString(strings.ToLower(w[1:]))
	}
	return b.String()
}

// serviceName returns the name of a service with an id: it begins the names of errors, and the resources, in lower case.
func serviceName(id string) string {
	name := pascal(id)
	name = strings.TrimPrefix(strings.TrimPrefix(name, "Amazon"), "Aws")
	return strings.TrimSuffix(name, "Service")
}

// exceptionName returns the class of the exception of an error shape.
func exceptionName(shape string) string {
	shape, faulty := strings.CutSuffix(shape, "Fault")
	if name := pascal(shape); !faulty && strings.HasSuffix(name, "Exception") {
		return name
	} else {
		return name + "Exception"
	}
}

// memberName returns the name of a member of the model: "DBInstanceIdentifier" is DbInstanceIdentifier, "ETag" stays. The SDK for Java
// has other names for the buckets and keys of two operations of S3, copyObject and uploadPartCopy, besides these (unsure whether Step
// Functions takes them).
func memberName(model string) string {
	if model == "NULL" {
		return "Nul" // the SDK for Java has renamed it
	}
	name := []byte(model)
	for i := range name {
		if i > 0 && (!isUpper(name[i]) || i+1 < len(name) && isLower(name[i+1])) {
			break
		}
		if isUpper(name[i]) {
			name[i] += 'a' - 'A'
		}
	}
	if javaWords[string(name)] {
		return capital(string(name)) + "Value"
	}
	return capital(string(name))
}

// capital returns a name with a capital, as the optimized integrations show those of the model.
func capital(name string) string {
	if name == "" {
		return name
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// javaWords are words and methods of Java, which no getter can be called.
var javaWords = map[string]bool{
	"equals": true, "getClass": true, "hashCode": true, "notify": true, "notifyAll": true, "toString": true, "wait": true,
	"builder": true, "sdkFields": true, "toBuilder": true, "overrideConfiguration": true, "sdkHttpResponse": true,
	"default": true, "return": true, "public": true, "private": true, "enum": true, "class": true, "import": true, "package": true,
	"static": true, "continue": true, "true": true, "switch": true, "case": true,
}
