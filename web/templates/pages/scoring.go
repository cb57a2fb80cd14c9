package pages

import (
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/ui"
)

// ScoringView is where an organiser edits how a challenge is scored.
type ScoringView struct {
	Head      layout.HeadView
	Action    string
	Cancel    string
	Groups    string // how many divisions and teams there are
	GroupsURL string // where they are set up
	Note      string // what can't be changed any more, and why
	Errors    []ui.FieldError
	Templates []ui.Crumb // to start from
	Results   []ui.Option
	ResultErr string
	ResultOf  ui.FieldView
	Hours     ui.FieldView
	Attempts  ui.FieldView
	Uploads   ui.FieldView
	Classes   []ScoringClass
	Reason    *ui.FieldView // where results are confirmed already
	Words     []string
	Example   *ScoringExample // nil while something is wrong
}

// ScoringClass is the form of one classification.
type ScoringClass struct {
	Number                                     int
	Key                                        string
	Name, Table, Others, Beaten, Best, AtLeast ui.FieldView
	Penalty                                    ui.FieldView
	Types                                      []ui.FieldView // tables of stage types
	Bonuses                                    []ui.FieldView
	By, Ties, Equals, Missed                   ScoringChoice
	Categories                                 ui.GroupView
	Queen, Highest, Handicap                   ui.Option
	QueenName, HighestName, HandicapName       string
	Whom                                       *ScoringWhom // nil where there are neither divisions nor teams
	KeyName                                    string
	MoreOpen, StagesOpen                       bool   // what is folded away says something
	Remove                                     string // value of the button; "" for the only one
}

// ScoringWhom says whether everybody is ranked, or a division, or the teams.
type ScoringWhom struct {
	Ranks                                 ScoringChoice
	TeamSize, Promoted, Relegated, ToStay ui.FieldView
}

// ScoringChoice is a list with its field.
type ScoringChoice struct {
	Field   ui.FieldView
	Options []ui.Option
}

// ScoringExample is a season that never was: what everybody rode, and what the rules make of it.
type ScoringExample struct {
	Stages  []ScoringExampleStage
	Results []ScoringExampleRow
	Tables  []ScoringExampleTable
}

// ScoringExampleStage is "1", and "1 · mountain".
type ScoringExampleStage struct{ Number, Label string }

// ScoringExampleRow is a rider with a cell a stage.
type ScoringExampleRow struct {
	Rank  int // 0: not classified
	Name  string
	Cells []string
	Total string
}

// ScoringExampleTable is one classification of it.
type ScoringExampleTable struct {
	Name, Unit string
	Rows       []ScoringExampleRow
}
