package email

import (
	"fmt"

	"github.com/a-h/templ"
)

// SignIn is the mail with the link that lets somebody in.
type SignIn struct {
	Site    string // what the site calls itself
	Link    string
	Minutes int // for which the link works
}

// Subject tells what it is, without the link: subjects are shown on locked screens.
func (s SignIn) Subject() string { return "Sign in to " + s.Site }

// Text is the plain form.
func (s SignIn) Text() string {
	return fmt.Sprintf(`Sign in to %s

Open this link to sign in, or to register if you are new:

%s

It works once, within %d minutes. If you didn't ask for it, delete this mail: nothing happens.
`, s.Site, s.Link, s.Minutes)
}

// HTML is the form with a button.
func (s SignIn) HTML() templ.Component { return signIn(s) }
