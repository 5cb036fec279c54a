package interp_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/statemill/statemill/runtime/interp"
)

func run(id interp.TaskID) interp.MapRunID {
	return interp.MapRunID{Frame: id.Frame, Number: id.Attempt}
}

// mapping prints what distributed Map states want. Reads are answered, and not shown: they
// are repeated after a restart.
func (p *player) mapping(m *interp.Mapping) {
	if m == nil {
		return
	}
	for _, s := range m.Stop {
		fmt.Fprintln(&p.out, "stop", s.Run)
	}
	for _, c := range m.Children {
		word, show := "begin", p.out.WriteString
		if c.Pending {
			word, show = "pending", p.once
		}
		_, _ = show(fmt.Sprintf("%s %s[%d] %s items %d\n", word, c.Run, c.Index, c.Input, c.Items))
	}
	for _, w := range m.Write {
		if w.Probe {
			fmt.Fprintf(&p.out, "probe %s %s %s\n", w.Run, w.Bucket, w.Folder)
			continue
		}
		after := ""
		if w.LastFolder != "" {
			after = fmt.Sprintf(" after %d %s", w.Last, w.LastFolder)
		}
		_, _ = p.once(fmt.Sprintf("write %s %s %s %s %s%s\n", w.Run, w.Bucket, w.Folder, w.Transformation, w.OutputType, after))
	}
	for _, r := range m.Redrive {
		fmt.Fprintf(&p.out, "redrive %s %d from %d\n", r.Run, r.N, r.From)
	}
	for _, c := range m.Collect {
		fmt.Fprintf(&p.out, "collect %s %s\n", c.Run, c.Transformation)
	}
}

// once prints a line that may be repeated after a restart.
func (p *player) once(line string) (int, error) {
	if p.repeats[line] {
		return 0, nil
	}
	if p.repeats == nil {
		p.repeats = make(map[string]bool)
	}
	p.repeats[line] = true
	return p.out.WriteString(line)
}

// drainAgain has a Map Run that was restored make again what is pending in its results, and
// returns what is wanted then.
func (p *player) drainAgain() *interp.Mapping {
	m := p.x.Pending().Mapping
	for p.x.Drains() {
		read := p.read(m)
		if m = p.step().Mapping; !read && (m == nil || len(m.Read) == 0) {
			break
		}
	}
	return m
}

// read answers reads with four items at a time.
func (p *player) read(m *interp.Mapping) (told bool) {
	if m == nil {
		return false
	}
	for _, r := range m.Read {
		told = true
		if p.unreadable != "" {
			p.x.ReadFailed(r.Run, p.unreadable)
			continue
		}
		at, _ := strconv.Atoi(string(r.Cursor))
		from := at + r.Skip
		c := interp.Chunk{Next: strconv.AppendInt(nil, int64(from+4), 10), Ended: from+4 >= p.dataset.Len()}
		for i := from; i < min(from+4, p.dataset.Len()); i++ {
			v, _ := p.dataset.Index(i)
			c.Items = append(c.Items, interp.Item{Value: v, Source: "s3://bucket/key"})
		}
		p.x.ItemsRead(r.Run, c)
	}
	return told
}

// childDone reads a run, a status, and the numbers of items and bytes.
func (p *player) childDone(rest string) {
	id, more := task(rest)
	words := strings.Fields(more)
	items, size := 1, 0
	if len(words) > 1 {
		items, _ = strconv.Atoi(words[1])
	}
	if len(words) > 2 {
		size, _ = strconv.Atoi(words[2])
	}
	p.tell(p.x.ChildDone(interp.ChildEnd{
		Run: run(id), Status: interp.Status(words[0]), Items: int64(items), Size: size, Redriven: words[len(words)-1] == "redriven",
	}))
}

// redriven reads a run, an index, and a number of children.
func (p *player) redriven(rest string) {
	id, more := task(rest)
	next, fewer, _ := strings.Cut(more, " ")
	from, _ := strconv.ParseInt(next, 10, 64)
	n, _ := strconv.ParseInt(fewer, 10, 64)
	p.tell(p.x.ChildrenRedriven(run(id), from, n))
}

// runs prints the Map Runs.
func (p *player) runs() {
	for _, r := range p.x.MapRuns() {
		fmt.Fprintf(&p.out, "%s %s concurrency %d\n", r.ID, r.ARN, r.Limits.MaxConcurrency)
		for _, c := range []struct {
			name   string
			counts interp.MapRunCounts
		}{{"children", r.Children}, {"items", r.Items}} {
			n := c.counts
			fmt.Fprintf(&p.out, "  %s: total %d, pending %d, running %d, succeeded %d, failed %d, timed out %d, aborted %d, pending redrive %d\n",
				c.name, n.Total(), n.Pending, n.Running, n.Succeeded, n.Failed, n.TimedOut, n.Aborted, n.PendingRedrive)
		}
	}
}
