package asl

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/statemill/statemill/intrinsics"
	"github.com/statemill/statemill/jsonpath"
)

// maxFindings bounds the number of findings about one definition, and
// maxFindingText the bytes of their messages and locations. Without a bound, the
// faults of a megabyte of text could fill gigabytes.
const (
	maxFindings    = 1000
	maxFindingText = 4 << 20
)

// findings collects the faults of a definition.
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

// other is a place that explains a finding.
type other struct {
	node    node
	message string
}

// full reports whether there are as many findings as are kept.
func (f *findings) full() bool {
	return len(f.list) >= maxFindings || f.text >= maxFindingText
}

// report adds a finding about the value n.
func (f *findings) report(n node, code, message string) *finding {
	return f.reportAt(n, n, code, message)
}

// reportAt adds a finding with the location of one value, at, that is about
// another, mark; mostly that is a member of the first.
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

// place fills in the positions of the finding in the text.
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

// relate adds a place that explains the finding.
func (x *finding) relate(n node, message string) {
	x.others = append(x.others, other{n, message})
}
