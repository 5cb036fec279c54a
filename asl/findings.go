package asl

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonpath"
)

// maxFindings is how many findings about one definition are collected, and
// maxFindingText how many bytes of messages and locations: a text of a
// megabyte can have faults for gigabytes.
const (
	maxFindings    = 1000
	maxFindingText = 4 << 20
)

// findings collects what is wrong with a definition.
type findings struct {
	*tree
	list   []finding
	text   int     // bytes of messages and locations so far
	starts locator // of findings, which come in the order of the text, more or less
	ends   locator
}

// finding is a Diagnostic in the making.
type finding struct {
	Diagnostic
	mark     node // what Start and End enclose
	markName bool // the name of the member mark, not its value
	from, to int  // the part of the string mark, if to > 0
	schema   bool // from the table of fields alone
	others   []other
}

// other is a place that has to do with a finding.
type other struct {
	node    node
	message string
}

// full reports whether no more is wanted.
func (f *findings) full() bool {
	return len(f.list) >= maxFindings || f.text >= maxFindingText
}

// report adds a finding about the value n.
func (f *findings) report(n node, code, message string) *finding {
	return f.reportAt(n, n, code, message)
}

// reportAt adds a finding that AWS locates at one value, and that is about
// another, mostly a member of it.
func (f *findings) reportAt(at, mark node, code, message string) *finding {
	if f.full() {
		return &finding{}
	}
	location := at.location()
	if location == "" {
		location = "/"
	}
	f.text += len(location) + len(message)
	f.list = append(f.list, finding{
		Diagnostic: Diagnostic{Code: code, Message: message, Location: location},
		mark:       mark,
	})
	return &f.list[len(f.list)-1]
}

// failed reports whether there is an error among the findings.
func (f *findings) failed() bool {
	return slices.ContainsFunc(f.list, func(x finding) bool { return !x.Warning })
}

// diagnostics returns the findings with their places in the text: errors, then
// warnings.
func (f *findings) diagnostics() Diagnostics {
	if len(f.list) == 0 {
		return nil
	}
	ds := make(Diagnostics, 0, len(f.list))
	for _, warnings := range []bool{false, true} {
		for i := range f.list {
			if x := &f.list[i]; x.Warning == warnings {
				x.place(&f.starts, &f.ends)
				ds = append(ds, x.Diagnostic)
			}
		}
	}
	return ds
}

// place fills in where in the text the finding is.
func (x *finding) place(starts, ends *locator) {
	if x.mark.tree == nil {
		return
	}
	r := x.mark.row()
	start, end := int(r.start), int(r.end)
	if x.markName && r.nameEnd > 0 {
		start, end = int(r.nameStart), int(r.nameEnd)
	} else if x.to > 0 && r.kind == textKind {
		raw := x.mark.source[start+1 : end-1]
		start, end = start+1+writtenOffset(raw, x.from), start+1+writtenOffset(raw, x.to)
	} else if r.kind == objectKind || r.kind == arrayKind {
		end = start + 1
	}
	x.Start, x.End = starts.position(start), ends.position(end)
	x.Line = starts.line(start)
	for _, o := range x.others {
		related := finding{Diagnostic: Diagnostic{Code: x.Code, Message: o.message, Location: o.node.location()}, mark: o.node, markName: true}
		related.place(starts, ends)
		x.Related = append(x.Related, related.Diagnostic)
	}
}

// writtenOffset returns where a byte of a string is in the text of the string,
// in which escapes may be.
func writtenOffset(raw string, offset int) int {
	at := 0
	for n := 0; n < offset && at < len(raw); {
		switch {
		case raw[at] != '\\':
			at++
			n++
		case raw[at+1] != 'u':
			at += len(`\n`)
			n++
		default:
			size, length := escapedRune(raw[at:])
			at += size
			n += length
		}
	}
	return at
}

// escapedRune returns how many bytes a character is that is written as \u....,
// or as two of them: in the text, and as UTF-8.
func escapedRune(raw string) (written, length int) {
	const escape = len(`\u0000`)
	unit := hexUnit(raw)
	if utf16.IsSurrogate(unit) {
		if len(raw) >= 2*escape && utf16.DecodeRune(unit, hexUnit(raw[escape:])) != utf8.RuneError {
			return 2 * escape, 4
		}
		return escape, 3
	}
	return escape, utf8.RuneLen(unit)
}

// hexUnit returns the UTF-16 unit that an escape at the start of raw stands
// for; 0 if there is none.
func hexUnit(raw string) rune {
	if len(raw) < len(`\u0000`) || raw[:2] != `\u` {
		return 0
	}
	unit, _ := strconv.ParseUint(raw[2:6], 16, 16)
	return rune(unit)
}

// because explains the finding by the error of a parser, and points at the
// place in the string that the parser complains of.
func (x *finding) because(err error) {
	x.Hint = strings.TrimPrefix(err.Error(), x.Message+": ")
	offset := -1
	var path *jsonpath.SyntaxError
	var call *intrinsics.SyntaxError
	switch {
	case errors.As(err, &path):
		offset = path.Offset
	case errors.As(err, &call):
		offset = call.Offset
	}
	if offset < 0 || x.mark.tree == nil || offset >= len(x.mark.text()) {
		return
	}
	_, size := utf8.DecodeRuneInString(x.mark.text()[offset:])
	x.from, x.to = offset, offset+size
}

// relate adds another place that has to do with the finding.
func (x *finding) relate(n node, message string) {
	x.others = append(x.others, other{n, message})
}
