package auth_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/notify"
)

func TestLinkIsRedeemedOnce(t *testing.T) {
	s := newSite(t, "http://club.example/")
	ana := s.known(t, "ana@example.org")
	if err := s.RequestLink(t.Context(), " Ana@Example.org ", "/challenges/alpine-cup?tab=feed"); err != nil {
		t.Fatal(err)
	}
	token := s.lastToken(t, "ana@example.org")

	for range 2 { // looking uses nothing up
		if email, err := s.PeekLink(t.Context(), token); err != nil || email != "ana@example.org" {
			t.Fatalf("PeekLink: %q, %v", email, err)
		}
	}
	got, err := s.Redeem(t.Context(), token)
	want := auth.Redeemed{Identity: auth.Identity{Email: "ana@example.org", AthleteID: ana, Claimed: true}, Next: "/challenges/alpine-cup?tab=feed"}
	if err != nil || got != want {
		t.Errorf("Redeem: %+v, %v, want %+v", got, err, want)
	}
	if _, err := s.Redeem(t.Context(), token); !errors.Is(err, auth.ErrLinkUsed) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := s.PeekLink(t.Context(), token); !errors.Is(err, auth.ErrLinkUsed) {
		t.Errorf("looking at a used one: %v", err)
	}
}

func TestLinkExpires(t *testing.T) {
	s := newSite(t, "http://club.example")
	token := s.link(t, "ana@example.org", "/")
	s.pass(auth.LinkLifetime - time.Second)
	if _, err := s.PeekLink(t.Context(), token); err != nil {
		t.Errorf("after 19:59: %v", err)
	}
	s.pass(time.Second)
	if _, err := s.Redeem(t.Context(), token); !errors.Is(err, auth.ErrLinkExpired) {
		t.Errorf("after 20:00: %v", err)
	}
	for _, other := range []string{"", "x", token + "A", strings.ToLower(token)} {
		if _, err := s.Redeem(t.Context(), other); !errors.Is(err, auth.ErrLinkUnknown) {
			t.Errorf("token %q: %v", other, err)
		}
	}
}

// Ten presses of the button at the same moment let one in.
func TestLinkRedeemedAtOnce(t *testing.T) {
	s := newSite(t, "http://club.example")
	token := s.link(t, "ana@example.org", "/")
	var in atomic.Int32
	var presses sync.WaitGroup
	for range 10 {
		presses.Go(func() {
			switch _, err := s.Redeem(t.Context(), token); {
			case err == nil:
				in.Add(1)
			case !errors.Is(err, auth.ErrLinkUsed):
				t.Errorf("one of ten: %v", err)
			}
		})
	}
	presses.Wait()
	if in.Load() != 1 {
		t.Errorf("%d of ten were let in", in.Load())
	}
}

func TestLinksPerHour(t *testing.T) {
	s := newSite(t, "http://club.example")
	s.known(t, "ana@example.org")
	for _, email := range []string{"ana@example.org", "stranger@example.org"} { // no difference between known and unknown
		var sent atomic.Int32
		var g errgroup.Group
		for range 8 {
			g.Go(func() error {
				err := s.RequestLink(t.Context(), email, "/")
				if err == nil {
					sent.Add(1)
				} else if !errors.Is(err, auth.ErrTooManyLinks) {
					return err
				}
				return nil
			})
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		mails, err := s.mailbox.Mails(t.Context(), email, 100)
		if err != nil || sent.Load() != 5 || len(mails) != 5 {
			t.Errorf("%s: %d of 8 sent, %d mails, %v; want 5", email, sent.Load(), len(mails), err)
		}
	}
	s.pass(time.Hour + time.Second)
	if err := s.RequestLink(t.Context(), "ana@example.org", "/"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestMailThatCannotBeSent(t *testing.T) {
	s := newSite(t, "http://club.example")
	nobody, err := notify.NewSMTP(notify.SMTPSettings{URL: "smtp://127.0.0.1:1", From: "noreply@club.example"})
	if err != nil {
		t.Fatal(err)
	}
	broken, err := auth.New(auth.Options{Pool: s.pool, Mail: notify.Post{Mailer: nobody}, BaseURL: "http://club.example",
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for range 7 { // doesn't count towards the limit
		if err := broken.RequestLink(t.Context(), "ana@example.org", "/"); !errors.Is(err, auth.ErrMailFailed) {
			t.Fatalf("no mail server: %v", err)
		}
	}
	s.link(t, "ana@example.org", "/")
}

func TestReserveAndClaim(t *testing.T) {
	s, ctx := newSite(t, "http://club.example"), t.Context()
	first, err := s.Reserve(ctx, "new@example.org")
	if err != nil || first.Claimed || first.AthleteID == uuid.Nil {
		t.Fatalf("Reserve: %+v, %v", first, err)
	}
	if again, err := s.Reserve(ctx, "NEW@example.org"); err != nil || again != first {
		t.Errorf("again: %+v, %v, want %+v", again, err, first)
	}
	if id, err := s.IdentityOf(ctx, "new@example.org"); err != nil || id != uuid.Nil {
		t.Errorf("a reservation is an identity: %v, %v", id, err)
	}
	for range 2 {
		if err := s.Claim(ctx, "New@example.org", first.AthleteID); err != nil {
			t.Fatal(err)
		}
	}
	if id, err := s.IdentityOf(ctx, "new@EXAMPLE.org"); err != nil || id != first.AthleteID {
		t.Errorf("IdentityOf: %v, %v", id, err)
	}
	if email, err := s.EmailOf(ctx, first.AthleteID); err != nil || email != "new@example.org" {
		t.Errorf("EmailOf: %q, %v", email, err)
	}

	other := s.known(t, "other@example.org")
	if err := s.Claim(ctx, "new@example.org", other); !errors.Is(err, auth.ErrEmailTaken) {
		t.Errorf("another's address: %v", err)
	}
	if err := s.Claim(ctx, "moved@example.org", other); err != nil {
		t.Errorf("a new address: %v", err)
	}
	if id, err := s.IdentityOf(ctx, "other@example.org"); err != nil || id != uuid.Nil {
		t.Errorf("the old address still belongs to %v, %v", id, err)
	}
	if _, err := s.Reserve(ctx, "waiting@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := s.Claim(ctx, "waiting@example.org", other); err != nil {
		t.Errorf("a reserved address that nobody claimed: %v", err)
	}
}

func TestForgetLeavesNothing(t *testing.T) {
	s, ctx := newSite(t, "http://club.example"), t.Context()
	ana, ben := s.known(t, "ana@example.org"), s.known(t, "ben@example.org")
	server := s.serve(t, false)
	here := newBrowser(t, server, "Ana's phone")
	here.post(auth.LinkPath, map[string][]string{"token": {s.link(t, "ana@example.org", "/")}})
	_, secret, err := s.CreateToken(ctx, ana, "watch")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Forget(ctx, ana); err != nil {
		t.Fatal(err)
	}
	if who := here.get("/me"); who != "visitor" {
		t.Errorf("still signed in: %s", who)
	}
	if _, err := s.TokenAthlete(ctx, secret); !errors.Is(err, auth.ErrInvalidToken) {
		t.Errorf("the token: %v", err)
	}
	for table, where := range map[string]string{"identities": "athlete_id = $1", "api_tokens": "athlete_id = $1",
		"sessions": "athlete_id = $1", "sign_in_links": "$1::uuid is not null"} {
		var n int
		if err := s.pool.QueryRow(ctx, "select count(*) from "+table+" where "+where, ana).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows left in %s, %v", n, table, err)
		}
	}
	if email, err := s.EmailOf(ctx, ben); err != nil || email != "ben@example.org" {
		t.Errorf("another's address: %q, %v", email, err)
	}
}

func TestClearKeepsWhatIsNeeded(t *testing.T) {
	s, ctx := newSite(t, "http://club.example"), t.Context()
	s.known(t, "ana@example.org")
	old := s.link(t, "ana@example.org", "/")
	if _, err := s.Reserve(ctx, "never@example.org"); err != nil {
		t.Fatal(err)
	}
	s.pass(20 * time.Hour)
	if err := auth.Clear(s.Service, ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PeekLink(ctx, old); !errors.Is(err, auth.ErrLinkExpired) {
		t.Errorf("the same day: %v", err)
	}
	s.pass(5 * time.Hour)
	if err := auth.Clear(s.Service, ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PeekLink(ctx, old); !errors.Is(err, auth.ErrLinkUnknown) {
		t.Errorf("a day later: %v", err)
	}
	var emails []string
	if err := s.pool.QueryRow(ctx, `select array_agg(email) from identities`).Scan(&emails); err != nil ||
		len(emails) != 1 || emails[0] != "ana@example.org" {
		t.Errorf("addresses left: %v, %v", emails, err)
	}
}
