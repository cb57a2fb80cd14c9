package pages

import (
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/ui"
)

// DeskView is where a challenge is run from. One of its parts is shown at a time.
type DeskView struct {
	Head     layout.HeadView
	States   []string // of ui.StateChip
	URL      string   // of the challenge
	Tabs     []ui.Tab
	Show     string // plan, review, athletes, groups, efforts, settings
	Errors   []ui.FieldError
	Steps    []DeskStep
	Actions  []DeskAction
	Stages   []DeskStage
	AddStage string // address of the form; "" where stages can't be added

	Query       string
	Competitors []DeskCompetitor
	Groups      DeskGroups
	StageTabs   []ui.Tab
	Efforts     []DeskEffort
	NewEffort   string // address of the form for a result by hand; "" where the stage takes none
	EffortsCSV  string
	Review      []DeskReview
	Pages       ui.PagesView
	Settings    DeskSettings
}

// DeskStep is a step in a challenge's life: done, the one that is next, or to come.
type DeskStep struct {
	State       string // done, next, later
	Title, Text string
}

// DeskAction is a button that asks again before it acts.
type DeskAction struct {
	Key, URL    string // Key tells it from the others of the page
	Page        string // address of a page that asks, where there is more to see than a question
	Label, Icon string
	Kind        ui.ButtonKind
	Title, Text string // of the question: what will happen
	Confirm     string // on the button that does it
	ForGood     bool   // it can't be undone: that button warns
	Message     *DeskMessage
}

// dialog is the id of the question; problems lead to it as to a field.
func (a DeskAction) dialog() string { return "f-" + a.Key }

// DeskMessage is a text that goes with an action.
type DeskMessage struct {
	Label, Value, Error string
	Required            bool
}

// DeskStage is a stage in the plan.
type DeskStage struct {
	Number          int
	Name, URL, Type string
	States          []string
	Dates           string
	Facts           []string
	EditURL         string // "" where nothing can be edited
	ResultURL       string // where a result is entered by hand; "" where it takes none
	Actions         []DeskAction
}

// DeskCompetitor is somebody in the challenge, or somebody who was excluded.
type DeskCompetitor struct {
	ID, Name, URL, Since, Category string
	Avatar                         string
	States                         []string
	Place                          string // division, team and handicap
	Reason                         string // why limited or excluded
	Action                         string // address below which actions are sent
	MayLimit, MayExclude, MayAllow bool
	AllowLabel                     string
	Points                         *DeskPoints // nil where none can be given
	Open                           bool        // the form, because it was refused
	Typed, Error                   string
}

// DeskPoints is the form that gives an athlete points, or takes them.
type DeskPoints struct {
	Classification ScoringChoice
	Points, Reason ui.FieldView
}

// DeskEffort is an effort on a stage.
type DeskEffort struct {
	ID, Athlete, AthleteURL, Value, When string
	URL                                  string // of the activity
	Facts                                []string
	Status, Reason                       string // accepted, needs_review, refused, removed, flagged, rejected; and why
	FlagURL                              string // "" where it can't be flagged
	Open                                 bool
	Typed, Error                         string
}

// DeskSettings are the forms that change a challenge.
type DeskSettings struct {
	Over                 bool // nothing can be changed any more
	Name, Description    string
	NameHelp             string
	Start, End, Zone     string
	StartFixed           bool
	Wheels, Feet, Others []ui.Option
	Problems             map[string]string
}
