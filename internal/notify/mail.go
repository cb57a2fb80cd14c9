package notify

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/web/templates/email"
)

// Mail is one message to one person.
type Mail struct {
	// ID stays the same when a mail is sent again because nobody knows whether it was taken: servers and mail programs
	// show a message of the same id once. uuid.Nil: a new one.
	ID          uuid.UUID
	To          string // an address
	Subject     string
	Text        string // for those who read mail as text, and for the development mailbox
	HTML        string
	Unsubscribe string // address that takes the reader off the list (RFC 8058); empty where they asked for the mail
}

// Mailer hands a mail over for delivery. An error means that it was not taken and may be tried again, unless it is a
// *RefusedError.
type Mailer interface {
	Send(ctx context.Context, m Mail) error
}

// RefusedError says that a mail server will never take a mail. It doesn't name the recipient.
type RefusedError struct{ Code int } // of SMTP, such as 550

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the mail server refuses the mail (code %d)", e.Code)
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
	return p.send(ctx, Mail{To: to}, letter)
}

// letter is what the letters of package email have in common.
type letter interface {
	Subject() string
	Text() string
	HTML() templ.Component
}

// send fills a mail in from its letter.
func (p Post) send(ctx context.Context, m Mail, l letter) error {
	var html bytes.Buffer
	if err := l.HTML().Render(ctx, &html); err != nil {
		return fmt.Errorf("mail %q: %w", l.Subject(), err)
	}
	m.Subject, m.Text, m.HTML = l.Subject(), l.Text(), html.String()
	return p.Mailer.Send(ctx, m)
}
