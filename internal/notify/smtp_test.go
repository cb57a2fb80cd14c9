package notify_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"segmentchallenge/internal/notify"
)

const link = "https://club.example/sign-in/link?token=ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func TestSMTPSendsTheLetter(t *testing.T) {
	s := &server{user: "club", password: "s3cret", tls: true}
	addr := startServer(t, s)
	smtp, err := notify.NewSMTP(notify.SMTPSettings{URL: "smtps://club:s3cret@" + addr, From: "Club Nord <noreply@club.example>"})
	if err != nil {
		t.Fatal(err)
	}
	post := notify.Post{Mailer: smtp, Site: "Club Nörd"}
	if err := post.SendSignInLink(t.Context(), "ana@example.org", link, time.Now().Add(20*time.Minute)); err != nil {
		t.Fatal(err)
	}
	mails := s.mails()
	if len(mails) != 1 {
		t.Fatalf("%d mails arrived", len(mails))
	}
	if mails[0].from != "noreply@club.example" || mails[0].to != "ana@example.org" {
		t.Errorf("envelope %q %q", mails[0].from, mails[0].to)
	}
	message, err := netmail.ReadMessage(bytes.NewReader(mails[0].data))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil || subject != "Sign in to Club Nörd" {
		t.Errorf("subject %q, %v", subject, err)
	}
	for name, want := range map[string]string{"From": `"Club Nord" <noreply@club.example>`, "To": "<ana@example.org>",
		"Auto-Submitted": "auto-generated"} {
		if got := message.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	parts := readParts(t, message)
	for _, kind := range []string{"text/plain", "text/html"} {
		if !strings.Contains(parts[kind], link) || !strings.Contains(parts[kind], "within 20 minutes") {
			t.Errorf("%s lacks the link or its time:\n%s", kind, parts[kind])
		}
	}
}

// readParts decodes the alternatives of a mail by media type.
func readParts(t testing.TB, m *netmail.Message) map[string]string {
	t.Helper()
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || media != "multipart/alternative" {
		t.Fatalf("content type %q, %v", media, err)
	}
	parts := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		media, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		parts[media] = string(body)
	}
}

// text is the mail's plain form.
func (e envelope) text(t testing.TB) string {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(e.data))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(readParts(t, m)["text/plain"], "\u00a0", " ")
}

func TestSMTPSaysWhatIsWrong(t *testing.T) {
	addr := startServer(t, &server{user: "club", password: "s3cret", refuse: "nobody@"})
	mail := notify.Mail{To: "nobody@example.org", Subject: "x", Text: "x", HTML: "x"}
	for name, c := range map[string]struct{ url, want string }{
		"TLS is not spoken": {"smtps://club:s3cret@" + addr, "tls"},
		"wrong password":    {"smtp://club:letmein@" + addr, "535"},
		"unknown recipient": {"smtp://club:s3cret@" + addr, "550"},
		"no TLS there":      {"smtp://club:s3cret@" + addr + "?tls=required", "STARTTLS"},
		"nobody listens":    {"smtp://club:s3cret@127.0.0.1:1", "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			smtp, err := notify.NewSMTP(notify.SMTPSettings{URL: c.url, From: "noreply@club.example"})
			if err != nil {
				t.Fatal(err)
			}
			err = smtp.Send(t.Context(), mail)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
			if err != nil && (strings.Contains(err.Error(), "letmein") || strings.Contains(err.Error(), "s3cret")) {
				t.Errorf("the password is in the error: %v", err)
			}
		})
	}
}

// A subject with a line feed must not become a header of its own.
func TestSMTPSubjectStaysOneHeader(t *testing.T) {
	s := &server{}
	addr := startServer(t, s)
	smtp, err := notify.NewSMTP(notify.SMTPSettings{URL: "smtp://" + addr, From: "noreply@club.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := smtp.Send(t.Context(), notify.Mail{To: "ana@example.org", Subject: "Hello\r\nBcc: all@example.org"}); err != nil {
		t.Fatal(err)
	}
	message, err := netmail.ReadMessage(bytes.NewReader(s.mails()[0].data))
	if err != nil {
		t.Fatal(err)
	}
	if got := message.Header.Get("Bcc"); got != "" {
		t.Errorf("Bcc: %q", got)
	}
	if got := message.Header.Get("Subject"); got != "Hello Bcc: all@example.org" {
		t.Errorf("Subject: %q", got)
	}
}

func TestSMTPSettings(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings notify.SMTPSettings
		want     string // in the error; empty: fine
	}{
		{"url", notify.SMTPSettings{URL: "smtp://mail.example:587"}, ""},
		{"tls from the first byte", notify.SMTPSettings{URL: "smtps://u:p@mail.example"}, ""},
		{"pieces", notify.SMTPSettings{Host: "mail.example", Port: 465, User: "u", Password: "p"}, ""},
		{"not a mail URL", notify.SMTPSettings{URL: "http://u:s3cret@mail.example"}, "need smtp://"},
		{"broken URL", notify.SMTPSettings{URL: "smtp://u:s3cret@mail example"}, "need smtp://"},
		{"unknown tls", notify.SMTPSettings{URL: "smtp://u:s3cret@mail.example?tls=maybe"}, "required or none"},
		{"sender", notify.SMTPSettings{Host: "mail.example", From: "the club"}, "sender"},
		{"no host", notify.SMTPSettings{From: "a@b.example"}, "mail server"},
	} {
		_, err := notify.NewSMTP(c.settings)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the password is in the error: %v", c.name, err)
		}
	}
}
