package sport

import (
	"strings"
	"testing"

	"segmentchallenge/internal/refusal"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{ // the name, or the refusal's code
		"  Tour  de\tBree ": "Tour de Bree", "🚴": "🚴", "José": "José", "李": "李", "7": "7",
		"": "name_missing", "   ": "name_missing", "\u200b": "name_missing", "\u202e\u200d": "name_missing", "\u0301": "name_missing",
		"a\x00b": "name_invalid", "\x00": "name_invalid", "a\xffb": "name_invalid",
		strings.Repeat("é", MaxName): strings.Repeat("é", MaxName), strings.Repeat("é", MaxName+1): "name_too_long",
	} {
		got, err := CleanName("name", typed)
		if code := refusalCode(err); got+code != want {
			t.Errorf("%q: %q %s, want %s", typed, got, code, want)
		}
	}
}

func refusalCode(err error) string {
	for _, e := range refusal.All(err) {
		return e.Code
	}
	return ""
}
