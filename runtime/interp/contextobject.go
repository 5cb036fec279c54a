package interp

import (
	"strings"
	"time"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// contextObject builds $$ at most once in a turn. Its first part is the same
// for the whole execution.
func (t *turn) contextObject() jsonvalue.Value {
	if t.contextBuilt {
		return t.context
	}
	if t.trace != nil && t.trace.context != nil {
		return *t.trace.context
	}
	members := append(make([]jsonvalue.Member, 0, 5), t.env.identityContext()...)
	members = append(members, member("State", t.stateContext()))
	if t.at.node.handsOutToken() {
		token := jsonvalue.String(t.env.token(t.taskID()))
		members = append(members, member("Task", jsonvalue.Object(member("Token", token))))
	}
	if t.item != nil {
		members = append(members, member("Map", jsonvalue.Object(member("Item", t.item.context()))))
	} else if item := t.f.iteration(); item != nil {
		members = append(members, member("Map", jsonvalue.Object(member("Item", item.itemContext()))))
	}
	t.context, t.contextBuilt = jsonvalue.Object(members...), true
	return t.context
}

// taskID returns the id of the task that the state is about to begin, or has
// begun.
func (t *turn) taskID() TaskID {
	id := TaskID{t.at.id, t.at.attempt}
	if t.f.phase == phaseEntering || t.f.phase == phaseAttempting {
		id.Attempt++
	}
	return id
}

// contextPart is a part of the Context Object to which many paths lead. It is
// made without the rest.
type contextPart uint8

const (
	wholeContext contextPart = iota
	executionPart
	stateMachinePart
	statePart
	itemValuePart
	itemIndexPart
)

var contextParts = map[string]contextPart{
	"$$.Execution": executionPart, "$$.StateMachine": stateMachinePart, "$$.State": statePart,
	"$$.Map.Item.Value": itemValuePart, "$$.Map.Item.Index": itemIndexPart,
}

// contextPartOf finds the part that a path leads through, and the way from
// there. A path that finds nothing that way is followed from the beginning, so
// that its error is that of the whole path.
func contextPartOf(text string) (contextPart, *jsonpath.Path) {
	for prefix, part := range contextParts {
		rest, ok := strings.CutPrefix(text, prefix)
		if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
			continue
		}
		if p, err := jsonpath.Parse("$" + rest); err == nil && p.Definite() {
			return part, p
		}
	}
	return wholeContext, nil
}

// contextPart returns a part of the Context Object. ok is false
//
//   - if there is no such part: outside of a Map state there is no item;
//   - if the whole object is made already, which is then the quicker way;
//   - if the Context Object is given, and not made.
func (t *turn) contextPart(part contextPart) (v jsonvalue.Value, ok bool) {
	if t.contextBuilt || t.trace != nil {
		return v, false
	}
	switch part {
	case executionPart:
		return t.env.identityContext()[0].Value, true
	case stateMachinePart:
		return t.env.identityContext()[1].Value, true
	case statePart:
		return t.stateContext(), true
	}
	item := t.f.iteration()
	switch {
	case t.item != nil && part == itemIndexPart:
		return jsonvalue.Int(t.item.index), true
	case t.item != nil:
		return t.item.Value, true
	case item == nil:
		return v, false
	case part == itemIndexPart:
		return jsonvalue.Int(int64(item.index)), true
	}
	return item.parent.fork.items.value.Index(int(item.index))
}

func member(name string, v jsonvalue.Value) jsonvalue.Member {
	return jsonvalue.Member{Name: name, Value: v}
}

// identityContext returns the members Execution and StateMachine. Turns that
// are worked out side by side may make them at once; they make the same.
func (e *env) identityContext() []jsonvalue.Member {
	if made := e.context.Load(); made != nil {
		return *made
	}
	made := []jsonvalue.Member{
		member("Execution", e.executionContext()),
		member("StateMachine", jsonvalue.Object(
			member("Id", jsonvalue.String(e.identity.StateMachine)),
			member("Name", jsonvalue.String(e.identity.StateMachineName)))),
	}
	e.context.Store(&made)
	return made
}

func (e *env) executionContext() jsonvalue.Value {
	id := e.identity
	if e.inspects {
		// As AWS's TestState has it, in this order (recorded).
		return jsonvalue.Object(
			member("Id", jsonvalue.String(id.Execution)),
			member("Input", e.input),
			member("Name", jsonvalue.String(id.ExecutionName)),
			member("RoleArn", e.role()),
			member("StartTime", instant(e.started)))
	}
	execution := []jsonvalue.Member{
		member("Id", jsonvalue.String(id.Execution)),
		member("Input", e.input),
		member("StartTime", instant(e.started)),
		member("Name", jsonvalue.String(id.ExecutionName)),
		member("RoleArn", jsonvalue.String(id.RoleARN)),
	}
	if !e.synchronous {
		execution = append(execution, member("RedriveCount", jsonvalue.Int(int64(e.redrives))))
	}
	if e.redriven != 0 {
		execution = append(execution, member("RedriveTime", instant(e.redriven)))
	}
	return jsonvalue.Object(execution...)
}

// role returns the role of an inspected state; without one it is null.
func (e *env) role() jsonvalue.Value {
	if e.identity.RoleARN == "" {
		return jsonvalue.Value{}
	}
	return jsonvalue.String(e.identity.RoleARN)
}

// instant prints milliseconds as the Context Object does.
func instant(ms int64) jsonvalue.Value {
	return jsonvalue.String(time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"))
}

// stateName returns the name of the state. AWS gives a state that is inspected
// alone a name of its own.
func (t *turn) stateName() string {
	if t.env.inspects {
		return "StateName"
	}
	return t.at.node.name
}

func (t *turn) stateContext() jsonvalue.Value {
	members := []jsonvalue.Member{
		member("Name", jsonvalue.String(t.stateName())),
		member("EnteredTime", instant(t.enteredAt())),
	}
	if t.at.node.counts {
		members = append(members, member("RetryCount", jsonvalue.Int(int64(t.at.retried))))
	}
	return jsonvalue.Object(members...)
}

// iteration returns the innermost frame around f, or f itself, that is an
// iteration of a Map state.
func (f *frame) iteration() *frame {
	for ; f.parent != nil; f = f.parent {
		if f.parent.node.kind == kindMap {
			return f
		}
	}
	return nil
}

func (f *frame) itemContext() jsonvalue.Value {
	item, _ := f.parent.fork.items.value.Index(int(f.index))
	return jsonvalue.Object(member("Index", jsonvalue.Int(int64(f.index))), member("Value", item))
}

// handsOutToken reports whether the Context Object has a task token.
func (n *node) handsOutToken() bool {
	return n.pattern == asl.WaitForTaskToken || n.pattern == asl.Sync
}
