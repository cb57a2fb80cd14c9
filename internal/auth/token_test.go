package auth_test

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/auth"
)

func TestTokens(t *testing.T) {
	s, ctx := newSite(t, "http://club.example"), t.Context()
	ana, ben := uuid.New(), uuid.New()
	watch, secret, err := s.CreateToken(ctx, ana, "  my watch ")
	if err != nil || watch.Name != "my watch" || !regexp.MustCompile(`^sc_[A-Z2-7]{26}$`).MatchString(secret) {
		t.Fatalf("%+v, %q, %v", watch, secret, err)
	}
	s.pass(time.Second)
	unnamed, other, err := s.CreateToken(ctx, ana, "")
	if err != nil || unnamed.Name == "" || other == secret {
		t.Fatalf("%+v, %v", unnamed, err)
	}
	if _, _, err := s.CreateToken(ctx, ana, strings.Repeat("x", 81)); !errors.Is(err, auth.ErrTokenName) {
		t.Errorf("a name of 81 letters: %v", err)
	}
	if id, err := s.TokenAthlete(ctx, secret); err != nil || id != ana {
		t.Errorf("TokenAthlete: %v, %v", id, err)
	}
	list, err := s.Tokens(ctx, ana)
	if err != nil || len(list) != 2 || list[0].ID != unnamed.ID || list[0].LastUsedAt != nil || list[1].LastUsedAt == nil {
		t.Errorf("Tokens: %+v, %v", list, err)
	}
	if err := s.RevokeToken(ctx, ben, watch.ID); !errors.Is(err, auth.ErrNotFound) {
		t.Errorf("another's token: %v", err)
	}
	if err := s.RevokeToken(ctx, ana, watch.ID); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{secret, "", "sc_", strings.TrimPrefix(other, "sc_"), other + "A", strings.ToLower(other)} {
		if id, err := s.TokenAthlete(ctx, bad); !errors.Is(err, auth.ErrInvalidToken) {
			t.Errorf("token %q: %v, %v", bad, id, err)
		}
	}
	if list, err := s.Tokens(ctx, ana); err != nil || len(list) != 1 {
		t.Errorf("after revoking: %+v, %v", list, err)
	}
}

func TestBearer(t *testing.T) {
	s := newSite(t, "http://club.example")
	ana := uuid.New()
	_, secret, err := s.CreateToken(t.Context(), ana, "script")
	if err != nil {
		t.Fatal(err)
	}
	_, boss, err := s.CreateToken(t.Context(), s.admin, "script")
	if err != nil {
		t.Fatal(err)
	}
	server := s.serve(t, false)
	for _, c := range []struct {
		header string
		status int
		want   string
	}{
		{"", 200, "visitor"},
		{"Bearer " + secret, 200, ana.String()},
		{"bearer  " + secret, 200, ana.String()},
		{"Bearer " + boss, 200, s.admin.String() + " admin"},
		{"Bearer sc_AAAAAAAAAAAAAAAAAAAAAAAAAA", 401, auth.ErrInvalidToken.Detail},
		{"Basic " + secret, 401, "The Authorization header must read: Bearer sc_…"},
		{secret, 401, "The Authorization header must read: Bearer sc_…"},
	} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/me", nil)
		if c.header != "" {
			request.Header.Set("Authorization", c.header)
		}
		response, err := server.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if got := strings.TrimSpace(string(body)); response.StatusCode != c.status || got != c.want {
			t.Errorf("%.12q: %d %q, want %d %q", c.header, response.StatusCode, got, c.status, c.want)
		}
		if challenge := response.Header.Get("WWW-Authenticate"); (challenge != "") != (c.status == 401) {
			t.Errorf("%.12q: WWW-Authenticate %q", c.header, challenge)
		}
	}
}

func TestOptions(t *testing.T) {
	for _, base := range []string{"", "club.example", "ftp://club.example", "https://", "://"} {
		if _, err := auth.New(auth.Options{BaseURL: base}); err == nil {
			t.Errorf("base URL %q was taken", base)
		}
	}
}
