package httptask

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// setBody gives a request a body; nil is none.
func setBody(r *http.Request, body []byte) {
	if body == nil {
		return
	}
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody()
}

const (
	asJSON = "application/json; charset=UTF-8"
	asForm = "application/x-www-form-urlencoded; charset=UTF-8" // (unsure)
)

// body returns the body of http:invoke and its usual type.
func (c *call) body() (body []byte, usual string, err error) {
	v := c.field("RequestBody")
	text, isText := v.AsString()
	if len(c.connection.Body) > 0 {
		if v, err = c.mergedBody(v); err != nil {
			return nil, "", err
		}
		isText = false
	}
	transform := c.field("Transform")
	encoding, _ := transform.Get("RequestBodyEncoding")
	switch name, _ := encoding.AsString(); {
	case encoding.IsNull() || name == "NONE":
	case name == "URL_ENCODED":
		body, err := c.form(v, transform)
		return body, asForm, err
	default:
		return nil, "", c.unusable("RequestBodyEncoding")
	}
	switch {
	case v.IsNull():
		return nil, asJSON, nil
	case isText:
		return []byte(text), asJSON, nil
	}
	return v.AppendJSON(nil), asJSON, nil
}

// mergedBody puts the parameters of the connection into an object.
func (c *call) mergedBody(v jsonvalue.Value) (jsonvalue.Value, error) {
	if v.IsNull() {
		v = jsonvalue.Object()
	}
	if v.Kind() != jsonvalue.KindObject {
		return v, c.task.RuntimeError("The field 'RequestBody' must be an object, because the connection has parameters for it") // (unsure)
	}
	for _, p := range c.connection.Body {
		v = v.With(p.Name, jsonvalue.String(p.Value))
	}
	return v, nil
}

// form encodes a body as forms are.
func (c *call) form(v, transform jsonvalue.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	options, _ := transform.Get("RequestEncodingOptions")
	format := "INDICES"
	if f, ok := options.Get("ArrayFormat"); ok {
		format, _ = f.AsString()
	}
	if !slices.Contains([]string{"INDICES", "REPEAT", "COMMAS", "BRACKETS"}, format) {
		return nil, c.unusable("ArrayFormat")
	}
	if v.Kind() != jsonvalue.KindObject {
		return nil, c.unusable("RequestBody")
	}
	f := &form{format: format}
	for name, value := range v.Members() {
		f.add(escaped(name), value)
	}
	if f.Len() > maxForm {
		return nil, c.task.RuntimeError("The field 'RequestBody' has more than %d bytes when it is encoded", maxForm)
	}
	return []byte(f.String()), nil
}

// maxForm is how many bytes a form may have: each value repeats the names of all that it is in.
const maxForm = 1 << 20

// form is a form that is being encoded.
type form struct {
	strings.Builder
	format string
}

func (f *form) pair(name, value string) {
	if f.Len() > maxForm {
		return
	}
	if f.Len() > 0 {
		f.WriteByte('&')
	}
	f.WriteString(name + "=" + value)
}

// add adds what is under a name, which is encoded. Members of an object that is in it have names in brackets (unsure).
func (f *form) add(name string, v jsonvalue.Value) {
	if f.Len() > maxForm {
		return
	}
	switch v.Kind() {
	case jsonvalue.KindObject:
		for inner, value := range v.Members() {
			f.add(name+"["+escaped(inner)+"]", value)
		}
	case jsonvalue.KindArray:
		f.array(name, v)
	case jsonvalue.KindNull: // a name alone (unsure)
		f.pair(name, "")
	default:
		text, _ := plain(v)
		f.pair(name, escaped(text))
	}
}

func (f *form) array(name string, v jsonvalue.Value) {
	if f.format == "COMMAS" {
		var all []string
		for _, e := range v.Elements() {
			text, ok := plain(e)
			if !ok {
				text = e.String()
			}
			all = append(all, escaped(text))
		}
		f.pair(name, strings.Join(all, ","))
		return
	}
	for i, e := range v.Elements() {
		switch f.format {
		case "INDICES":
			f.add(name+"["+strconv.Itoa(i)+"]", e)
		case "BRACKETS":
			f.add(name+"[]", e)
		default:
			f.add(name, e)
		}
	}
}
