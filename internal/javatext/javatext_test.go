package javatext

import (
	"testing"

	"github.com/statemill/statemill/jsonvalue"
)

func TestString(t *testing.T) {
	for text, want := range map[string]string{
		`null`:                             `null`,
		`"a \"quoted\" text"`:              `a "quoted" text`,
		`[]`:                               `[]`,
		`{}`:                               `{}`,
		`[1, 0.0, true, null, "x"]`:        `[1, 0.0, true, null, x]`,
		`{"b": 1, "c": {"d": []}, "e":""}`: `{b=1, c={d=[]}, e=}`,
	} {
		if got := String(jsonvalue.MustParse(text)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
