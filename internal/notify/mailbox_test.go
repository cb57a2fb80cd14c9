package notify_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/notify"
	"segmentchallenge/internal/postgres/postgrestest"
)

func TestMailboxShowsWhatWasSent(t *testing.T) {
	box := notify.Mailbox{Pool: postgrestest.New(t)}
	post := notify.Post{Mailer: box}
	for _, to := range []string{"ana@example.org", "ben@example.org", "<script>@example.org"} {
		if err := post.SendSignInLink(t.Context(), to, link+to[:3], time.Now().Add(20*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(box.Handler(nil))
	defer server.Close()

	all, _ := get(t, server.URL+notify.MailboxPath)
	for _, want := range []string{"ana@example.org", "ben@example.org", "&lt;script&gt;@example.org",
		`<a href="` + link + `ana">`, "Sign in to Segment Challenge"} {
		if !strings.Contains(all, want) {
			t.Errorf("the mailbox lacks %q", want)
		}
	}
	one, _ := get(t, server.URL+notify.MailboxPath+"?to=ana@example.org")
	if !strings.Contains(one, "ana@example.org") || strings.Contains(one, "ben@example.org") {
		t.Errorf("one person's mails:\n%s", one)
	}

	mails, err := box.Mails(t.Context(), "ana@example.org", 10)
	if err != nil || len(mails) != 1 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	html, header := get(t, server.URL+notify.MailboxPath+"/"+mails[0].ID.String())
	if !strings.Contains(html, `href="`+link+`ana"`) {
		t.Errorf("HTML form:\n%s", html)
	}
	if csp := header.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") {
		t.Errorf("policy %q", csp)
	}
	for _, id := range []string{uuid.NewString(), "x"} {
		response, err := http.Get(server.URL + notify.MailboxPath + "/" + id)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("mail %q: status %d", id, response.StatusCode)
		}
	}
}

func get(t *testing.T, url string) (string, http.Header) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, response.StatusCode, err)
	}
	return string(body), response.Header
}

func TestMailboxKeepsTheNewest(t *testing.T) {
	pool := postgrestest.New(t)
	box := notify.Mailbox{Pool: pool}
	for i := range 1005 {
		if err := box.Send(t.Context(), notify.Mail{To: "a@example.org", Subject: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	mails, err := box.Mails(t.Context(), "", 2000)
	if err != nil || len(mails) != 1000 || mails[0].Subject != "1004" || mails[999].Subject != "5" {
		t.Errorf("%d mails from %q to %q, %v", len(mails), mails[0].Subject, mails[len(mails)-1].Subject, err)
	}
}

func TestMailboxAllowed(t *testing.T) {
	for _, c := range []struct {
		listen string
		dev    bool
		want   bool
	}{
		{"127.0.0.1:8080", false, true},
		{"[::1]:8080", false, true},
		{"localhost:0", false, true},
		{":8080", false, false},
		{"0.0.0.0:8080", false, false},
		{"192.168.1.5:80", false, false},
		{"127.0.0.1.evil.example:80", false, false},
		{"nonsense", false, false},
		{":8080", true, true},
	} {
		if got := notify.MailboxAllowed(c.listen, c.dev); got != c.want {
			t.Errorf("MailboxAllowed(%q, %v) = %v", c.listen, c.dev, got)
		}
	}
}
