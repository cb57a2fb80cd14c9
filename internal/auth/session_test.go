package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/auth"
)

func TestSignInAndOut(t *testing.T) {
	s := newSite(t, "http://club.example")
	ana := s.known(t, "ana@example.org")
	b := newBrowser(t, s.serve(t, false), "phone")
	if who := b.get("/me"); who != "visitor" {
		t.Errorf("before: %s", who)
	}
	if next := b.post(auth.LinkPath, url.Values{"token": {s.link(t, "ana@example.org", "/upload")}}); next != "/upload" {
		t.Errorf("goes on to %q", next)
	}
	if who := b.get("/me"); who != ana.String() {
		t.Errorf("signed in: %s", who)
	}
	b.post("/sign-out", nil)
	if who := b.get("/me"); who != "visitor" {
		t.Errorf("signed out: %s", who)
	}
}

func TestAdminIsMarked(t *testing.T) {
	s := newSite(t, "http://club.example")
	if err := s.Claim(t.Context(), "boss@example.org", s.admin); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, s.serve(t, false), "phone")
	b.post(auth.LinkPath, url.Values{"token": {s.link(t, "boss@example.org", "/")}})
	if who := b.get("/me"); who != s.admin.String()+" admin" {
		t.Errorf("%s", who)
	}
}

// A new address, with the form sent twice and from two browsers: one athlete.
func TestRegisterOnce(t *testing.T) {
	s := newSite(t, "http://club.example")
	server := s.serve(t, false)
	phone, desk := newBrowser(t, server, "phone"), newBrowser(t, server, "desk")
	for _, b := range []*browser{phone, desk} {
		b.post(auth.LinkPath, url.Values{"token": {s.link(t, "new@example.org", "/")}})
		if who := b.get("/me"); who != "visitor pending new@example.org" {
			t.Errorf("%s after the link: %s", b.name, who)
		}
	}
	id := phone.post("/register", nil)
	if again := desk.post("/register", nil); again != id {
		t.Errorf("the second form made %s beside %s", again, id)
	}
	for _, b := range []*browser{phone, desk} {
		if who := b.get("/me"); who != id {
			t.Errorf("%s: %s, want %s", b.name, who, id)
		}
	}
}

// The session's token changes at sign-in, so one that was planted before is worth nothing.
func TestSessionFixation(t *testing.T) {
	s := newSite(t, "http://club.example")
	s.known(t, "ana@example.org")
	server := s.serve(t, false)
	ana := newBrowser(t, server, "ana")
	ana.post(auth.LinkPath, url.Values{"token": {s.link(t, "new@example.org", "/")}}) // a session without athlete
	before := ana.cookie()
	ana.post(auth.LinkPath, url.Values{"token": {s.link(t, "ana@example.org", "/")}})
	if after := ana.cookie(); after == before || after == "" {
		t.Fatalf("token before %q, after %q", before, after)
	}
	thief := newBrowser(t, server, "thief")
	u, _ := url.Parse(server.URL)
	thief.client.Jar.SetCookies(u, []*http.Cookie{{Name: "segment_challenge", Value: before}})
	if who := thief.get("/me"); who != "visitor" {
		t.Errorf("the planted token is %s", who)
	}
}

func (b *browser) cookie() string {
	u, _ := url.Parse(b.base)
	for _, c := range b.client.Jar.Cookies(u) {
		return c.Value
	}
	return ""
}

func TestCookie(t *testing.T) {
	for _, c := range []struct {
		base string
		tls  bool
		want []string
	}{
		{"http://club.example", false, []string{"segment_challenge=", "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=2592"}},
		{"https://club.example", true, []string{"__Host-segment_challenge=", "Path=/", "HttpOnly", "SameSite=Lax", "Secure"}},
	} {
		s := newSite(t, c.base)
		s.known(t, "ana@example.org")
		b := newBrowser(t, s.serve(t, c.tls), "phone")
		_, _, header := b.do(http.MethodPost, auth.LinkPath, url.Values{"token": {s.link(t, "ana@example.org", "/")}})
		cookie := header.Get("Set-Cookie")
		for _, want := range c.want {
			if !strings.Contains(cookie, want) {
				t.Errorf("%s: cookie %q lacks %q", c.base, cookie, want)
			}
		}
		if !c.tls && strings.Contains(cookie, "Secure") {
			t.Errorf("%s: cookie %q would never come back", c.base, cookie)
		}
	}
}

// The database holds nothing that lets anybody in.
func TestSecretsAreHashed(t *testing.T) {
	s := newSite(t, "http://club.example")
	ana := s.known(t, "ana@example.org")
	b := newBrowser(t, s.serve(t, false), "phone")
	link := s.link(t, "ana@example.org", "/")
	b.post(auth.LinkPath, url.Values{"token": {link}})
	_, token, err := s.CreateToken(t.Context(), ana, "watch")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"sign_in_links", "sessions", "api_tokens"} {
		var rows string
		sql := `select coalesce(string_agg(x::text || encode(convert_to(x::text, 'utf8'), 'escape'), ' '), '') from ` + table + ` x`
		if err := s.pool.QueryRow(t.Context(), sql).Scan(&rows); err != nil || rows == "" {
			t.Fatalf("%s: %q, %v", table, rows, err)
		}
		for what, secret := range map[string]string{"link": link, "session": b.cookie(), "token": strings.TrimPrefix(token, "sc_")} {
			if strings.Contains(rows, secret) {
				t.Errorf("%s holds the %s in the clear", table, what)
			}
		}
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	s := newSite(t, "http://club.example")
	ana := s.known(t, "ana@example.org")
	server := s.serve(t, false)
	phone, desk, tv := newBrowser(t, server, "phone"), newBrowser(t, server, "desk"), newBrowser(t, server, "tv")
	for _, b := range []*browser{phone, desk, tv} {
		s.pass(time.Minute)
		b.post(auth.LinkPath, url.Values{"token": {s.link(t, "ana@example.org", "/")}})
	}
	if got := desk.get("/sessions"); got != "tv\ndesk (here)\nphone" {
		t.Errorf("sessions:\n%s", got)
	}
	s.pass(20 * time.Minute)
	if got := phone.get("/sessions"); !strings.HasPrefix(got, "phone (here)") {
		t.Errorf("the phone was seen last:\n%s", got)
	}

	list, err := s.Sessions(t.Context(), ana)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	stranger := s.known(t, "ben@example.org")
	if err := s.EndSession(t.Context(), stranger, list[0].ID); err == nil {
		t.Error("a stranger ended Ana's session")
	}
	for _, x := range list {
		if x.UserAgent == "tv" {
			if err := s.EndSession(t.Context(), ana, x.ID); err != nil {
				t.Error(err)
			}
		}
	}
	if who := tv.get("/me"); who != "visitor" {
		t.Errorf("the ended session is %s", who)
	}
	phone.post("/sessions/end-others", nil)
	if who := desk.get("/me"); who != "visitor" {
		t.Errorf("the other session is %s", who)
	}
	if who := phone.get("/me"); who != ana.String() {
		t.Errorf("the session that asked is %s", who)
	}
}

func TestSessionRunsOut(t *testing.T) {
	s := newSite(t, "http://club.example")
	s.known(t, "ana@example.org")
	b := newBrowser(t, s.serve(t, false), "phone")
	b.post(auth.LinkPath, url.Values{"token": {s.link(t, "ana@example.org", "/")}})
	var days float64
	err := s.pool.QueryRow(t.Context(), `select extract(epoch from expiry - now()) / 86400 from sessions`).Scan(&days)
	if err != nil || days < 29.9 || days > 30 {
		t.Errorf("a session lasts %.2f days, %v", days, err)
	}
	if _, err := s.pool.Exec(t.Context(), `update sessions set expiry = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if who := b.get("/me"); who != "visitor" {
		t.Errorf("after the end: %s", who)
	}
}

// A request that was under way while its session was ended saves the session again; it must not be signed in by that.
func TestEndedSessionStaysEnded(t *testing.T) {
	s := newSite(t, "http://club.example")
	ana := s.known(t, "ana@example.org")
	started, ended := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(started)
		<-ended
		s.Flash(r.Context(), "saved")
	})
	server := s.serve(t, false)
	b := newBrowser(t, server, "phone")
	b.post(auth.LinkPath, url.Values{"token": {s.link(t, "ana@example.org", "/")}})

	mux := http.NewServeMux()
	mux.Handle("/slow", s.Middleware(slow))
	mux.Handle("/", server.Config.Handler)
	server.Config.Handler = mux
	go func() {
		<-started
		if _, err := s.EndOtherSessions(t.Context(), ana); err != nil {
			t.Error(err)
		}
		close(ended)
	}()
	b.get("/slow")
	if who := b.get("/me"); who != "visitor" {
		t.Errorf("the ended session is %s again", who)
	}
}
