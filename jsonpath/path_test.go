package jsonpath

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/statemill/statemill/jsonvalue"
)

func TestRoot(t *testing.T) {
	for text, want := range map[string]string{
		"$": "$", "$.a": "$", "a.b": "$", "@.a": "$", "$[0]": "$", "$..a": "$",
		"$$": "$$", "$$.a": "$$", "$$['a']": "$$", "$$..a": "$$",
		"$x": "$x", "$x.a": "$x", "$größe[0]": "$größe", "$a_1": "$a_1", " $x ": "$x",
	} {
		path, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if path.Root() != want {
			t.Errorf("%s: root %s, want %s", text, path.Root(), want)
		} else if path.String() != text {
			t.Errorf("%s: String is %s", text, path)
		}
	}
}

// A name that is no UTF-8 finds what writing it makes.
func TestBrokenNames(t *testing.T) {
	for _, text := range []string{"$.a\xff", "$['a\xff']"} {
		ref, err := ParseReference(text)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ref.Set(jsonvalue.Object(), jsonvalue.Int(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ref.Path().Get(v); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestVariableNames(t *testing.T) {
	for _, text := range []string{"$_x", "$1", "$a-b", "$a b", "$" + strings.Repeat("x", 81)} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s: accepted", text)
		}
	}
}

func TestReasons(t *testing.T) {
	doc := jsonvalue.MustParse(`{"a": {"n": null}, "list": [1], "text": [{"v": 1}]}`)
	for text, want := range map[string]error{
		"$.b":                    ErrNoLeaf,
		"$.a.b":                  ErrNoLeaf,
		"$.b.c":                  ErrNoParent,
		"$.list[1]":              ErrNoIndex,
		"$.list.x":               ErrType,
		"$.a[0]":                 ErrType,
		"$.a.n[0]":               ErrType,
		"$.text[?(@.v == abc)]":  ErrType,
		"$.list[?(@.v)][0]":      nil,
		"$['a','b'].c":           ErrType,
		"$.list[0][?(@.v == 1)]": ErrType,
	} {
		_, err := MustParse(text).Get(doc)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Path != text) {
			t.Errorf("%s: error is %#v", text, err)
		}
	}
}

func TestMustParsePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MustParse("$.")
}

func TestGetDoesNotAllocate(t *testing.T) {
	doc := jsonvalue.MustParse(`{"a": {"b": [{"c": 1}]}}`)
	path := MustParse("$.a.b[0].c")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := path.Get(doc); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Paths and documents that would take for ever, or all memory, end early.
func TestLimits(t *testing.T) {
	deep := jsonvalue.MustParse(strings.Repeat(`{"a":[`, 450) + strings.Repeat(`]}`, 450))
	for text, doc := range map[string]jsonvalue.Value{
		"$" + strings.Repeat("..*", 400):                                deep,
		"$" + strings.Repeat("..[?(@)]", 8):                             deep,
		"$" + strings.Repeat("[0,0,0,0,0,0,0,0,0,0]", 30):               nest(31),
		"$..[?(" + strings.Repeat("@.a == 1 || ", 200) + "@)]..*..*..*": deep,
	} {
		if _, err := MustParse(text).Get(doc); !errors.Is(err, ErrLimit) {
			t.Errorf("%.40s: %v, want ErrLimit", text, err)
		}
	}
}

func nest(depth int) jsonvalue.Value {
	v := jsonvalue.Int(1)
	for range depth {
		v = jsonvalue.Array(v)
	}
	return v
}

// The limit of results holds also where no search is needed.
func TestResultLimit(t *testing.T) {
	list := make([]jsonvalue.Value, maxResults+1)
	list[0] = jsonvalue.MustParse(`{"a": 1}`)
	most, tooMany := jsonvalue.Array(list[:maxResults]...), jsonvalue.Array(list...)
	if v, err := MustParse("$[*]").Get(most); err != nil || v.Len() != maxResults {
		t.Errorf("got %d values, %v", v.Len(), err)
	}
	if _, err := MustParse("$[*]").Get(tooMany); !errors.Is(err, ErrLimit) {
		t.Errorf("got %v, want ErrLimit", err)
	}
	if v, err := MustParse("$[*].a").Get(tooMany); err != nil || v.String() != "[1]" {
		t.Errorf("got %v, %v", v, err)
	}
}

func TestScanDepth(t *testing.T) {
	if _, err := MustParse("$..a").Get(nest(maxDepth + 2)); !errors.Is(err, ErrLimit) {
		t.Errorf("got %v", err)
	}
}

func TestStepLimit(t *testing.T) {
	if _, err := Parse("$" + strings.Repeat(".a", maxSteps)); err != nil {
		t.Error(err)
	}
	var syntax *SyntaxError
	if _, err := Parse("$" + strings.Repeat(".a", maxSteps+1)); !errors.As(err, &syntax) || syntax.Offset != 1+2*maxSteps {
		t.Errorf("got %v", err)
	}
}

// Java compares UTF-16 code units.
func TestStringOrder(t *testing.T) {
	ordered := []string{"", "A", "a", "ab", "é", "\ud7ff", "😀", "\ue000", "\uffff"}
	for i, a := range ordered {
		for j, b := range ordered {
			got := compareStrings(jsonvalue.String(a), jsonvalue.String(b))
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%q and %q: %d", a, b, got)
			}
		}
	}
}

func TestDecimal(t *testing.T) {
	ordered := []string{"-1e400", "-100", "-99.5", "-1e-400", "0", "1e-400", "0.1", "0.10000000000000001", "1", "9007199254740992", "9007199254740993", "1e400", "1.1e400"}
	for i, a := range ordered {
		for j, b := range ordered {
			x, _ := parseDecimal(a)
			y, _ := parseDecimal(b)
			got := x.compare(y)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s and %s: %d", a, b, got)
			}
		}
	}
	for a, b := range map[string]string{"1": "1.0", "100": "1e2", "-0": "0.00e5", "+.5": "0.5", "0012": "12"} {
		x, _ := parseDecimal(a)
		y, _ := parseDecimal(b)
		if x.compare(y) != 0 {
			t.Errorf("%s and %s differ: %v, %v", a, b, x, y)
		}
	}
}

// All parts of a search spend from one budget.
func TestPatternsSpend(t *testing.T) {
	long := jsonvalue.String(strings.Repeat("a", 1<<20))
	list := make([]jsonvalue.Value, 2_000)
	for i := range list {
		list[i] = jsonvalue.Int(int64(i))
	}
	doc := jsonvalue.Object(
		jsonvalue.Member{Name: "list", Value: jsonvalue.Array(list...)},
		jsonvalue.Member{Name: "text", Value: long})
	path := "$.list[?($.text =~ /b.*/)]"
	if _, err := MustParse(path).Get(doc); !errors.Is(err, ErrLimit) {
		t.Errorf("got %v", err)
	}
}

// The zero Reference is $.
func TestZeroReference(t *testing.T) {
	var r Reference
	v, err := r.Set(jsonvalue.Int(1), jsonvalue.Int(2))
	require.NoError(t, err)
	require.Equal(t, "2", v.String())
	require.Equal(t, "$", r.String())
	require.Equal(t, "$", r.Path().String())
}
