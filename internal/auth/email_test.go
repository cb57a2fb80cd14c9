package auth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"segmentchallenge/internal/auth"
)

func TestNormaliseEmail(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"ana@example.org", "ana@example.org"},
		{"  Ana.Maria+ride@Example.ORG\n", "ana.maria+ride@example.org"},
		{"müller@bücher.example", "müller@bücher.example"},
		{"ana@localhost", "ana@localhost"},
		{"", ""}, {"ana", ""}, {"@example.org", ""}, {"ana@", ""}, {"ana@example", ""}, {"ana@.org", ""}, {"a b@example.org", ""},
		{"Ana <ana@example.org>", ""}, {`"ana"@example.org`, ""}, {"ana@example.org (home)", ""},
		{"ana@example.org, ben@example.org", ""}, {"ana@example.org\r\nBcc: all@example.org", ""},
		{strings.Repeat("a", 250) + "@example.org", ""},
	} {
		got, err := auth.NormaliseEmail(c.typed)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v, want %q", c.typed, got, err, c.want)
		}
		if err != nil && !errors.Is(err, auth.ErrEmailInvalid) {
			t.Errorf("%q: %v", c.typed, err)
		}
	}
}

func FuzzNormaliseEmail(f *testing.F) {
	f.Add("Ana@Example.org")
	f.Fuzz(func(t *testing.T, typed string) {
		once, err := auth.NormaliseEmail(typed)
		if err != nil {
			return
		}
		if twice, err := auth.NormaliseEmail(once); err != nil || twice != once {
			t.Errorf("%q became %q, and that %q, %v", typed, once, twice, err)
		}
		if strings.ContainsAny(once, "\r\n <>,\x00") {
			t.Errorf("%q became %q", typed, once)
		}
	})
}

func TestSafeNext(t *testing.T) {
	for path, want := range map[string]string{
		"/":                          "/",
		"/challenges/a?tab=feed#top": "/challenges/a?tab=feed#top",
		"":                           "/", "challenges": "/", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example": "/",
		"/\t/evil.example": "/", "/\n": "/", "javascript:alert(1)": "/", "/" + strings.Repeat("a", 3000): "/",
	} {
		if got := auth.SafeNext(path); got != want {
			t.Errorf("SafeNext(%.40q) = %q, want %q", path, got, want)
		}
	}
	base, _ := url.Parse("https://club.example/sign-in")
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.OneOf(rapid.String(), rapid.StringMatching(`[/\\:@.a]{0,6}evil\.example`)).Draw(t, "path")
		to, err := base.Parse(auth.SafeNext(path))
		if err == nil && to.Host != "club.example" {
			t.Fatalf("%q leads to %s", path, to)
		}
	})
}
