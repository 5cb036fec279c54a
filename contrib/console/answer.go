package console

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/statemill/statemill/runtime"
	"github.com/statemill/statemill/runtime/interp"
	"github.com/statemill/statemill/runtime/store"
)

const (
	maxBody      = 2 << 20 // of requests, in bytes
	compressFrom = 2 << 10 // answers that are shorter are sent as they are
	answerTime   = 30 * time.Second
)

// answer makes a handler of what returns a value for JSON.
func (c *console) answer(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		value, err := f(r)
		var text []byte
		if err == nil {
			text, err = json.Marshal(value)
		}
		if err != nil {
			refuse(w, err)
			return
		}
		c.write(w, r, http.StatusOK, text)
	}
}

// write answers with a text of JSON. A console that only shows sends no tokens, wherever they are.
func (c *console) write(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	write(w, r, status, c.withoutTokens(text))
}

func (c *console) withoutTokens(text []byte) []byte {
	if !c.config.ReadOnly {
		return text
	}
	return hideTokens(text)
}

// tokenLike is what task tokens look like, and little else.
var tokenLike = regexp.MustCompile(`1\.[A-Za-z0-9_-]{16,}\.[0-9]+\.[0-9]+\.[A-Za-z0-9_-]{24}`)

// hideTokens replaces the task tokens in a text.
func hideTokens(text []byte) []byte {
	return tokenLike.ReplaceAllFunc(text, func(found []byte) []byte {
		if _, _, err := interp.ParseToken(string(found)); err != nil {
			return found
		}
		return []byte("(task token)")
	})
}

// write answers with a text, compressed if r asks for it. r may be nil.
func write(w http.ResponseWriter, r *http.Request, status int, text []byte) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(answerTime)) // not all can
	if r != nil && len(text) >= compressFrom && takesGzip(r) {
		text = compressed(text, gzip.BestSpeed)
		w.Header().Set("Content-Encoding", "gzip")
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client has gone
}

func takesGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}

func compressed(text []byte, level int) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, level) // the level is one that exists
	_, _ = z.Write(text)                   // a Buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// faultOf says what a client is told of an error.
func faultOf(err error) *refusal {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return &refusal{http.StatusNotFound, "NotFound", "There is no such execution."}
	case errors.Is(err, runtime.ErrClosed):
		return &refusal{http.StatusServiceUnavailable, "Unavailable", "The server is shutting down."}
	}
	return &refusal{http.StatusInternalServerError, "Internal", "The server could not read what it keeps."}
}

// number reads a number of the query; other if there is none.
func number(r *http.Request, name string, other int64) (int64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return other, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, invalid(name + " must be a number.")
	}
	return n, nil
}

// readJSON reads the body of a request.
func readJSON(r *http.Request, to any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if d.Decode(to) != nil {
		return invalid("The body is not the JSON that is expected.")
	}
	return nil
}
