package audit_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/audit"
)

type head struct {
	By  string
	Now time.Time
	ID  uuid.UUID
}

type inner struct {
	FirstName string
	Units     string
	Hidden    string `audit:"-"`
	Born      int    `personal:"person"`
}

func TestFields(t *testing.T) {
	id := uuid.MustParse("0197c5b0-0000-7000-8000-000000000001")
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.FixedZone("", 7200))
	for name, c := range map[string]struct {
		command any
		want    string
	}{
		"nothing":      {nil, `{}`},
		"no struct":    {7, `{}`},
		"a nil":        {(*inner)(nil), `{}`},
		"pointer":      {&inner{Units: "metric"}, `{"Units":"metric"}`},
		"zero values":  {struct{ A, B int }{0, 2}, `{"B":2}`},
		"head":         {struct{ head }{head{"ana", noon, id}}, `{}`}, // not exported, so none of ours
		"embedded":     {struct{ Head }{Head{"ana", noon, id}}, `{"ID":"0197c5b0-0000-7000-8000-000000000001"}`},
		"personal":     {struct{ Profile inner }{inner{"Ana", "metric", "x", 1990}}, `{"Profile":{"Units":"metric"}}`},
		"secrets":      {struct{ Token, APIKey, Password, Email string }{"a", "b", "c", "d"}, `{"APIKey":"b"}`},
		"addresses":    {struct{ Reason string }{"told <ana@club.example> (and bo@x.y)"}, `{"Reason":"told \u003c(address)\u003e (and (address))"}`},
		"bytes":        {struct{ File []byte }{make([]byte, 5000)}, `{"File":"5000 bytes"}`},
		"times":        {struct{ At time.Time }{noon}, `{"At":"2026-05-01T10:00:00Z"}`},
		"durations":    {struct{ For time.Duration }{time.Minute}, `{"For":"1m0s"}`},
		"numbers":      {struct{ N, Inf float64 }{0.5, math.Inf(1)}, `{"N":0.5,"Inf":"+Inf"}`},
		"named":        {struct{ N Metres }{5}, `{"N":5}`},
		"pointers":     {struct{ P, Q *inner }{&inner{Units: "m"}, nil}, `{"P":{"Units":"m"}}`},
		"interface":    {struct{ V any }{inner{Units: "m"}}, `{"V":{"Units":"m"}}`},
		"a map":        {struct{ M map[string]int }{map[string]int{"ana@x.y": 1}}, `{"M":"…"}`},
		"a function":   {struct{ F func() }{func() {}}, `{"F":"func()"}`},
		"ids":          {struct{ All []uuid.UUID }{[]uuid.UUID{id}}, `{"All":["0197c5b0-0000-7000-8000-000000000001"]}`},
		"a long list":  {struct{ N []int }{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}, `{"N":[1,2,3,4,5,6,7,8,9,10,"… and 2 more"]}`},
		"a long text":  {struct{ S string }{strings.Repeat("ä", 301)}, `{"S":"` + strings.Repeat("ä", 300) + `…"}`},
		"NUL, invalid": {struct{ S string }{"a\x00b\xffc"}, `{"S":"abc"}`},
		"depth":        {struct{ N *node }{loop()}, `{"N":{"Next":{"Next":{"Next":{"Next":{"Next":{"Next":"…"}}}}}}}`},
	} {
		if got := string(audit.Fields(c.command)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Head is embedded in commands.
type Head head

// Metres has a name and says nothing else of itself.
type Metres float64

type node struct{ Next *node }

func loop() *node { n := &node{}; n.Next = n; return n }

type wild struct {
	Texts []string
	Inner []struct{ A, B, C, D string }
	More  *wild
	Bytes []byte
	N     []float64
}

// Whatever a command holds: the result is JSON of a bounded size.
func TestFieldsAreBounded(t *testing.T) {
	long := rapid.StringN(0, 1000, -1)
	rapid.Check(t, func(t *rapid.T) {
		var command, at *wild
		for range rapid.IntRange(1, 12).Draw(t, "depth") {
			w := &wild{Texts: rapid.SliceOfN(long, 0, 12).Draw(t, "texts"), Bytes: make([]byte, rapid.IntRange(0, 9).Draw(t, "bytes")),
				N: rapid.SliceOfN(rapid.Float64(), 0, 30).Draw(t, "numbers")}
			for range rapid.IntRange(0, 4).Draw(t, "inner") {
				w.Inner = append(w.Inner, struct{ A, B, C, D string }{long.Draw(t, "a"), long.Draw(t, "b"), strings.Repeat("\x01", 400), "<"})
			}
			if at == nil {
				command, at = w, w
			} else {
				at.More, at = w, w
			}
		}
		got := audit.Fields(command)
		if !json.Valid(got) || !utf8.Valid(got) || len(got) > 4096 {
			t.Fatalf("%d bytes: %s", len(got), got)
		}
	})
}
