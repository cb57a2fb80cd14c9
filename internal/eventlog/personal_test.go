package eventlog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
)

// TestPersonalFields shows, in testdata/personal.txt, what goes when somebody deletes their account; change the file with
// UPDATE_GOLDEN=1 after having thought about who may read a new field. A type that isn't there has nothing personal.
func TestPersonalFields(t *testing.T) {
	var text strings.Builder
	all := eventlog.Registry().PersonalFields()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&text, "%s: %s\n", name, strings.Join(all[name], " "))
	}
	file := filepath.Join("testdata", "personal.txt")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if diff := cmp.Diff(string(want), text.String()); err != nil || diff != "" {
		t.Errorf("%v; personal fields (-%s +now, UPDATE_GOLDEN=1 takes them over):\n%s", err, file, diff)
	}
}

// aboutPeople are JSON names that describe somebody or are written by hand about them, wherever an event names an athlete.
var aboutPeople = regexp.MustCompile(`(?i)^(first|last)name$|gender|birth|^age$|town|country|latitude|longitude|^(lat|lng|box|centre|center|zones?)$|heart|power|weight|^note$|reason|device|^file$|sha256|^comment$`)

// notTheirs are fields that match and are none the less not about the athlete of the event.
var notTheirs = []string{
	"AthleteProfileChanged: genderChanged", "AthleteProfileChanged: birthYearChanged", // that it changed, not to what
}

// TestNothingPersonalIsForgotten finds fields that sound personal and aren't tagged.
func TestNothingPersonalIsForgotten(t *testing.T) {
	registry := eventlog.Registry()
	personal := registry.PersonalFields()
	for _, name := range registry.Types() {
		e, err := registry.Decode(eventstore.Recorded{Type: name, SchemaVersion: 1, Data: json.RawMessage(`{}`)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		names := fieldNames(reflect.TypeOf(e))
		if !slices.Contains(names, "athleteId") {
			continue
		}
		for _, field := range names {
			if aboutPeople.MatchString(field) && !slices.Contains(personal[name], field) && !slices.Contains(notTheirs, name+": "+field) {
				t.Errorf("%s: %s: tag it personal, or say in notTheirs why not", name, field)
			}
		}
	}
}

// fieldNames are the JSON names at the top of an event.
func fieldNames(t reflect.Type) (names []string) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			names = append(names, fieldNames(f.Type)...)
		} else if name != "-" {
			names = append(names, name)
		}
	}
	return names
}
