package eventlog_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"segmentchallenge/internal/eventlog"
	"segmentchallenge/internal/eventstore"
)

// TestEveryEventIsRegistered reads the stored names from the source, so that an event which somebody forgets to list is
// found here and not when the log holds it already.
func TestEveryEventIsRegistered(t *testing.T) {
	named := regexp.MustCompile(`EventType\(\) string\s*\{\s*return "(\w+)"`)
	var files []string
	for _, pattern := range []string{"../*/events.go", "../leaderboards/*/events.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	registry, count := eventlog.Registry(), 0
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range named.FindAllStringSubmatch(string(source), -1) {
			count++
			e, err := registry.Decode(eventstore.Recorded{Type: match[1], SchemaVersion: 1, Data: json.RawMessage(`{}`)})
			if errors.Is(err, eventstore.ErrUnknownType) {
				t.Errorf("%s: %s isn't registered", file, match[1])
			} else if err != nil || e.EventType() != match[1] {
				t.Errorf("%s: %s decodes as %T: %v", file, match[1], e, err)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d events found in %v: does this test still look in the right place?", count, files)
	}
}
