package sfnapi

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readToken returns the page that a token of a list asks for.
func readToken(operation, filter, token string, now time.Time) (*page, error) {
	s := &scope{operation: operation, now: now}
	return s.paged(&token, 0, filter)
}

// A token is good for the list that it came from, for a day, with any size of the page.
func TestPageToken(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := &scope{operation: "ListExecutions", now: now}
	first, err := s.paged(nil, 7, "m")
	require.NoError(t, err)
	require.Equal(t, 7, first.limit)
	token := first.next("größe\x00")
	p, err := readToken("ListExecutions", "m", token, now.Add(23*time.Hour))
	require.NoError(t, err)
	require.Equal(t, "größe\x00", p.after)
	require.Equal(t, 100, p.limit)
	for _, c := range []struct {
		name, operation, filter, token string
		after                          time.Duration
	}{
		{"another operation", "ListStateMachines", "m", token, 0},
		{"other arguments", "ListExecutions", "n", token, 0},
		{"too late", "ListExecutions", "m", token, 25 * time.Hour},
		{"cut off", "ListExecutions", "m", token[:len(token)-1], 0},
		{"one character is another", "ListExecutions", "m", "B" + token[1:], 0},
		{"no base64", "ListExecutions", "m", "??", 0},
		{"nothing", "ListExecutions", "m", "", 0},
	} {
		_, err := readToken(c.operation, c.filter, c.token, now.Add(c.after))
		require.Equal(t, invalidToken(), err, c.name)
	}
}

// A text is the token of a page or is refused; the token of every key leads back to it.
func FuzzPageToken(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	s := &scope{operation: "ListExecutions", now: now}
	first, err := s.paged(nil, 0, "m")
	require.NoError(f, err)
	f.Add(first.next("x"), "key")
	f.Add("AAAA", "\xff")
	f.Fuzz(func(t *testing.T, token, key string) {
		if p, err := readToken("ListExecutions", "m", token, now); err == nil {
			require.Equal(t, token, p.next(p.after))
		} else {
			require.Equal(t, invalidToken(), err)
		}
		p, err := readToken("ListExecutions", "m", first.next(key), now)
		require.NoError(t, err)
		require.Equal(t, key, p.after)
	})
}

// What is printed of an ARN is the ARN, and no ARN leads to the document of another.
func FuzzARN(f *testing.F) {
	for _, text := range []string{
		"arn:aws:states:us-east-1:000000000000:stateMachine:a", "arn:aws:states:us-east-1:000000000000:stateMachine:a:1",
		"arn:aws:states:us-east-1:000000000000:execution:a:b", "arn:aws:states:::stateMachine:", "arn:::::::::", "a/m/b", "arn:aws/m:states:x:y:stateMachine:../r/x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseARN(text, kindMachine, kindExecution, kindExpress, kindMapRun)
		if err != nil {
			require.Contains(t, err.Error(), "InvalidArn: Invalid Arn: '")
			return
		}
		require.Equal(t, text, a.String())
		m, err := parseMachine(text)
		if err != nil || !validName(m.name) {
			return
		}
		key := m.machineKey(m.name)
		require.Equal(t, m.place.prefix()+"/m/"+m.name, key)
		require.NotContains(t, m.name, "/")
	})
}
