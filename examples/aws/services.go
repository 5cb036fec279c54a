package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// services stands in for DynamoDB, S3 and SQS, as far as the workflow calls them.
type services struct {
	url   string
	close func()

	mu       sync.Mutex
	items    map[string]bool
	objects  map[string]string // by the path
	messages []string
}

func newServices() *services {
	s := &services{items: make(map[string]bool), objects: make(map[string]string)}
	server := httptest.NewServer(s)
	s.url, s.close = server.URL, server.Close
	return s
}

// ServeHTTP implements http.Handler.
func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch target := r.Header.Get("X-Amz-Target"); {
	case strings.HasSuffix(target, ".PutItem"):
		s.putItem(w, body)
	case strings.HasSuffix(target, ".SendMessage"):
		var message struct{ MessageBody string }
		_ = json.Unmarshal(body, &message) // the SDK has made it
		s.messages = append(s.messages, message.MessageBody)
		fmt.Fprintf(w, `{"MessageId": "m-%d"}`, len(s.messages))
	case r.Method == http.MethodPut:
		s.objects[r.URL.Path] = string(body)
		w.Header().Set("ETag", `"1"`)
	default:
		http.Error(w, "this service is not here", http.StatusNotImplemented)
	}
}

// putItem takes an item once.
func (s *services) putItem(w http.ResponseWriter, body []byte) {
	var put struct {
		Item struct{ ID struct{ S string } }
	}
	_ = json.Unmarshal(body, &put)
	if s.items[put.Item.ID.S] {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "The conditional request failed"}`)
		return
	}
	s.items[put.Item.ID.S] = true
	fmt.Fprint(w, "{}")
}
