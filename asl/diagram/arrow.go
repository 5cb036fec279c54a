package diagram

import "github.com/statemill/statemill/asl"

// arrow is a transition, or several that lead the same way.
type arrow struct {
	kind      string // "next", "rule", "default", "catch" or "end"
	from, to  int    // boxes
	location  string // of the first transition
	locations []string
	labels    []string
}

// weights say how much arrows should be straight: the usual way most, errors least.
var weights = map[string]float64{"next": 4, "end": 3, "rule": 2, "default": 2, "catch": 0.5}

// trunks say which arrows to one target are drawn as one.
var trunks = map[string]int{"catch": 1, "end": 2}

// transitions makes the arrows of a state. Those of one kind that lead to one state are
// one arrow with several labels. A target that does not exist has no arrow.
func (g *graph) transitions(s asl.State, index map[string]int) {
	info := s.Info()
	from := index[info.Name]
	known := make(map[[2]string]int)
	lead := func(kind, target, location, label string) {
		to, ok := index[target]
		if !ok {
			return
		}
		at, ok := known[[2]string{kind, target}]
		if !ok {
			at = g.connect(arrow{kind: kind, from: from, to: to, location: location})
			known[[2]string{kind, target}] = at
		}
		a := &g.arrows[at]
		a.locations = append(a.locations, location)
		if label != "" {
			a.labels = append(a.labels, label)
		}
	}
	if c, ok := s.(*asl.Choice); ok {
		for _, rule := range c.Choices {
			lead("rule", rule.Next, rule.Location, ruleLabel(rule))
		}
		lead("default", c.Default, info.Location+"/Default", "")
		return
	}
	lead("next", info.Next, info.Location+"/Next", "")
	for _, c := range catchers(s) {
		lead("catch", c.Next, c.Location, catchLabel(c))
	}
}

func (g *graph) connect(a arrow) int {
	g.arrows = append(g.arrows, a)
	return len(g.arrows) - 1
}

func catchers(s asl.State) []asl.Catcher {
	switch s := s.(type) {
	case *asl.Task:
		return s.Catch
	case *asl.Parallel:
		return s.Catch
	case *asl.Map:
		return s.Catch
	}
	return nil
}

// shorten makes labels fit: at most three, each of bounded length.
func (a *arrow) shorten() {
	const most = 3
	for i := range a.labels {
		a.labels[i] = clipped(a.labels[i], 34)
	}
	if n := len(a.labels); n > most {
		a.labels = append(a.labels[:most-1:most-1], "+ "+number(n-most+1)+" more")
	}
}
