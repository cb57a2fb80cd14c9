package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/drafts"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// plan is what a draft would become: its commands, decided in memory by the challenge's own rules. Nothing of it is stored.
type plan struct {
	definition    challenges.Definition
	state         challenges.State
	challenge     readmodel.Challenge // as pages would show it
	fields        problems            // of the definition
	stageProblems []problems
	stages        []challenges.AddStage
	whole         string // why it can't be hosted although every part is fine; "" for none
}

// planOf carries the draft's commands out on a state of its own.
func (s *Server) planOf(r *http.Request, d drafts.Draft) plan {
	var p plan
	var read error
	p.definition, read = definitionOf(d.Fields)
	p.definition = fitting(p.definition)
	if t, ok := templateNamed(p.definition.Type, d.Fields.Get("template")); ok {
		p.definition.Scoring = t.Scheme
	}
	by := viewer(r)
	p.fields, _ = problemsOf(read)
	head := challenges.Head{ID: d.ID, By: by, Now: now()}
	member := s.isMember(r, p.definition.ClubID, by)
	decided := p.decide(challenges.Create{Head: head, Slug: "draft", Definition: p.definition, ClubMember: member})
	p.note(decided)
	p.challenge = readmodel.Challenge{ID: d.ID, Type: p.definition.Type, Name: p.definition.Name, StartLocal: p.definition.Window.Start, EndLocal: p.definition.Window.End,
		TimeZone: p.definition.TimeZone, ClubID: p.definition.ClubID, RestrictedToClubMembers: p.definition.RestrictedToClubMembers,
		AllowPrivateActivities: p.definition.AllowPrivateActivities, IncludedActivityTypes: p.definition.IncludedActivityTypes,
		AccumulateActivities: p.definition.AccumulateActivities, Goal: p.definition.Goal, Private: p.definition.Private,
		Categories: p.definition.Categories, Tenths: p.definition.Tenths, Status: sport.Pending, OrganiserID: by.AthleteID}
	zone := zoneOf(p.definition.TimeZone)
	p.challenge.StartAt, p.challenge.EndAt = p.definition.Window.Start.In(zone), p.definition.Window.End.In(zone)
	if p.definition.Type == sport.SegmentChallenge {
		p.addStages(head, d.Stages)
	} else {
		p.generated()
	}
	if p.state.Exists && p.stagesFine() {
		if said, ok := problemsOf(p.decide(challenges.Host{Head: head})); ok {
			p.whole = said.first()
		}
	}
	return p
}

// note adds what is refused to what is known of the fields.
func (p *plan) note(err error) {
	if p.fields == nil {
		p.fields = problems{}
	}
	for _, e := range refusal.All(err) {
		field := e.Field
		if errors.Is(e, challenges.ErrNotClub) {
			field = "clubId"
		}
		if p.fields[field] == "" {
			p.fields[field] = e.Detail
		}
	}
}

func templateNamed(t sport.ChallengeType, name string) (leaderboards.Template, bool) {
	for _, template := range leaderboards.TemplatesFor(t) {
		if template.Name == name {
			return template, true
		}
	}
	return leaderboards.Template{}, false
}

// isMember says whether somebody belongs to a club, as dispatch will find out again when it is hosted.
func (s *Server) isMember(r *http.Request, club uuid.UUID, by actor.Actor) bool {
	if club == uuid.Nil {
		return false
	}
	found, err := readmodel.ClubByID(r.Context(), s.Pool, by, club)
	return err == nil && found.Member()
}

// decide carries a command out in memory.
func (p *plan) decide(cmd challenges.Command) error {
	events, err := p.state.Decide(cmd)
	if err != nil {
		return err
	}
	for _, e := range events {
		p.state = p.state.Evolve(e)
	}
	return nil
}

func (p *plan) addStages(head challenges.Head, forms []url.Values) {
	for i, form := range forms {
		def, read := stageDefinitionOf(form, p.challenge)
		id := formID(form.Get("id"))
		add := challenges.AddStage{Head: head, StageID: id, StageDefinition: def}
		said, _ := problemsOf(read)
		if read == nil && p.state.Exists {
			said, _ = problemsOf(p.decide(add))
		}
		p.stages, p.stageProblems = append(p.stages, add), append(p.stageProblems, said)
		st := readmodel.Stage{ID: id, Name: def.Name, Type: def.Type, SegmentID: def.SegmentID, StartLocal: def.Window.Start, EndLocal: def.Window.End,
			Number: i + 1, Status: sport.Upcoming, Adjustment: def.Adjustment, Hidden: def.Hidden}
		if slot, ok := p.state.Slot(id); ok {
			st.Number, st.StartLocal, st.EndLocal = slot.Number, slot.Window.Start, slot.Window.End
		}
		p.challenge.Stages = append(p.challenge.Stages, st)
	}
}

// generated are the stages that follow from the dates.
func (p *plan) generated() {
	for _, slot := range p.state.Stages {
		p.challenge.Stages = append(p.challenge.Stages, readmodel.Stage{ID: slot.StageID, Number: slot.Number, Name: slot.Name, StartLocal: slot.Window.Start,
			EndLocal: slot.Window.End, Status: sport.Upcoming, Type: sport.StageType(p.definition.Type)})
		p.stageProblems = append(p.stageProblems, nil)
	}
}

func (p plan) stagesFine() bool {
	for _, said := range p.stageProblems {
		if len(said) > 0 {
			return false
		}
	}
	return true
}

func (p plan) clean() bool { return len(p.fields) == 0 && p.stagesFine() && p.whole == "" }

// problemsAt are those of the fields of one step; with the stages, theirs.
func (p plan) problemsAt(step int) problems {
	out := problems{}
	for _, field := range wizardSteps[step].fields {
		if words := p.fields[field]; words != "" {
			out[field] = words
		}
	}
	if wizardSteps[step].name == "stages" {
		for _, said := range p.stageProblems {
			if words := said.first(); words != "" {
				out[""] = words
			}
		}
		if p.whole != "" {
			out[""] = p.whole
		}
	}
	return out
}

// everything lists all that is left to be mended, each leading to nothing: the steps say where.
func (p plan) everything() []ui.FieldError {
	var out []ui.FieldError
	for i, step := range wizardSteps {
		said := p.problemsAt(i)
		for _, field := range slices.Sorted(maps.Keys(said)) {
			out = append(out, ui.FieldError{Text: step.label + ": " + said[field]})
		}
	}
	if words := p.fields[""]; words != "" {
		out = append(out, ui.FieldError{Text: words})
	}
	return out
}

func (p plan) steps(d drafts.Draft, current int) []pages.WizardStep {
	var out []pages.WizardStep
	for i, step := range wizardSteps {
		v := pages.WizardStep{Label: step.label, URL: draftURL(d, step.name), State: "open"}
		switch {
		case i == current:
			v.State = "now"
		case i < current && len(p.problemsAt(i)) > 0:
			v.State = "wrong"
		case i < current:
			v.State = "done"
		}
		out = append(out, v)
	}
	return out
}

var errNotReady = refusal.New("draft_not_ready", "Something is still to be mended; it is listed at the top.")
