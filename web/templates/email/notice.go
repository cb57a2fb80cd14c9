package email

import (
	"strings"

	"github.com/a-h/templ"
)

// Notice is a mail that tells an athlete something. Its words come written.
type Notice struct {
	Site        string
	Title       string   // the subject, too
	Lines       []string // a paragraph each
	Quote       string   // somebody's own words, as they typed them (Markdown); empty for none
	QuoteHTML   string   // the same as safe HTML
	Action      string   // what the button says
	Link        string   // where it leads
	Why         string   // why the athlete gets this
	Unsubscribe string   // address that stops mails of this kind
	Settings    string   // address of all choices
}

// Subject is the title.
func (n Notice) Subject() string { return n.Title }

// Text is the plain form.
func (n Notice) Text() string {
	var b strings.Builder
	paragraph := func(s string) {
		if s != "" {
			b.WriteString(s + "\n\n")
		}
	}
	paragraph(n.Title)
	for _, line := range n.Lines {
		paragraph(line)
	}
	if n.Quote != "" {
		paragraph("> " + strings.ReplaceAll(strings.TrimSpace(n.Quote), "\n", "\n> "))
	}
	paragraph(n.Action + ":\n" + n.Link)
	b.WriteString("-- \n" + n.Why + "\n")
	b.WriteString("No more mails of this kind: " + n.Unsubscribe + "\n")
	b.WriteString("All choices: " + n.Settings + "\n")
	return b.String()
}

// HTML is the form with a button.
func (n Notice) HTML() templ.Component { return notice(n) }
