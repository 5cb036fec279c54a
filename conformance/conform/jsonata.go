package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/statemill/statemill/jsonata"
	"github.com/statemill/statemill/jsonvalue"
)

// jsonataSuite runs JSONata expressions. A list of cases is run at level 2.2.2;
// an object of probes over one input at both levels.
func jsonataSuite(*flag.FlagSet) func(*report, []string) error {
	return func(r *report, paths []string) error {
		for _, path := range paths {
			if err := runJSONataPath(r, path); err != nil {
				return err
			}
		}
		return nil
	}
}

func runJSONataPath(r *report, path string) error {
	return filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".json" || entry.Name() == "datasets.json" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
			err = runJSONataCases(r, file, text)
		} else {
			err = runJSONataProbes(r, text)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return nil
	})
}

// jsonataAnswer is the outcome of an expression: one of the three.
type jsonataAnswer struct {
	Result    *jsonvalue.Value `json:"result"`
	Undefined bool             `json:"undefined"`
	Error     *struct {
		Code  string           `json:"code"`
		Token *jsonvalue.Value `json:"token"`
	} `json:"error"`
}

// UnmarshalJSON tells a null result from none. A negative zero is a zero.
func (a *jsonataAnswer) UnmarshalJSON(text []byte) error {
	type plain jsonataAnswer
	if err := json.Unmarshal(text, (*plain)(a)); err != nil {
		return err
	}
	whole, err := jsonvalue.Parse(bytes.ReplaceAll(text, []byte(`"<-0>"`), []byte("0")))
	if result, ok := whole.Get("result"); ok {
		a.Result = &result
	}
	return err
}

type jsonataCase struct {
	ID          string                     `json:"id"`
	Expr        jsonvalue.Value            `json:"expr"`
	Data        *jsonvalue.Value           `json:"data"`
	Dataset     string                     `json:"dataset"`
	Bindings    map[string]jsonvalue.Value `json:"bindings"`
	TimeLimitMs int                        `json:"timelimitMs"`
	MaxDepth    int                        `json:"maxDepth"`
	NoInput     bool                       `json:"noInput"`
	Unordered   bool                       `json:"unordered"`

	answer jsonataAnswer
}

func (c *jsonataCase) UnmarshalJSON(text []byte) error {
	type plain jsonataCase
	if err := json.Unmarshal(text, (*plain)(c)); err != nil {
		return err
	}
	return json.Unmarshal(text, &c.answer)
}

func runJSONataCases(r *report, file string, text []byte) error {
	var cases []jsonataCase
	if err := json.Unmarshal(text, &cases); err != nil {
		return err
	}
	var datasets map[string]jsonvalue.Value
	text, err := os.ReadFile(filepath.Join(filepath.Dir(file), "datasets.json"))
	if err == nil {
		err = json.Unmarshal(text, &datasets)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for i := range cases {
		c := &cases[i]
		if c.answer.Error != nil && c.answer.Error.Code == "" {
			r.skip(c.ID, "the expected error has no code")
			continue
		}
		if difference := c.run(datasets); difference != "" {
			r.fail(c.ID, difference)
		} else {
			r.pass(c.ID)
		}
	}
	return nil
}

// run evaluates a case. One that is limited in time is limited in steps here.
func (c *jsonataCase) run(datasets map[string]jsonvalue.Value) string {
	env := jsonataEnv()
	env.Limits.Sequence = 10_000_000
	if c.MaxDepth > 0 {
		env.Limits.Depth = c.MaxDepth
	} else {
		env.Limits.Depth = -1
	}
	if len(c.Bindings) > 0 {
		env.Variables = jsonata.Vars(c.Bindings)
	}
	env.NoInput = c.NoInput
	if c.Data != nil {
		env.Input = *c.Data
	} else if c.Dataset != "" {
		data, ok := datasets[c.Dataset]
		if !ok {
			return "there is no dataset " + c.Dataset
		}
		env.Input = data
	}
	expr, _ := c.Expr.AsString()
	return c.answer.check(jsonata.Config{}, expr, env, c.Unordered)
}

func jsonataEnv() jsonata.Env {
	return jsonata.Env{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Random: rand.NewPCG(1, 2)}
}

// check evaluates an expression and returns the difference to the answer, or "".
func (a *jsonataAnswer) check(config jsonata.Config, text string, env jsonata.Env, unordered bool) string {
	var got jsonvalue.Value
	expr, err := config.Compile(text)
	if err == nil {
		got, err = expr.EvalWith(env)
	}
	var failure *jsonata.Error
	undefined := errors.Is(err, jsonata.ErrUndefined)
	switch {
	case err != nil && !undefined && !errors.As(err, &failure):
		return fmt.Sprintf("an error of an unknown kind: %v", err)
	case a.Error != nil:
		return a.checkError(got, failure)
	case a.isNoJSON():
		if !errors.Is(err, jsonata.ErrResult) {
			return fmt.Sprintf("want %s, got %s (%v)", a, got, err)
		}
	case failure != nil:
		return fmt.Sprintf("want %s, got error %s %s", a, failure.Code, failure.Message)
	case undefined != (a.Result == nil):
		return fmt.Sprintf("want %s, got %s", a, describeJSONata(got, undefined))
	case !undefined && !sameJSONata(got, *a.Result, unordered):
		return fmt.Sprintf("want %s, got %s", a, got)
	}
	return ""
}

// isNoJSON reports whether the result has a part that JSON cannot say, which is
// written as <NaN>, <Infinity> or <function>.
func (a *jsonataAnswer) isNoJSON() bool {
	for _, word := range []string{"NaN", "Infinity", "-Infinity", "function"} {
		if a.Result != nil && strings.Contains(a.Result.String(), `"<`+word+`>"`) {
			return true
		}
	}
	return false
}

// checkError compares codes, and tokens where one is given. A limit has no code.
func (a *jsonataAnswer) checkError(got jsonvalue.Value, failure *jsonata.Error) string {
	if failure == nil {
		return fmt.Sprintf("want error %s, got %s", a.Error.Code, got)
	}
	code := failure.Code
	if code == "" && errors.Is(failure, jsonata.ErrLimit) {
		code = "U1001"
	}
	if code != a.Error.Code {
		return fmt.Sprintf("want error %s, got %s %s", a.Error.Code, failure.Code, failure.Message)
	}
	if a.Error.Token == nil {
		return ""
	}
	token, ok := a.Error.Token.AsString()
	if !ok {
		token = a.Error.Token.String()
	}
	if token != failure.Token {
		return fmt.Sprintf("want error %s about %q, got %q", a.Error.Code, token, failure.Token)
	}
	return ""
}

func (a *jsonataAnswer) String() string {
	if a.Result == nil {
		return "nothing"
	}
	return a.Result.String()
}

func describeJSONata(v jsonvalue.Value, undefined bool) string {
	if undefined {
		return "nothing"
	}
	return v.String()
}

// sameJSONata compares results; with unordered, the members of an array in any
// order.
func sameJSONata(got, want jsonvalue.Value, unordered bool) bool {
	if !unordered || got.Kind() != jsonvalue.KindArray || want.Kind() != jsonvalue.KindArray {
		return got.Equal(want)
	}
	return slices.Equal(sortedTexts(got), sortedTexts(want))
}

func sortedTexts(v jsonvalue.Value) []string {
	var texts []string
	for _, element := range v.Elements() {
		texts = append(texts, element.String())
	}
	slices.Sort(texts)
	return texts
}

// jsonataProbe is an expression over the common input. V206 is the answer
// of 2.0.6, where it differs.
type jsonataProbe struct {
	ID   string          `json:"id"`
	Expr jsonvalue.Value `json:"expr"`
	V206 *jsonataAnswer  `json:"v206"`

	answer jsonataAnswer
}

func (p *jsonataProbe) UnmarshalJSON(text []byte) error {
	type plain jsonataProbe
	if err := json.Unmarshal(text, (*plain)(p)); err != nil {
		return err
	}
	return json.Unmarshal(text, &p.answer)
}

func runJSONataProbes(r *report, text []byte) error {
	var file struct {
		Input  jsonvalue.Value `json:"input"`
		Probes []jsonataProbe  `json:"probes"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return err
	}
	for i := range file.Probes {
		p := &file.Probes[i]
		id := p.ID
		if id == "" {
			id = fmt.Sprintf("probes#%d", i)
		}
		p.run(r, id, jsonata.V2_2, &p.answer, file.Input)
		older := p.V206
		if older == nil {
			older = &p.answer
		}
		p.run(r, id+"@2.0.6", jsonata.V2_0, older, file.Input)
	}
	return nil
}

func (p *jsonataProbe) run(r *report, id string, dialect jsonata.Dialect, answer *jsonataAnswer, input jsonvalue.Value) {
	if answer.Error != nil && answer.Error.Code == "" {
		r.skip(id, "the expected error has no code")
		return
	}
	env := jsonataEnv()
	env.Input = input
	expr, _ := p.Expr.AsString()
	if difference := answer.check(jsonata.Config{Dialect: dialect}, expr, env, false); difference != "" {
		r.fail(id, strings.TrimSpace(expr)+": "+difference)
	} else {
		r.pass(id)
	}
}
