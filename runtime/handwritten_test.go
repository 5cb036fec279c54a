package runtime_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// handwritten are the workloads as a Go programmer would write them for one
// purpose: no interpreter, no checks, map[string]any and encoding/json.
var handwritten = map[string]func(in []byte) []byte{
	"pass-chain-10":         handEcho,
	"pass-chain-100":        handEcho,
	"task-chain-1":          handEcho,
	"task-chain-10":         handEcho,
	"choice-loop-1000":      handLoop,
	"choice-loop-1000-task": handLoop,
	"choice-chain-100":      handChoices,
	"params-chain-10":       handParameters,
	"retry-catch":           handRetry,
	"parallel-10":           handParallel,
	"map-1000-plain":        handMapPlain,
	"map-1000":              handMap,
	"data-heavy":            handHeavy,
	"data-heavy-nofilter":   handHeavyPlain,
	"jsonata-order":         handExpressions,
	"order-workflow":        handOrder,
}

type object = map[string]any

func decode(in []byte) object {
	var o object
	if err := json.Unmarshal(in, &o); err != nil {
		panic(err)
	}
	return o
}

func encode(x any) []byte {
	out, err := json.Marshal(x)
	if err != nil {
		panic(err)
	}
	return out
}

func copied(o object) object {
	c := make(object, len(o)+1)
	for name, v := range o {
		c[name] = v
	}
	return c
}

func handEcho(in []byte) []byte { return encode(decode(in)) }

func handLoop(in []byte) []byte {
	o := decode(in)
	for o["i"].(float64) < o["n"].(float64) {
		o = object{"i": o["i"].(float64) + 1, "n": o["n"]}
	}
	return encode(o)
}

func handChoices(in []byte) []byte {
	o := decode(in)
	for range 100 {
		if o["n"].(float64) > 50 || o["customer"].(object)["name"] != "Ada" {
			panic("Bad")
		}
	}
	return encode(o)
}

func handParameters(in []byte) []byte {
	o := decode(in)
	for k := range 10 {
		customer := o["customer"].(object)
		o = copied(o)
		o[fmt.Sprint("r", k)] = object{"name": customer["name"], "tier": customer["tier"], "k": k}
	}
	return encode(o)
}

func handRetry(in []byte) []byte {
	o := decode(in)
	for range 2 { // two failures, then success
		_ = errTransient
	}
	o = copied(o)
	o["error"] = object{"Error": errCustom.Name, "Cause": errCustom.Cause}
	o = copied(o)
	o["recovery"] = object{"recovered": true}
	return encode(o)
}

func handParallel(in []byte) []byte {
	o := decode(in)
	results := make([]any, 10)
	for i := range results {
		results[i] = o
	}
	return encode(results)
}

func handMapPlain(in []byte) []byte {
	items := decode(in)["items"].([]any)
	out := make([]any, len(items))
	for i, item := range items {
		o := item.(object)
		out[i] = object{"id": o["id"], "price": o["price"]}
	}
	return encode(out)
}

func handMap(in []byte) []byte {
	o := decode(in)
	items := o["items"].([]any)
	out := make([]any, len(items))
	for i, item := range items {
		selected := object{"index": i, "item": item, "tenant": o["tenant"]}
		of := selected["item"].(object)
		out[i] = object{"id": of["id"], "pos": selected["index"], "tenant": selected["tenant"], "price": of["price"]}
	}
	return encode(out)
}

// handHeavy is one projection of a large document after another.
func handHeavy(in []byte) []byte {
	o := decode(in)
	orders := o["orders"].([]any)
	var big, ids, bigIDs []any
	for _, x := range orders {
		order := x.(object)
		ids = append(ids, order["id"])
		if order["total"].(float64) > 900 {
			big, bigIDs = append(big, order), append(bigIDs, order["id"])
		}
	}
	return heavy(o, object{"big": big}, ids, any(bigIDs), len(orders))
}

func handHeavyPlain(in []byte) []byte {
	o := decode(in)
	orders := o["orders"].([]any)
	first := orders[0].(object)["id"]
	return heavy(o, object{"big": orders}, first, first, string(encode(o["meta"])))
}

func heavy(in, filtered object, ids, filteredIDs, count any) []byte {
	o := object{"meta": in["meta"], "orders": in["orders"], "stage": "entered"}
	o = copied(o)
	o["filtered"] = filtered
	o = copied(o)
	o["ids"] = object{"ids": ids}
	o = copied(o)
	orders := o["orders"].([]any)
	o["slice"] = object{"first": orders[0]}
	o = copied(o)
	customer := orders[0].(object)["customer"].(object)
	o["customer"] = customer
	o = object{"meta": o["meta"], "orders": o["orders"], "filtered": o["filtered"], "ids": o["ids"].(object)["ids"]}
	o["nested"] = object{"deep": object{"a": object{"b": object{"city": customer["city"]}}}}
	o = copied(o)
	o["count"] = object{"n": count}
	o = copied(o)
	o["stamp"] = object{"done": true}
	return encode(object{
		"count": count, "filtered": filteredIDs, "city": customer["city"],
		"orders": o["orders"], "ids": o["ids"], "stamp": true,
	})
}

func handExpressions(in []byte) []byte {
	o := decode(in)
	lines := o["lines"].([]any)
	var subtotal, taxable float64
	for _, x := range lines {
		l := x.(object)
		amount := l["qty"].(float64) * l["price"].(float64)
		subtotal += amount
		if l["taxed"].(bool) {
			taxable += amount
		}
	}
	customer := o["customer"].(object)
	if subtotal > 100000 || customer["tier"] != "gold" || len(lines) <= 10 {
		panic("Rejected")
	}
	round := func(f float64) float64 { return math.Round(f*100) / 100 }
	total := round(subtotal*(1-0.1) + taxable*0.2)
	priced := make([]any, len(lines))
	skus := make([]string, len(lines))
	for i, x := range lines {
		l := x.(object)
		skus[i] = l["sku"].(string)
		priced[i] = object{"sku": l["sku"], "amount": round(l["qty"].(float64) * l["price"].(float64))}
	}
	label := strings.ToUpper(customer["name"].(string)) + ", " + customer["address"].(object)["city"].(string)
	return encode(object{"orderId": o["orderId"], "total": total, "label": label, "lines": priced, "skus": strings.Join(skus, ",")})
}

func handOrder(in []byte) []byte {
	o := decode(in)
	customer := o["customer"].(object)
	o["validation"] = object{"valid": true, "orderId": o["orderId"]}
	if o["validation"].(object)["valid"] != true || customer["tier"] != "gold" {
		panic("Rejected")
	}
	o["prepared"] = []any{object{"reserved": true, "orderId": o["orderId"]}, object{"score": 7, "customer": customer["id"]}}
	lines := o["lines"].([]any)
	priced := make([]any, len(lines))
	for i, x := range lines {
		l := x.(object)
		priced[i] = object{"sku": l["sku"], "pos": i, "amount": l["qty"].(float64) * l["price"].(float64), "currency": o["currency"]}
	}
	o["priced"] = priced
	o["payment"] = object{"id": "pay-1", "count": len(priced)} // at the second attempt
	o["error"] = object{"Error": errStock.Name, "Cause": errStock.Cause}
	o["refund"] = object{"refunded": true}
	return encode(object{
		"orderId": o["orderId"], "payment": o["payment"], "refund": o["refund"], "error": o["error"].(object)["Error"],
		"lines": o["priced"], "message": fmt.Sprintf("order %v for %v", o["orderId"], customer["name"]),
	})
}
