package suite

import (
	"fmt"
	"os"

	"github.com/statemill/statemill/internal/mocking"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// Identity reads the names of an execution in the form of the Context Object:
//
//	{"Execution": {"Id": "...", "Name": "...", "RoleArn": "..."}, "StateMachine": {"Id": "...", "Name": "..."}}
//
// All else in the Context Object follows from the execution.
func Identity(where string, v jsonvalue.Value) (runtime.Identity, error) {
	var id runtime.Identity
	if err := known(where, v, identityKeys...); err != nil {
		return id, err
	}
	parts := map[string]map[string]*string{
		"Execution":    {"Id": &id.Execution, "Name": &id.ExecutionName, "RoleArn": &id.RoleARN},
		"StateMachine": {"Id": &id.StateMachine, "Name": &id.StateMachineName},
	}
	for part, members := range v.Members() {
		names := parts[part]
		if members.Kind() != jsonvalue.KindObject {
			return id, fmt.Errorf("%s.%s: expected an object, found %s", where, part, mocking.Short(members))
		}
		for name, value := range members.Members() {
			text, isText := value.AsString()
			switch {
			case names[name] == nil:
				return id, fmt.Errorf("%s.%s.%s: only Id, Name and, of an Execution, RoleArn can be given: the rest follows from the execution", where, part, name)
			case !isText:
				return id, fmt.Errorf("%s.%s.%s: expected a text, found %s", where, part, name, mocking.Short(value))
			}
			*names[name] = text
		}
	}
	return id, nil
}

// readLimits reads the limits of each execution; those below 0 are none.
func (r *reader) readLimits(v jsonvalue.Value) error {
	if v.IsNull() {
		return nil
	}
	if err := known("limits", v, limitKeys...); err != nil {
		return err
	}
	l := &r.limits
	for i, limit := range []*int{&l.Payload, &l.Variables, &l.History, &l.Iterations, &l.Children, &l.InFlight, &l.Seconds} {
		value := member(v, limitKeys[i])
		if value.IsNull() {
			continue
		}
		n, ok := value.AsInt64()
		if !ok {
			return fmt.Errorf("limits.%s: expected a whole number, found %s", limitKeys[i], mocking.Short(value))
		}
		*limit = int(n)
	}
	return nil
}

// readBuckets reads the folder that has objects for distributed Map states.
func (r *reader) readBuckets(v jsonvalue.Value) error {
	if v.IsNull() {
		return nil
	}
	folder, ok := v.AsString()
	if !ok {
		return fmt.Errorf("buckets: expected the name of a folder, found %s", mocking.Short(v))
	}
	r.buckets = r.beside(folder)
	info, err := os.Stat(r.buckets)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", r.buckets)
	}
	if err != nil {
		return fmt.Errorf("buckets: %w", err)
	}
	return nil
}

// readContracts reads the JSON Schemas that inputs and results of tasks keep to.
func (r *reader) readContracts(v jsonvalue.Value) error {
	if v.IsNull() {
		return nil
	}
	if v.Kind() != jsonvalue.KindObject {
		return fmt.Errorf("contracts: expected schemas by pattern, found %s", mocking.Short(v))
	}
	for pattern, files := range v.Members() {
		where := "contracts." + pattern
		if err := known(where, files, contractKeys...); err != nil {
			return err
		}
		c := &mocking.Contract{Pattern: resource(pattern), At: r.places.at(where)}
		var err error
		for name, file := range files.Members() {
			text, ok := file.AsString()
			if !ok {
				return fmt.Errorf("%s.%s: expected the name of a file, found %s", where, name, mocking.Short(file))
			}
			schema := &c.Input
			if name == "output" {
				schema = &c.Output
			}
			if *schema, err = mocking.ReadSchema(r.beside(text)); err != nil {
				return fmt.Errorf("%s.%s: %w", where, name, err)
			}
		}
		r.contracts = append(r.contracts, c)
	}
	return nil
}
