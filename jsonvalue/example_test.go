package jsonvalue_test

import (
	"fmt"

	"github.com/statemill/statemill/jsonvalue"
)

func Example() {
	v, err := jsonvalue.Parse([]byte(`{"b": 0.0, "a": 12345678901234567890}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v)

	w := v.With("b", jsonvalue.Int(1))
	fmt.Println(w)
	fmt.Println(v) // v has not changed

	// Output:
	// {"b":0.0,"a":12345678901234567890}
	// {"b":1,"a":12345678901234567890}
	// {"b":0.0,"a":12345678901234567890}
}

func ExampleOf() {
	type line struct {
		SKU string `json:"sku"`
		Qty int    `json:"qty"`
	}
	v, err := jsonvalue.Of([]line{{"A-1", 2}})
	fmt.Println(v, err)

	var lines []line
	err = v.Decode(&lines)
	fmt.Println(lines, err)

	// Output:
	// [{"sku":"A-1","qty":2}] <nil>
	// [{A-1 2}] <nil>
}
