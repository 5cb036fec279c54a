package console

import (
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed dist
var dist embed.FS

// file is one that the page consists of.
type file struct {
	kind, tag string
	text      []byte
	gzip      func() []byte
}

func readFiles() map[string]*file {
	files := make(map[string]*file)
	entries, err := fs.ReadDir(dist, "dist")
	if err != nil {
		panic(err) // it is part of the program
	}
	for _, entry := range entries {
		text, err := dist.ReadFile("dist/" + entry.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(text)
		files[entry.Name()] = &file{
			kind: kindOf(entry.Name()), tag: `"` + hex.EncodeToString(sum[:12]) + `"`, text: text,
			gzip: sync.OnceValue(func() []byte { return compressed(text, gzip.BestCompression) }),
		}
	}
	return files
}

// kindOf does not depend on what the system says of extensions.
func kindOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(path.Ext(name))
}

func (c *console) page(w http.ResponseWriter, r *http.Request) { c.serveFile(w, r, "index.html") }

func (c *console) asset(w http.ResponseWriter, r *http.Request) {
	c.serveFile(w, r, r.PathValue("name"))
}

// serveFile serves a file with its hash as tag: a browser asks each time whether it has changed.
func (c *console) serveFile(w http.ResponseWriter, r *http.Request, name string) {
	f := c.files[name]
	if f == nil {
		refuse(w, &refusal{http.StatusNotFound, "NotFound", "There is no such file."})
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", f.tag)
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	text := f.text
	if takesGzip(r) {
		text = f.gzip()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // the client has gone
}
