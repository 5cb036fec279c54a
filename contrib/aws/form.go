package awstasks

import (
	"slices"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// form says how an action is called that the API has in another form.
type form struct {
	service   string // the name of the service in aws-sdk resources; "": that of the integration
	operation string
	requested []named  // the parameters of the operation, and where the task has them; nil: they are those of the task
	without   []string // parameters that the action does not have
	answered  []named  // the members of the result, and where the response has them; nil: they are those of the response
}

// forms are the actions of EMR, which have one cluster and one step where the API has lists, and the action of Bedrock that another
// client has, by service and action.
var forms = map[string]*form{
	"elasticmapreduce:createCluster": {operation: "runJobFlow", without: []string{"Steps"}, answered: []named{{"ClusterId", "$.JobFlowId"}}},
	"elasticmapreduce:addStep": {
		operation: "addJobFlowSteps", requested: []named{{"JobFlowId", "$.ClusterId"}, {"Steps[]", "$.Step"}, {"ExecutionRoleArn", "$.ExecutionRoleArn"}},
		answered: []named{{"StepId", "$.StepIds[0]"}},
	},
	"elasticmapreduce:cancelStep": {
		operation: "cancelSteps", requested: []named{{"ClusterId", "$.ClusterId"}, {"StepIds[]", "$.StepId"}},
		answered: []named{{"CancelStepsInfo", "$.CancelStepsInfoList[0]"}},
	},
	"elasticmapreduce:terminateCluster": {operation: "terminateJobFlows", requested: []named{{"JobFlowIds[]", "$.ClusterId"}}},
	"elasticmapreduce:setClusterTerminationProtection": {
		operation: "setTerminationProtection", requested: []named{{"JobFlowIds[]", "$.ClusterId"}, {"TerminationProtected", "$.TerminationProtected"}},
	},
	"bedrock:invokeModel": {service: "bedrockruntime", operation: "invokeModel", answered: []named{{"Body", "$.Body"}, {"ContentType", "$.ContentType"}}},
}

// request returns the parameters of the operation. What is missing is the service's to say. A nil form changes nothing.
func (f *form) request(params jsonvalue.Value) jsonvalue.Value {
	switch {
	case f == nil || params.Kind() != jsonvalue.KindObject:
		return params
	case f.requested == nil:
		for _, name := range f.without {
			params = params.Without(name)
		}
		return params
	}
	return present(f.requested, params)
}

// response returns the result that the action has.
func (f *form) response(answer jsonvalue.Value) jsonvalue.Value {
	if f == nil || f.answered == nil {
		return answer
	}
	return present(f.answered, answer)
}

// present makes an object of what is there.
func present(names []named, from jsonvalue.Value) jsonvalue.Value {
	made := jsonvalue.Object()
	for _, n := range names {
		v, ok := at(from, n.path)
		if !ok {
			continue
		}
		made = made.With(n.member(), n.value(v))
	}
	return made
}

// member returns the name of the parameter.
func (n named) member() string { return strings.TrimSuffix(n.parameter, "[]") }

// value returns what the parameter is.
func (n named) value(v jsonvalue.Value) jsonvalue.Value {
	if n.isList() {
		return jsonvalue.Array(v)
	}
	return v
}

func (n named) isList() bool { return strings.HasSuffix(n.parameter, "[]") }

// shape returns that of the parameters of the task, of the operation's.
func (f *form) shape(of shape) shape {
	if f == nil {
		return of
	}
	return formShape{of, f}
}

// required returns which parameters of the task are required, of the operation's.
func (f *form) required(names []string) []string {
	if f == nil || f.requested == nil {
		return names
	}
	var own []string
	for _, n := range f.requested {
		if slices.Contains(names, n.member()) {
			own = append(own, strings.TrimPrefix(n.path, "$."))
		}
	}
	return own
}

// formShape are the parameters of an action that the API has in another form.
type formShape struct {
	shape
	form *form
}

func (s formShape) member(n naming, name string) shape {
	if s.form.requested == nil {
		if slices.Contains(s.form.without, name) {
			return nil
		}
		return s.shape.member(n, name)
	}
	for _, r := range s.form.requested {
		if r.path != "$."+name {
			continue
		}
		m := s.shape.member(n, r.member())
		if m != nil && r.isList() {
			return m.element()
		}
		return m
	}
	return nil
}
