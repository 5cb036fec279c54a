package source

import (
	"maps"
	"regexp"
	"strings"
)

// filled is what a template says of the names that it fills in.
type filled struct {
	functions  []string          // logical ids
	machines   []string          // likewise
	parameters map[string]string // their defaults
	given      map[string]string // DefinitionSubstitutions, with ${NAME} for what is filled in in turn
}

// calledHere finds a placeholder that is all that names a function.
var calledHere = regexp.MustCompile(`"(?:Resource|FunctionName)"\s*:\s*"\$\{([A-Za-z_][A-Za-z0-9_.:]*)\}"`)

// Where a definition has no account, region and stack of its own, these are in what a template
// fills in.
const (
	accountHere = "000000000000"
	regionHere  = "us-east-1"
	stackHere   = "local"
)

// Here returns the definition with all names filled in that Values knows of an execution in this
// process, or that are set: what is set goes first.
func (d *Definition) Here(set map[string]string) *Definition {
	values := d.Values(accountHere, regionHere)
	maps.Copy(values, set)
	return d.Substituted(values)
}

// Values returns what is filled in where the resources of a template are served by this
// program: functions and state machines have ARNs of an account and a region, with their
// logical ids as names. A name that stands alone for a task or a function is that of a function.
func (d *Definition) Values(account, region string) map[string]string {
	arn := func(service, kind, name string) string {
		return "arn:aws:" + service + ":" + region + ":" + account + ":" + kind + ":" + name
	}
	values := make(map[string]string)
	for name, value := range map[string]string{
		"Region": region, "AccountId": account, "Partition": "aws", "URLSuffix": "amazonaws.com",
		"StackName": stackHere, "StackId": arn("cloudformation", "stack", stackHere),
	} {
		values["AWS."+name], values["AWS::"+name] = value, value
	}
	for name, value := range d.filled.parameters {
		values[name] = value
	}
	for _, id := range d.filled.functions {
		values[id], values[id+".Arn"] = id, arn("lambda", "function", id)
	}
	for _, id := range d.filled.machines {
		values[id], values[id+".Arn"], values[id+".Name"] = arn("states", "stateMachine", id), arn("states", "stateMachine", id), id
	}
	given := make(map[string]string)
	for name, value := range d.filled.given {
		text := replaced(value, values)
		if !placeholder.MatchString(text) {
			given[name] = text
		}
	}
	for name, value := range given {
		values[name] = value
	}
	for _, m := range calledHere.FindAllSubmatch(d.JSON, -1) {
		name := string(m[1])
		if _, known := values[name]; !known {
			values[name] = arn("lambda", "function", strings.TrimSuffix(name, ".Arn"))
		}
	}
	return values
}

// replaced fills in the names in a text that are known.
func replaced(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		if value, known := values[strings.Trim(found, `"${}`)]; known {
			return value
		}
		return found
	})
}

// says notes what the resources and parameters of a template say.
func (f *filled) says(root *node) {
	if resources := root.get("Resources"); resources != nil {
		for _, r := range resources.members {
			switch kind, _ := r.value.get("Type").str(); kind {
			case "AWS::Serverless::Function", "AWS::Lambda::Function":
				f.functions = append(f.functions, r.name)
			case "AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine":
				f.machines = append(f.machines, r.name)
			}
		}
	}
	f.parameters = make(map[string]string)
	if parameters := root.get("Parameters"); parameters != nil {
		for _, p := range parameters.members {
			if text, ok := p.value.get("Default").str(); ok {
				f.parameters[p.name] = text
			}
		}
	}
}

// gives returns the template's values with the substitutions of one state machine.
func (f filled) gives(substitutions *node) filled {
	f.given = make(map[string]string)
	if substitutions == nil {
		return f
	}
	for _, m := range substitutions.members {
		if text, ok := m.value.str(); ok {
			f.given[m.name] = text
		} else if text := reference(m.value); text != "" {
			f.given[m.name] = text
		}
	}
	return f
}
