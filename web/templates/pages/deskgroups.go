package pages

import "segmentchallenge/web/templates/ui"

// DeskGroups is the part of the desk for divisions, teams and handicaps.
type DeskGroups struct {
	NamesURL, PlacesURL string // where the two forms are sent
	Fixed               string // why nothing can be changed any more; "" where it can
	Hint                string // what isn't ranked by yet
	ScoringURL          string
	Groups              []DeskGroup
	NewKind             []ui.Option
	NewName             ui.FieldView
	Reason              *ui.FieldView // of both forms; nil while no results are confirmed
	HasDivisions        bool
	HasTeams            bool
	Rows                []DeskPlacement
}

// reason is the field of one of the two forms, for each is sent by itself.
func (g DeskGroups) reason(form string) ui.FieldView {
	f := *g.Reason
	f.ID = "f-reason-" + form
	return f
}

// DeskGroup is a division or a team with its name to edit.
type DeskGroup struct {
	Kind, Members string // Division; "3 athletes"
	Name          ui.FieldView
	Remove        string // value of the button
	Label         string
}

// DeskPlacement is an athlete with where they belong.
type DeskPlacement struct {
	ID, Name, URL, Category string
	Was                     string // what the fields showed, so that only what was changed is saved
	Division, Team          ScoringChoice
	Handicap                ui.FieldView
}
