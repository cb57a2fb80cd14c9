package pages

import (
	"time"

	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// Rule is one rule of a challenge in plain words.
type Rule struct{ Icon, Title, Text string }

// ChallengeView is a challenge's page.
type ChallengeView struct {
	Head            layout.HeadView
	URL             string
	States          []string // of ui.StateChip
	Now, Start, End time.Time
	Counting        bool // upcoming or active: the countdown is shown
	OrganiseURL     string
	Club, ClubURL   string
	Organiser       string
	OrganiserURL    string

	Joining     Joining
	Message     string // on the results, as safe HTML
	Description string // as safe HTML
	Dates       parts.DateBarView
	DateWords   string
	Rules       []Rule
	Stages      parts.StageTimelineView
	Leaders     []StageLeaders
	Standings   *StandingsSection // nil before the challenge is hosted
	Competitors CompetitorList
	Feed        parts.FeedView
	LiveURL     string // of what moves on the page
	Share       ShareView
}

// StandingsSection is one classification of the challenge in one category, with the way to the others.
type StandingsSection struct {
	Categories      []ui.Tab
	Classifications []ui.Tab
	Board           parts.BoardView
	Category        string
	Words           string // how the classification is made
	AllURL          string // the page with all of them; "" there
	CSV             string
	Pages           ui.PagesView
}

// StandingsView is the page of a challenge's standings.
type StandingsView struct {
	Head      layout.HeadView
	Standings StandingsSection
	LiveURL   string // "" where a part is shown that isn't kept up to date
}

// Joining is what the reader can do about being in a challenge.
type Joining struct {
	State  string   // join, joined, visitor, or "" where there is nothing to be done
	Note   string   // why not, or what being in it means: "You are limited: …"
	Link   ui.Crumb // where to go about it: the club that one must be in
	Public []string // what becomes public on joining
	SignIn string   // address of the sign-in page that leads back here
}

// StageLeaders are the first three of a stage.
type StageLeaders struct {
	Number     int
	Name, URL  string
	State      string // provisional, final
	Athletes   string // "48 athletes"
	First, Own []LeaderLine
	NobodyYet  string // said where there is nobody
}

// LeaderLine is one of them.
type LeaderLine struct {
	Rank      int
	Name, URL string
	Value     string
	Own       bool
}

// CompetitorList is some of the competitors.
type CompetitorList struct {
	Count  string // "48 athletes"
	People []Person
	AllURL string
	CSVURL string
	Empty  ui.EmptyView
}

// Person is a name with a face.
type Person struct {
	Name, URL, Note string
	Avatar          string   // address of a picture; "" shows initials
	Chips           []string // states of ui.StateChip
}
