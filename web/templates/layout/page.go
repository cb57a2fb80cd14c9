package layout

import (
	"segmentchallenge/web/templates/ui"
)

// Page is what the shell needs to know of a page and of who looks at it.
type Page struct {
	Title       string // of the browser tab; the shell adds the name of the house
	Description string // for search engines and shared links
	Path        string // of the request: marks the place in the navigation; where the theme switch comes back to
	Theme       string // "light", "dark" or "" for the system's
	User        *User  // nil for a visitor
	Flashes     []ui.FlashView
	Canonical   string // absolute address, for shared links; "" leaves it out
	Image       string // absolute address of the picture for shared links
	NoIndex     bool   // keeps search engines out: unlisted challenges, private pages
	Bare        bool   // no header and footer: embeds and boards for a television
	Narrow      bool   // a column for forms and text
}

// User is the athlete who is signed in.
type User struct {
	ID     string // their rows are marked on live boards
	Name   string
	Avatar string
	URL    string // their profile
	Admin  bool
}

// House is the name that titles end with.
const House = "Segment Challenge"

func (p Page) title() string {
	if p.Title == "" || p.Title == House {
		return House
	}
	return p.Title + " · " + House
}

type link struct{ label, url, icon string }

var mainLinks = []link{
	{"Challenges", "/challenges", "trophy"},
	{"Segments", "/segments", "route"},
	{"Clubs", "/clubs", "users"},
}

func userLinks(u *User) []link {
	links := []link{
		{"Dashboard", "/dashboard", "gauge"},
		{"Profile", u.URL, "user"},
		{"Uploads", "/upload", "upload"},
		{"Settings", "/settings", "settings"},
	}
	if u.Admin {
		links = append(links, link{"Admin", "/admin", "key"})
	}
	return links
}

// current says whether a link leads to the page or to what it's under.
func (p Page) current(url string) bool {
	return p.Path == url || (len(p.Path) > len(url) && p.Path[:len(url)] == url && p.Path[len(url)] == '/')
}
