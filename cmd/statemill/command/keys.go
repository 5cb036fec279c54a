package command

import (
	"fmt"
	"os"
	"strings"
)

// readKeys reads the access keys with which requests may be signed, and returns nil if
// there is no file. Each line is a key and its secret; empty lines and those that begin
// with # do not count.
func readKeys(file string) (func(key string) (string, bool), error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--keys: %w", err)
	}
	secrets := make(map[string]string)
	for i, line := range strings.Split(string(text), "\n") {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || strings.HasPrefix(words[0], "#"):
			continue
		case len(words) != 2: // what the line has is not shown: it may be a secret
			return nil, fmt.Errorf("--keys %s:%d: expected an access key and its secret, found %d words", file, i+1, len(words))
		case secrets[words[0]] != "":
			return nil, fmt.Errorf("--keys %s:%d: the access key was named before", file, i+1)
		}
		secrets[words[0]] = words[1]
	}
	if len(secrets) == 0 {
		return nil, fmt.Errorf("--keys %s: the file has no key", file)
	}
	return func(key string) (string, bool) {
		secret, known := secrets[key]
		return secret, known
	}, nil
}
