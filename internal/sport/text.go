package sport

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"segmentchallenge/internal/refusal"
)

const (
	MaxName = 120    // characters
	MaxText = 20_000 // characters, for descriptions and messages
)

// CleanName trims a name and refuses one that is empty, too long or holds control characters.
func CleanName(field, s string) (string, error) {
	s, code := strings.Join(strings.Fields(s), " "), snake(field)
	switch n := utf8.RuneCountInString(s); {
	case strings.IndexFunc(s, visible) < 0:
		return "", refusal.Field(field, code+"_missing", "Give a name.")
	case n > MaxName:
		return "", refusal.Field(field, code+"_too_long", "A name can have at most 120 characters.")
	case strings.IndexFunc(s, unicode.IsControl) >= 0 || !utf8.ValidString(s):
		return "", refusal.Field(field, code+"_invalid", "The name holds characters that can't be shown.")
	}
	return s, nil
}

// visible says whether something can be seen of a character: not of joiners and marks of direction, nor of accents on nothing.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Z, unicode.M) || unicode.IsControl(r)
}

// CleanText refuses a text that is too long or not UTF-8, and takes everything else as it is.
func CleanText(field, s string) (string, error) {
	s, code := strings.ReplaceAll(s, "\r\n", "\n"), snake(field)
	switch {
	case utf8.RuneCountInString(s) > MaxText:
		return "", refusal.Field(field, code+"_too_long", "This text can have at most 20,000 characters.")
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return "", refusal.Field(field, code+"_invalid", "The text holds characters that can't be stored.")
	}
	return strings.TrimSpace(s), nil
}

// MaxReason is the length of a reason in characters: it rides on events and is shown beside names.
const MaxReason = 500

// CleanReason trims a reason, and refuses one that is empty or an essay.
func CleanReason(s string) (string, error) {
	s, err := CleanText("reason", strings.Join(strings.Fields(s), " "))
	switch {
	case err != nil:
		return "", err
	case s == "":
		return "", refusal.Field("reason", "reason_missing", "Give a reason: everybody will read it.")
	case utf8.RuneCountInString(s) > MaxReason:
		return "", refusal.Field("reason", "reason_too_long", "A reason can have at most 500 characters.")
	}
	return s, nil
}

// snake turns a field's name into the beginning of a code: firstName is first_name.
func snake(field string) string {
	var out strings.Builder
	for _, r := range field {
		if unicode.IsUpper(r) {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
