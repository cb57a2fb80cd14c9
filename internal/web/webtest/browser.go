package webtest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
)

// Browser is somebody who looks at pages and sends forms. It keeps cookies and follows no redirects.
type Browser struct {
	site   *Site
	client *http.Client
}

// Visitor is a browser in which nobody is signed in.
func (s *Site) Visitor() *Browser {
	jar, _ := cookiejar.New(nil) // never errs
	return &Browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// SignIn is a browser in which the athlete is signed in, without the mail that this takes in real life.
func (s *Site) SignIn(a Athlete) *Browser {
	s.Helper()
	b := s.Visitor()
	answer := httptest.NewRecorder()
	s.Accounts.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := s.Accounts.SignIn(r, a.ID); err != nil {
			s.Fatal(err)
		}
	})).ServeHTTP(answer, httptest.NewRequestWithContext(s.Context(), http.MethodPost, s.URL+"/sign-in", nil))
	home, _ := url.Parse(s.URL) // our own
	b.client.Jar.SetCookies(home, answer.Result().Cookies())
	return b
}

// Token is an API token of the athlete.
func (s *Site) Token(a Athlete) string {
	s.Helper()
	_, secret, err := s.Accounts.CreateToken(s.Context(), a.ID, "test")
	if err != nil {
		s.Fatal(err)
	}
	return secret
}

// Page is an answer.
type Page struct {
	Status   int
	Header   http.Header
	Body     string
	Location string // of a redirect
}

// Text is the page without its tags, entities resolved, no-break spaces as plain ones, runs of space as one: what a
// reader reads.
func (p Page) Text() string { return textOf(p.Body) }

// Has says whether a reader reads the words.
func (p Page) Has(words string) bool { return strings.Contains(p.Text(), words) }

// Get asks for a path of the site.
func (b *Browser) Get(path string) Page {
	b.site.Helper()
	r, err := http.NewRequestWithContext(b.site.Context(), http.MethodGet, b.site.URL+path, nil)
	if err != nil {
		b.site.Fatal(err)
	}
	return b.Do(r)
}

// Post sends a form, as a page of the site would.
func (b *Browser) Post(path string, form url.Values) Page {
	b.site.Helper()
	r, err := http.NewRequestWithContext(b.site.Context(), http.MethodPost, b.site.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.site.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.site.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Do(r)
}

// Do sends any other request, with the browser's cookies.
func (b *Browser) Do(r *http.Request) Page {
	b.site.Helper()
	answer, err := b.client.Do(r)
	if err != nil {
		b.site.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.site.Fatal(err)
	}
	return Page{Status: answer.StatusCode, Header: answer.Header, Body: string(body), Location: answer.Header.Get("Location")}
}

// Cookies are those that the browser sends to the site, for handing to a real one.
func (b *Browser) Cookies() []*http.Cookie {
	home, _ := url.Parse(b.site.URL) // our own
	return b.client.Jar.Cookies(home)
}
