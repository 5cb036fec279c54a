package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// serve runs the service on a file, and returns where it is and how to stop it.
func serve(t *testing.T, file string) (url string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, listener, file) }()
	return "http://" + listener.Addr().String(), func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// request sends a request, a POST if it has a body, and returns what comes.
func request(t *testing.T, url, body string) (status int, answer string) {
	t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	made, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(made)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(text))
}

func expect(t *testing.T, url, body string, status int, want string) {
	t.Helper()
	if got, answer := request(t, url, body); got != status || !strings.Contains(answer, want) {
		t.Errorf("%s: %d %s, expected %d and %s", url, got, answer, status, want)
	}
}

// The service is stopped while an order waits for a person, and started again.
func TestService(t *testing.T) {
	file := filepath.Join(t.TempDir(), "orders.db")
	url, stop := serve(t, file)
	expect(t, url+"/orders/6", `{"amount": 99}`, 200, "accepted")
	expect(t, url+"/orders/6/result", "", 200, `"charged as order:6#`)
	for _, id := range []string{"7", "8"} {
		expect(t, url+"/orders/"+id, `{"amount": 250}`, 200, "accepted")
		expect(t, url+"/orders/"+id, `{"amount": 251}`, 409, "exists")
	}
	expect(t, url+"/orders/9", `no JSON`, 409, "")
	expect(t, url+"/orders/9", "", 409, "not found")
	var order struct{ Status, Answer string }
	for order.Answer == "" { // the task that asks may not have begun
		_, text := request(t, url+"/orders/7", "")
		if err := json.Unmarshal([]byte(text), &order); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	url, stop = serve(t, file)
	defer stop()
	expect(t, url+order.Answer, `{"approved": true}`, 200, "thank you")
	expect(t, url+order.Answer, `{"approved": false}`, 409, "over")
	expect(t, url+"/orders/7/result", "", 200, `"charged as order:7#`)
	expect(t, url+"/answers/none", `{}`, 409, "token")
}
