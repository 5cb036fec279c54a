package jsonpath_test

import (
	"errors"
	"fmt"

	"github.com/statemill/statemill/jsonpath"
	"github.com/statemill/statemill/jsonvalue"
)

// Evaluate a JSONPath on its own: parse once, use from any goroutine.
func Example() {
	big := jsonpath.MustParse("$.orders[?(@.total > 100)].id")
	doc := jsonvalue.MustParse(`{"orders": [{"id": "a", "total": 40}, {"id": "b", "total": 250}]}`)

	found, err := big.Get(doc)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(found)

	var ids []string
	err = found.Decode(&ids)
	fmt.Println(ids, err)
	// Output:
	// ["b"]
	// [b] <nil>
}

// The ways of not finding something are told apart.
func ExampleError() {
	doc := jsonvalue.MustParse(`{"order": {"id": 7}}`)
	for _, text := range []string{"$.order.total", "$.ordre.id", "$.order.id.x", "$.order[0]"} {
		_, err := jsonpath.MustParse(text).Get(doc)
		switch {
		case errors.Is(err, jsonpath.ErrNoLeaf):
			fmt.Println("no leaf:  ", err)
		case errors.Is(err, jsonpath.ErrNoParent):
			fmt.Println("no parent:", err)
		case errors.Is(err, jsonpath.ErrType):
			fmt.Println("type:     ", err)
		}
	}
	// Output:
	// no leaf:   No results for path: $['order']['total']
	// no parent: Missing property in path $['ordre']
	// type:      Property ['x'] not found in path $['order']['id']
	// type:      Filter: [0] can only be applied to arrays. Current context is: {id=7}
}

// A path may start at the Context Object or at a variable; whoever evaluates
// it passes the value that Root asks for.
func ExamplePath_Root() {
	roots := map[string]jsonvalue.Value{
		"$":     jsonvalue.MustParse(`{"name": "input"}`),
		"$$":    jsonvalue.MustParse(`{"Execution": {"Name": "run-1"}}`),
		"$user": jsonvalue.MustParse(`{"name": "Ada"}`),
	}
	for _, text := range []string{"$.name", "$$.Execution.Name", "$user.name"} {
		path := jsonpath.MustParse(text)
		v, err := path.Get(roots[path.Root()])
		fmt.Println(v, err)
	}
	// Output:
	// "input" <nil>
	// "run-1" <nil>
	// "Ada" <nil>
}

func ExampleReference_Set() {
	ref, err := jsonpath.ParseReference("$.order.status")
	if err != nil {
		fmt.Println(err)
		return
	}
	doc := jsonvalue.MustParse(`{"id": 7}`)
	out, err := ref.Set(doc, jsonvalue.String("paid"))
	fmt.Println(out, err)
	// Output: {"id":7,"order":{"status":"paid"}} <nil>
}
