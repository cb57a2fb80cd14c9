package notify

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/a-h/templ"

	"segmentchallenge/web/templates/email"
)

// Mail is one message to one person.
type Mail struct {
	To      string // an address
	Subject string
	Text    string // for those who read mail as text, and for the development mailbox
	HTML    string
}

// Mailer hands a mail over for delivery. An error means that it was not taken and may be tried again.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// Post writes the letters.
type Post struct {
	Mailer Mailer
	Site   string // what the site calls itself, in subjects and signatures; empty: Segment Challenge
}

func (p Post) site() string {
	if p.Site == "" {
		return "Segment Challenge"
	}
	return p.Site
}

// SendSignInLink sends the mail that lets somebody in.
func (p Post) SendSignInLink(ctx context.Context, to, link string, expires time.Time) error {
	letter := email.SignIn{Site: p.site(), Link: link, Minutes: int(time.Until(expires).Round(time.Minute) / time.Minute)}
	return p.send(ctx, to, letter.Subject(), letter.Text(), letter.HTML())
}

func (p Post) send(ctx context.Context, to, subject, text string, html templ.Component) error {
	var b bytes.Buffer
	if err := html.Render(ctx, &b); err != nil {
		return fmt.Errorf("mail %q: %w", subject, err)
	}
	return p.Mailer.Send(ctx, Mail{To: to, Subject: subject, Text: text, HTML: b.String()})
}
