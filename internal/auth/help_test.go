package auth_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/refusal"
)

// site is a service on a database of its own, with a clock that tests move.
type site struct {
	*auth.Service
	pool    *pgxpool.Pool
	mailbox notify.Mailbox
	ahead   atomic.Int64 // of the real clock, in nanoseconds
	admin   uuid.UUID
}

func newSite(t *testing.T, baseURL string) *site {
	t.Helper()
	s := &site{pool: postgrestest.New(t), admin: uuid.New()}
	s.mailbox = notify.Mailbox{Pool: s.pool}
	service, err := auth.New(auth.Options{
		Pool: s.pool, Mail: notify.Post{Mailer: s.mailbox}, BaseURL: baseURL,
		Now:   func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
		Admin: func(_ context.Context, id uuid.UUID) (bool, error) { return id == s.admin, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Service = service
	return s
}

func (s *site) pass(d time.Duration) { s.ahead.Add(int64(d)) }

var tokenInMail = regexp.MustCompile(`/sign-in/link\?token=([A-Z0-9]+)`)

// lastToken is the one in the newest mail to an address.
func (s *site) lastToken(t *testing.T, email string) string {
	t.Helper()
	mails, err := s.mailbox.Mails(t.Context(), email, 1)
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d mails to %s, %v", len(mails), email, err)
	}
	match := tokenInMail.FindStringSubmatch(mails[0].Plain)
	if match == nil {
		t.Fatalf("no link in:\n%s", mails[0].Plain)
	}
	return match[1]
}

// link asks for a link and takes the token out of the mail.
func (s *site) link(t *testing.T, email, next string) string {
	t.Helper()
	if err := s.RequestLink(t.Context(), email, next); err != nil {
		t.Fatal(err)
	}
	return s.lastToken(t, email)
}

// known makes an athlete with this address.
func (s *site) known(t *testing.T, email string) uuid.UUID {
	t.Helper()
	id := uuid.New()
	if err := s.Claim(t.Context(), email, id); err != nil {
		t.Fatal(err)
	}
	return id
}

// serve offers what a web edge would, in its smallest form.
func (s *site) serve(t *testing.T, tls bool) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, err error, text string) {
		if all := refusal.All(err); len(all) > 0 {
			http.Error(w, all[0].Code, http.StatusUnprocessableEntity)
			return
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_, _ = io.WriteString(w, text)
	}
	mux.HandleFunc("GET /me", func(w http.ResponseWriter, r *http.Request) {
		a := auth.Actor(r.Context())
		text := a.String()
		if a.Admin {
			text += " admin"
		}
		if p, ok := s.Pending(r.Context()); ok {
			text += " pending " + p.Email
		}
		answer(w, nil, text)
	})
	mux.HandleFunc("POST "+auth.LinkPath, func(w http.ResponseWriter, r *http.Request) {
		redeemed, err := s.Redeem(r.Context(), r.FormValue("token"))
		if err == nil {
			err = s.Enter(r, redeemed)
		}
		answer(w, err, redeemed.Next)
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		p, ok := s.Pending(r.Context())
		if !ok {
			http.Error(w, "nobody", http.StatusForbidden)
			return
		}
		err := s.Claim(r.Context(), p.Email, p.AthleteID)
		if err == nil {
			err = s.SignIn(r, p.AthleteID)
		}
		answer(w, err, p.AthleteID.String())
	})
	mux.HandleFunc("POST /sign-out", func(w http.ResponseWriter, r *http.Request) { answer(w, s.SignOut(r), "out") })
	mux.HandleFunc("GET /sessions", func(w http.ResponseWriter, r *http.Request) {
		list, err := s.Sessions(r.Context(), auth.Actor(r.Context()).AthleteID)
		var text []string
		for _, x := range list {
			text = append(text, x.UserAgent+map[bool]string{true: " (here)"}[x.Current])
		}
		answer(w, err, strings.Join(text, "\n"))
	})
	mux.HandleFunc("POST /sessions/end-others", func(w http.ResponseWriter, r *http.Request) {
		_, err := s.EndOtherSessions(r.Context(), auth.Actor(r.Context()).AthleteID)
		answer(w, err, "ended")
	})
	refuse := func(w http.ResponseWriter, r *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusUnauthorized)
	}
	handler := s.Middleware(s.Bearer(refuse)(mux))
	var server *httptest.Server
	if tls {
		server = httptest.NewTLSServer(handler)
	} else {
		server = httptest.NewServer(handler)
	}
	t.Cleanup(server.Close)
	return server
}

// browser keeps cookies and has a name.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
	name   string
}

func newBrowser(t *testing.T, server *httptest.Server, name string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *server.Client()
	client.Jar = jar
	return &browser{t: t, client: &client, base: server.URL, name: name}
}

func (b *browser) do(method, path string, form url.Values) (int, string, http.Header) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("User-Agent", b.name)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, strings.TrimSpace(string(body)), response.Header
}

func (b *browser) get(path string) string {
	b.t.Helper()
	status, body, _ := b.do(http.MethodGet, path, nil)
	if status != http.StatusOK {
		b.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return body
}

func (b *browser) post(path string, form url.Values) string {
	b.t.Helper()
	status, body, _ := b.do(http.MethodPost, path, form)
	if status != http.StatusOK {
		b.t.Fatalf("POST %s: %d %s", path, status, body)
	}
	return body
}
