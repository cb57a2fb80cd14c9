package pages

import (
	"time"

	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// StageView is a stage's page.
type StageView struct {
	Head            layout.HeadView
	URL             string
	States          []string // of ui.StateChip
	Now, Start, End time.Time
	Counting        bool
	DateWords       string
	Joined          bool // uploads count
	ChallengeURL    string
	OrganiseURL     string

	Message     string   // on the results, as safe HTML
	Description string   // as safe HTML
	Mystery     string   // when the secret is told; "" where there is none
	Course      *Course  // nil for a mystery and for stages without a segment
	Rules       []Rule   // of stages without a segment
	Results     *Results // nil while there is no board
	Missing     *Missing // nil for those who don't compete
	Feed        parts.FeedView
	Before      *ui.Crumb // the stages around this one
	After       *ui.Crumb
}

// Course is a segment with its figures.
type Course struct {
	Name, URL string // of the segment in the library
	Map       parts.MapView
	Profile   parts.ProfileView
	Stats     []ui.Stat
	GPX       string // address of the line as a file
}

// Results is a board with its categories.
type Results struct {
	Tabs    []ui.Tab
	Board   parts.BoardView
	LiveURL string // "" where the board isn't pushed: other pages than the first
	Still   string // says so
	Pages   ui.PagesView
	CSV     string
	TV      string // the page for televisions
	History string // the board's past
}

// Missing answers "why is my ride missing?".
type Missing struct {
	Open    bool
	Rides   []MissingRide
	Nothing string // where there is no ride to speak of
	Checks  []string
}

// MissingRide is one ride, or one effort in it, and why it doesn't count.
type MissingRide struct {
	Title, URL string // the activity
	Value      string // of an effort that was measured and refused
	State      string // of ui.StateChip: needs_review, rejected; "" for others
	Reason     string
	Map        *parts.MapView
}
