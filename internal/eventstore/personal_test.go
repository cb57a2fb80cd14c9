package eventstore_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/vault"
)

// Looks is embedded, so its fields are the event's.
type Looks struct {
	Hair string `json:"hair,omitempty" personal:""`
	Eyes string `json:"eyes" personal:""`
}

// Met is about a person: what is open, what is sealed with and without something to stand in for it, and both mixed.
type Met struct {
	Who  uuid.UUID `json:"who"`
	Name string    `json:"name" personal:"Somebody"`
	Born int       `json:"born,omitempty" personal:""`
	Town string    `json:"town"`
	Looks
	Friends []string `json:"friends,omitempty" personal:""`
	Sealed  string   `json:"sealed"`
}

func (Met) EventType() string   { return "met" }
func (m Met) Person() uuid.UUID { return m.Who }

var ada = uuid.MustParse("ada00000-0000-0000-0000-000000000001")

// sealing is a registry with a vault on a database of its own.
func sealing(t testing.TB) (*eventstore.Registry, *vault.Vault) {
	t.Helper()
	r, v := registry(), vault.New(postgrestest.New(t), vault.Options{})
	eventstore.Register[Met](r)
	r.SealWith(v)
	return r, v
}

// keyless is a registry without a vault.
func keyless() *eventstore.Registry {
	r := registry()
	eventstore.Register[Met](r)
	return r
}

func stored(n eventstore.NewEvent) eventstore.Recorded {
	return eventstore.Recorded{Position: 7, Stream: "person-1", Type: n.Type, SchemaVersion: n.SchemaVersion, Data: n.Data}
}

func TestPersonalFieldsAreSealed(t *testing.T) {
	r, v := sealing(t)
	met := Met{Who: ada, Name: "Ada", Born: 1815, Town: "London", Looks: Looks{Eyes: `"bl\ue"`}, Friends: []string{"Charles", `"}`}, Sealed: `,"$sealed":"`}
	n, err := r.Encode(met, eventstore.Meta{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Ada", "1815", "ue", "Charles", `"name"`} {
		if bytes.Contains(n.Data, []byte(word)) {
			t.Errorf("%s stands in %s", word, n.Data)
		}
	}
	if !json.Valid(n.Data) || !bytes.Contains(n.Data, []byte(`"town":"London"`)) {
		t.Errorf("%s", n.Data)
	}
	before := bytes.Clone(n.Data)
	if got, err := r.Decode(stored(n)); err != nil || !cmp.Equal(got, eventstore.Event(met)) {
		t.Errorf("%v %s", err, cmp.Diff(eventstore.Event(met), got))
	}
	if !bytes.Equal(before, n.Data) {
		t.Errorf("decoding has changed the data to %s", n.Data)
	}
	shown, err := r.Reveal(stored(n))
	if err != nil || !bytes.Contains(shown.Data, []byte(`"name":"Ada"`)) {
		t.Errorf("%s, %v", shown.Data, err)
	}

	if err := v.Forget(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	anonymous := Met{Who: ada, Name: "Somebody", Town: "London", Sealed: met.Sealed}
	if got, err := r.Decode(stored(n)); err != nil || !cmp.Equal(got, eventstore.Event(anonymous)) {
		t.Errorf("forgotten: %v %s", err, cmp.Diff(eventstore.Event(anonymous), got))
	}
	if shown, err = r.Reveal(stored(n)); err != nil || string(shown.Data) != `{"who":"`+ada.String()+`","town":"London","sealed":",\"$sealed\":\""}` {
		t.Errorf("forgotten: %s, %v", shown.Data, err)
	}
	later, err := r.Encode(met, eventstore.Meta{}, 0)
	if err != nil || bytes.Contains(later.Data, []byte("Ada")) {
		t.Errorf("encoded afterwards: %s, %v", later.Data, err)
	}
	if got, err := keyless().Decode(stored(later)); err != nil || !cmp.Equal(got, eventstore.Event(anonymous)) { // nothing is inside
		t.Errorf("encoded afterwards: %v %s", err, cmp.Diff(eventstore.Event(anonymous), got))
	}
}

// What was stored before there were keys, or written anew by another program, decodes as well.
func TestOtherShapesOfSealedData(t *testing.T) {
	r, _ := sealing(t)
	met := Met{Who: ada, Name: "Ada", Looks: Looks{Eyes: "blue"}}
	plain, _ := json.Marshal(met)
	n, err := r.Encode(met, eventstore.Meta{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(n.Data, &members); err != nil {
		t.Fatal(err)
	}
	sorted, _ := json.Marshal(members)
	spaced, _ := json.MarshalIndent(members, "", "  ")
	for name, data := range map[string][]byte{"never sealed": plain, "other order": sorted, "spaces": spaced} {
		n.Data = data
		if got, err := r.Decode(stored(n)); err != nil || !cmp.Equal(got, eventstore.Event(met)) {
			t.Errorf("%s: %v %s", name, err, cmp.Diff(eventstore.Event(met), got))
		}
	}
	// Sealing it afterwards gives what would be stored today, once.
	n.Data = plain
	sealed, changed, err := r.Sealed(stored(n))
	if err != nil || !changed || bytes.Contains(sealed.Data, []byte("blue")) {
		t.Errorf("sealed afterwards: %s, %v", sealed.Data, err)
	}
	if _, again, err := r.Sealed(sealed); err != nil || again {
		t.Errorf("sealed twice: %v", err)
	}
}

func TestSealedDataThatCannotBeRead(t *testing.T) {
	r, v := sealing(t)
	inside, err := v.Seal(ada, []byte(`"no object"`))
	if err != nil {
		t.Fatal(err)
	}
	of := func(person uuid.UUID, sealed []byte) string {
		return `{"$sealed":"` + base64.RawStdEncoding.EncodeToString(append(person[:], sealed...)) + `"}`
	}
	whole, err := r.Encode(Met{Who: ada, Name: "Ada"}, eventstore.Meta{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"not base64":      `{"$sealed":"?"}`,
		"no person":       `{"$sealed":"AAAA"}`,
		"not text":        `{"$sealed":7}`,
		"not text inside": `{"$sealed" : 7}`,
		"no object":       of(ada, inside),
		"not sealed":      of(ada, []byte("in the clear")),
		"another's":       of(uuid.New(), inside),
		"no keys":         string(whole.Data),
	} {
		reg := r
		if name == "no keys" {
			reg = keyless()
		}
		_, err := reg.Decode(eventstore.Recorded{Position: 7, Stream: "person-1", Type: "met", SchemaVersion: 1, Data: json.RawMessage(data)})
		var decode *eventstore.DecodeError
		if !errors.As(err, &decode) || decode.Position != 7 || decode.Stream != "person-1" {
			t.Errorf("%s: %s: %v", name, data, err)
		}
	}
	if _, err := r.Encode(Met{Name: "Ada"}, eventstore.Meta{}, 0); !errors.Is(err, eventstore.ErrInvalidEvent) {
		t.Errorf("nobody's: %v", err)
	}
}

type (
	Nobodys struct {
		Name string `json:"name" personal:""`
	}
	Nested struct {
		Inside struct {
			Name string `json:"name" personal:""`
		} `json:"inside"`
	}
	Nameless struct {
		Name string `personal:""`
	}
	Numbered struct {
		Age int `json:"age" personal:"old"`
	}
)

func (Nobodys) EventType() string  { return "nobodys" }
func (Nested) EventType() string   { return "nested" }
func (Nameless) EventType() string { return "nameless" }
func (Numbered) EventType() string { return "numbered" }
func (Nested) Person() uuid.UUID   { return ada }
func (Nameless) Person() uuid.UUID { return ada }
func (Numbered) Person() uuid.UUID { return ada }

func TestTagsThatCannotWorkPanic(t *testing.T) {
	for words, event := range map[string]eventstore.Event{
		"no method Person": Nobodys{}, "personal fields inside": Nested{}, "no JSON name": Nameless{}, "is no text": Numbered{},
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, words) {
					t.Errorf("%T: %q, want %q", event, said, words)
				}
			}()
			eventstore.RegisterValue(eventstore.NewRegistry(), event)
		}()
	}
}

func TestSealingIsLossless(t *testing.T) {
	r, _ := sealing(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(`{}[]",:\$sealed`))))
		met := Met{Who: ada, Name: text.Draw(t, "name"), Born: rapid.Int().Draw(t, "born"), Town: text.Draw(t, "town"),
			Looks: Looks{Hair: text.Draw(t, "hair"), Eyes: text.Draw(t, "eyes")}, Friends: rapid.SliceOfN(text, 1, 3).Draw(t, "friends"),
			Sealed: text.Draw(t, "sealed")}
		want, err := json.Marshal(met)
		if err != nil {
			t.Fatal(err)
		}
		n, err := r.Encode(met, eventstore.Meta{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Decode(stored(n))
		if err != nil {
			t.Fatalf("%s: %v", n.Data, err)
		}
		if again, _ := json.Marshal(got); !bytes.Equal(again, want) {
			t.Fatalf("%s became %s, and that %s", want, n.Data, again)
		}
	})
}

// Whatever stands in the log: an answer or an error, and never a panic.
func FuzzDecodeSealed(f *testing.F) {
	r, _ := sealing(f)
	n, err := r.Encode(Met{Who: ada, Name: "Ada", Town: "London"}, eventstore.Meta{}, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(n.Data))
	f.Add([]byte(`{"$sealed":""}`))
	f.Add([]byte(`{"$sealed" : "AAAA", "a":{"$sealed":"x"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec := eventstore.Recorded{Type: "met", SchemaVersion: 1, Data: data}
		if !json.Valid(data) || len(data) == 0 || data[0] != '{' {
			return // the log takes none
		}
		_, decoded := r.Decode(rec)
		shown, revealed := r.Reveal(rec)
		if decoded == nil && (revealed != nil || !json.Valid(shown.Data)) {
			t.Errorf("%s decodes, but shows as %s, %v", data, shown.Data, revealed)
		}
		if sealed, changed, err := r.Sealed(rec); err == nil && changed {
			if _, err := r.Decode(sealed); err != nil {
				t.Errorf("%s sealed is %s: %v", data, sealed.Data, err)
			}
		}
	})
}

// What sealing costs an event with personal fields, keys in memory.
func BenchmarkSeal(b *testing.B) {
	met := Met{Who: ada, Name: "Ada", Born: 1815, Town: "London", Looks: Looks{Eyes: "blue"}}
	sealed, _ := sealing(b)
	for name, r := range map[string]*eventstore.Registry{"in the clear": keyless(), "sealed": sealed} {
		n, err := r.Encode(met, eventstore.Meta{}, 0)
		if err != nil {
			b.Fatal(err)
		}
		rec := stored(n)
		b.Run("encode "+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Encode(met, eventstore.Meta{}, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("decode "+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := r.Decode(rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
