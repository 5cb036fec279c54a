package awstest

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/statemill/statemill/jsonvalue"
)

// table is one of DynamoDB with a partition key.
type table struct {
	key   string
	items []jsonvalue.Value
}

// find returns the place of the item that has the key of another one; -1: there is none.
func (t *table) find(like jsonvalue.Value) int {
	want, _ := like.Get(t.key)
	for i, item := range t.items {
		if has, ok := item.Get(t.key); ok && has.Equal(want) {
			return i
		}
	}
	return -1
}

var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// table returns the table of a request that has a member; the request is refused if either is not there.
func (w *world) table(a *answer, required string) *table {
	const one = "1 validation error detected: "
	name := a.text("TableName")
	if v, _ := a.body.Get(required); required != "" && v.IsNull() {
		a.refuse("com.amazon.coral.validate#ValidationException", one+"Value null at '"+strings.ToLower(required[:1])+required[1:]+"' failed to satisfy constraint: Member must not be null")
		return nil
	}
	if !tableName.MatchString(name) {
		a.refuse("com.amazon.coral.validate#ValidationException", one+"Value '"+name+"' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
		return nil
	}
	t := w.tables[name]
	if t == nil {
		a.refuse("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "Requested resource not found")
	}
	return t
}

func (w *world) putItem(a *answer) {
	t := w.table(a, "Item")
	if t == nil {
		return
	}
	item, _ := a.body.Get("Item")
	if i := t.find(item); i >= 0 {
		t.items[i] = item
	} else {
		t.items = append(t.items, item)
	}
	a.fromTables("{}")
}

func (w *world) getItem(a *answer) {
	t := w.table(a, "Key")
	if t == nil {
		return
	}
	key, _ := a.body.Get("Key")
	body := "{}"
	if i := t.find(key); i >= 0 {
		body = `{"Item":` + t.items[i].String() + `}`
	}
	a.fromTables(body)
}

func (w *world) deleteItem(a *answer) {
	t := w.table(a, "Key")
	if t == nil {
		return
	}
	key, _ := a.body.Get("Key")
	if i := t.find(key); i >= 0 {
		t.items = append(t.items[:i:i], t.items[i+1:]...)
	}
	a.fromTables("{}")
}

// assignment is what the expressions have that are understood here: "set a = :b, c = :d" and "a = :b".
var assignment = regexp.MustCompile(`([#\w]+)\s*=\s*(:\w+)`)

// assigned calls each with the assignments of an expression.
func assigned(a *answer, expression string, each func(name string, value jsonvalue.Value)) {
	values, _ := a.body.Get("ExpressionAttributeValues")
	names, _ := a.body.Get("ExpressionAttributeNames")
	for _, part := range assignment.FindAllStringSubmatch(a.text(expression), -1) {
		name := part[1]
		if alias, ok := names.Get(name); ok {
			name, _ = alias.AsString()
		}
		value, _ := values.Get(part[2])
		each(name, value)
	}
}

func (w *world) updateItem(a *answer) {
	t := w.table(a, "Key")
	if t == nil {
		return
	}
	item, _ := a.body.Get("Key")
	at := t.find(item)
	if at >= 0 {
		item = t.items[at]
	} else {
		at, t.items = len(t.items), append(t.items, item)
	}
	updated := jsonvalue.Object()
	assigned(a, "UpdateExpression", func(name string, value jsonvalue.Value) {
		item, updated = item.With(name, value), updated.With(name, value)
	})
	t.items[at] = item
	switch a.text("ReturnValues") {
	case "UPDATED_NEW":
		a.fromTables(`{"Attributes":` + updated.String() + `}`)
	case "ALL_NEW":
		a.fromTables(`{"Attributes":` + item.String() + `}`)
	default:
		a.fromTables("{}")
	}
}

func (w *world) query(a *answer) {
	t := w.table(a, "")
	if t == nil {
		return
	}
	var found []jsonvalue.Value
	for _, item := range t.items {
		all := true
		assigned(a, "KeyConditionExpression", func(name string, value jsonvalue.Value) {
			has, _ := item.Get(name)
			all = all && has.Equal(value)
		})
		if all {
			found = append(found, item)
		}
	}
	n := jsonvalue.Int(int64(len(found))).String()
	a.fromTables(`{"Count":` + n + `,"Items":` + jsonvalue.Array(found...).String() + `,"ScannedCount":` + n + `}`)
}

// listSecrets stands in for a Secrets Manager that has none.
func (w *world) listSecrets(a *answer) { a.json(http.StatusOK, `{"SecretList":[]}`) }

// createSecret stands in for Secrets Manager.
func (w *world) createSecret(a *answer) {
	name := a.text("Name")
	if !regexp.MustCompile(`^[\w/+=.@!-]+$`).MatchString(name) {
		a.refuse("ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
		return
	}
	a.json(http.StatusOK, `{"ARN":"arn:aws:secretsmanager:us-east-1:111111111111:secret:`+name+`-abcdef","Name":"`+name+`","VersionId":"`+w.newID()+`"}`)
}
