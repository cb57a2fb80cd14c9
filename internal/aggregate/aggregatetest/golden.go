package aggregatetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Event is a domain event.
type Event interface{ EventType() string }

// Golden checks the stored shape of every event against testdata/events/<type>.json, in both directions: a sample is
// encoded as the file says, and the file is decoded as the sample. Samples must fill every field and cover all types, so
// that no name changes unseen. UPDATE_GOLDEN=1 writes the files.
func Golden[E Event](t *testing.T, all, samples []E) {
	t.Helper()
	covered := map[string]bool{}
	for _, e := range samples {
		covered[e.EventType()] = true
		t.Run(e.EventType(), func(t *testing.T) { golden(t, e) })
	}
	for _, e := range all {
		if !covered[e.EventType()] {
			t.Errorf("no sample of %T", e)
		}
	}
	if len(covered) != len(all) {
		t.Errorf("%d types are sampled, %d are listed", len(covered), len(all))
	}
}

func golden[E Event](t *testing.T, sample E) {
	for _, field := range unfilled(reflect.ValueOf(sample), "") {
		t.Errorf("the sample leaves %s empty", field)
	}
	got, err := json.MarshalIndent(sample, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	path := filepath.Join("testdata", "events", sample.EventType()+".json")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		write(t, path, got)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("stored shape of %s (-file +now):\n%s", sample.EventType(), cmp.Diff(string(want), string(got)))
	}
	if diff := cmp.Diff(sample, decode[E](t, reflect.TypeOf(sample), want)); diff != "" {
		t.Errorf("read back from the file (-want +got):\n%s", diff)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// unfilled names the stored fields of a struct that are zero.
func unfilled(v reflect.Value, path string) []string {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if _, marshals := v.Interface().(json.Marshaler); v.Kind() != reflect.Struct || marshals {
		if v.IsZero() {
			return []string{strings.TrimPrefix(path, ".")}
		}
		return nil
	}
	var out []string
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
			out = append(out, unfilled(v.Field(i), fmt.Sprintf("%s.%s", path, f.Name))...)
		}
	}
	return out
}
