package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/statemill/statemill/asl"
	"github.com/statemill/statemill/jsonvalue"
	"github.com/statemill/statemill/runtime"
)

// workload reads one. Its retries do not wait.
func (s *settings) workload(name string) (*workload, error) {
	definition, input := []byte(`{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "echo", "End": true}}}`), []byte(`{"orderId": "A-1"}`)
	if name == order {
		var err error
		if definition, err = os.ReadFile(filepath.Join(s.workloads, "order-workflow.asl.json")); err != nil {
			return nil, err
		}
		if input, err = os.ReadFile(filepath.Join(s.workloads, "order-workflow.input.json")); err != nil {
			return nil, err
		}
		definition = bytes.ReplaceAll(definition, []byte(`"IntervalSeconds": 1`), []byte(`"IntervalSeconds": 0`))
	}
	machine, err := asl.Parse(definition)
	if err != nil {
		return nil, err
	}
	program, err := runtime.Compile(machine)
	if err != nil {
		return nil, err
	}
	value, err := jsonvalue.Parse(input)
	return &workload{program, value, runtime.InvokerFunc(perform)}, err
}

// perform does the tasks of all workloads.
func perform(_ context.Context, task *runtime.Task) (jsonvalue.Value, error) {
	in := task.Input
	switch task.Resource[strings.LastIndexByte(task.Resource, ':')+1:] {
	case "validate":
		return object("valid", jsonvalue.Bool(true), "orderId", get(in, "orderId")), nil
	case "reserve":
		return object("reserved", jsonvalue.Bool(true), "orderId", get(in, "orderId")), nil
	case "fraud":
		return object("score", jsonvalue.Int(7), "customer", get(in, "id")), nil
	case "price":
		count, _ := get(in, "line", "qty").AsFloat64()
		price, _ := get(in, "line", "price").AsFloat64()
		amount, err := jsonvalue.Float(count * price)
		return object("sku", get(in, "line", "sku"), "pos", get(in, "pos"), "amount", amount, "currency", get(in, "currency")), err
	case "charge":
		if task.RetryCount == 0 {
			return jsonvalue.Value{}, &runtime.TaskError{Name: "Transient"}
		}
		return object("id", jsonvalue.String("pay-1"), "count", jsonvalue.Int(int64(get(in, "lines").Len()))), nil
	case "ship":
		return jsonvalue.Value{}, &runtime.TaskError{Name: "OutOfStock", Cause: "boom"}
	}
	return in, nil
}

func get(v jsonvalue.Value, names ...string) jsonvalue.Value {
	for _, name := range names {
		v, _ = v.Get(name)
	}
	return v
}

// object makes an object of names and values in turn.
func object(parts ...any) jsonvalue.Value {
	members := make([]jsonvalue.Member, 0, len(parts)/2)
	for i := 0; i < len(parts); i += 2 {
		members = append(members, jsonvalue.Member{Name: parts[i].(string), Value: parts[i+1].(jsonvalue.Value)})
	}
	return jsonvalue.Object(members...)
}
