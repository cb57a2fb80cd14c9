package web

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/drafts"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// wizardRoutes are hosting a challenge step by step. What is typed is a draft until the last one.
func (s *Server) wizardRoutes(r chi.Router) {
	r.Get("/host", s.member(s.hostPage))
	r.Post("/host", s.member(s.beginDraft))
	r.Post("/host/{id}/delete", s.member(s.deleteDraft))
	r.Get("/host/{id}/{step}", s.member(s.atStep(s.wizardPage)))
	r.Post("/host/{id}/{step}", s.member(s.atStep(s.wizardSave)))
	r.Get("/host/{id}/stages/new", s.member(s.draftStagePage))
	r.Post("/host/{id}/stages/new", s.member(s.saveDraftStage))
	r.Get("/host/{id}/stages/{stage}/edit", s.member(s.draftStagePage))
	r.Post("/host/{id}/stages/{stage}/edit", s.member(s.saveDraftStage))
	r.Post("/host/{id}/stages/{stage}/remove", s.member(s.removeDraftStage))
}

// wizardStep is a step with the fields that its form sends.
type wizardStep struct {
	name, label string
	fields      []string
}

var wizardSteps = []wizardStep{
	{"kind", "Kind and dates", []string{"type", "name", "description", "startLocal", "endLocal", "timeZone"}},
	{"rules", "What counts", []string{"goal", "goalUnits", "goalRecurrence", "accumulateActivities", "includedActivityTypes", "allowPrivateActivities", "tenths"}},
	{"stages", "Stages", nil},
	{"scoring", "Boards and scoring", []string{"categories", "ageGroups", "template"}},
	{"joining", "Who may join", []string{"clubId", "restrictedToClubMembers", "private"}},
	{"review", "Review", nil},
}

func stepNamed(name string) int {
	return slices.IndexFunc(wizardSteps, func(s wizardStep) bool { return s.name == name })
}

func draftURL(d drafts.Draft, rest string) string { return "/host/" + d.ID.String() + "/" + rest }

func (s *Server) hostPage(w http.ResponseWriter, r *http.Request) error {
	all, err := drafts.Of(r.Context(), s.Pool, viewer(r).AthleteID)
	if err != nil {
		return err
	}
	v := pages.HostView{NewID: formID("").String()}
	for _, d := range all {
		v.Drafts = append(v.Drafts, pages.DraftView{ID: d.ID.String(), Name: draftName(d), Kind: format.Count(len(d.Stages), "stage", "stages"),
			Touched: "touched " + format.Ago(now(), d.UpdatedAt), URL: draftURL(d, "kind"), DeleteURL: draftURL(d, "delete")})
	}
	return s.render(w, r, http.StatusOK, layout.Page{Title: "Host a challenge", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Host(p, v) })
}

func draftName(d drafts.Draft) string {
	if name := d.Fields.Get("name"); name != "" {
		return name
	}
	return "A challenge without a name"
}

// beginDraft makes a draft of what a new form proposes; pressed twice, it is the same draft.
func (s *Server) beginDraft(w http.ResponseWriter, r *http.Request) error {
	id, by := formID(r.PostFormValue("id")), viewer(r)
	if d, err := drafts.Find(r.Context(), s.Pool, id, by.AthleteID); err == nil {
		return s.done(w, r, draftURL(d, "kind"), "")
	}
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, by.AthleteID)
	if err != nil {
		return err
	}
	p := proposal(athlete.TimeZone)
	d := drafts.Draft{ID: id, AthleteID: by.AthleteID, Fields: url.Values{"type": {string(p.Type)}, "timeZone": {p.TimeZone},
		"startLocal": {typedMinute(p.Window.Start)}, "endLocal": {typedMinute(p.Window.End)}, "accumulateActivities": {"true"}, "goalUnits": {"kilometres"}}}
	for _, t := range p.IncludedActivityTypes {
		d.Fields.Add("includedActivityTypes", string(t))
	}
	for _, c := range p.Categories {
		d.Fields.Add("categories", string(c))
	}
	if err := drafts.Save(r.Context(), s.Pool, d); err != nil {
		return err
	}
	return s.done(w, r, draftURL(d, "kind"), "")
}

func (s *Server) deleteDraft(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, drafts.ErrNone)
	if err != nil {
		return err
	}
	if err := drafts.Delete(r.Context(), s.Pool, id, viewer(r).AthleteID); err != nil {
		return err
	}
	return s.done(w, r, "/host", "The draft is deleted.")
}

// draftOf is the draft of the address.
func (s *Server) draftOf(r *http.Request) (drafts.Draft, error) {
	id, err := pathID(r, drafts.ErrNone)
	if err != nil {
		return drafts.Draft{}, err
	}
	return drafts.Find(r.Context(), s.Pool, id, viewer(r).AthleteID)
}

// atStep is for pages of a draft at a step of it.
func (s *Server) atStep(h func(w http.ResponseWriter, r *http.Request, d drafts.Draft, step int) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		step := stepNamed(chi.URLParam(r, "step"))
		if step < 0 {
			return refusal.Of(refusal.NotFound, "page_not_found", "There is no page at this address.")
		}
		d, err := s.draftOf(r)
		if errors.Is(err, drafts.ErrNone) {
			return s.afterHosting(w, r)
		}
		if err != nil {
			return err
		}
		return h(w, r, d, step)
	}
}

func (s *Server) wizardPage(w http.ResponseWriter, r *http.Request, d drafts.Draft, step int) error {
	return s.showWizard(w, r, http.StatusOK, d, step, nil)
}

// afterHosting leads whoever goes back to a draft that was hosted to what it has become.
func (s *Server) afterHosting(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, drafts.ErrNone)
	if err != nil {
		return err
	}
	c, err := readmodel.ChallengeByID(r.Context(), s.Pool, viewer(r), id)
	if err != nil {
		return drafts.ErrNone
	}
	return s.done(w, r, challengeURL(c), "")
}

// showWizard draws a step. said is what was wrong with what was just sent; nil leaves the form in peace.
func (s *Server) showWizard(w http.ResponseWriter, r *http.Request, status int, d drafts.Draft, step int, said problems) error {
	p := s.planOf(r, d)
	v := pages.WizardView{Name: draftName(d), Step: wizardSteps[step].name, URL: "/host/" + d.ID.String(), HostNow: p.clean(),
		Form: pages.ChallengeFormView{Start: d.Fields.Get("startLocal"), End: d.Fields.Get("endLocal"), Goal: d.Fields.Get("goal"), Problems: said}}
	if step > 0 {
		v.Back = draftURL(d, wizardSteps[step-1].name)
	}
	if said != nil {
		v.Errors = said.summary(wizardSteps[step].fields...)
	}
	if err := s.fillChallengeForm(r, &v.Form, p.definition, d.Fields); err != nil {
		return err
	}
	v.Steps = p.steps(d, step)
	zone := p.challenge.TimeZone
	v.StageHelp = "From " + localMoment(p.challenge.StartLocal) + " until " + localMoment(p.challenge.EndLocal) + " (" + zone + "). They don't overlap, and the last one ends with the challenge."
	for i, st := range p.challenge.Stages {
		v.Stages = append(v.Stages, pages.WizardStage{Name: format.Number(i+1) + " · " + nameOr(st.Name), Problem: p.stageProblems[i].first(),
			Facts:   stageTypeWords(st.Type) + ", " + localMoment(st.StartLocal) + " – " + localMoment(st.EndLocal),
			EditURL: draftURL(d, "stages/"+st.ID.String()+"/edit"), RemoveURL: draftURL(d, "stages/"+st.ID.String()+"/remove")})
	}
	v.Templates = p.templates(d)
	scheme := schemeOf(p.definition.Scoring, p.challenge)
	switch wizardSteps[step].name {
	case "scoring":
		v.Example = scoringExample(scheme, p.challenge)
	case "review":
		if p.state.Exists {
			v.Rules = withScoring(rulesOf(p.challenge, p.challenge.Stages, sport.Metric), scheme)
		}
		v.Errors = append(v.Errors, p.everything()...)
	}
	return s.render(w, r, status, layout.Page{Title: v.Name + " · Draft", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.Wizard(p, v) })
}

// first is one of the problems, always the same; "" for none.
func (p problems) first() string {
	for _, field := range slices.Sorted(maps.Keys(p)) {
		return p[field]
	}
	return ""
}

// wizardSave keeps what was typed, whatever it is, and goes on when it makes sense.
func (s *Server) wizardSave(w http.ResponseWriter, r *http.Request, d drafts.Draft, step int) error {
	form := formOf(r)
	if fields := wizardSteps[step].fields; fields != nil {
		for _, name := range fields {
			d.Fields.Del(name)
			if typed, ok := form[name]; ok {
				d.Fields[name] = typed
			}
		}
		if err := drafts.Save(r.Context(), s.Pool, d); err != nil {
			return err
		}
	}
	switch {
	case form.Get("later") != "":
		return s.done(w, r, "/host", "Saved. Go on whenever you like.")
	case form.Get("back") != "":
		return s.done(w, r, draftURL(d, wizardSteps[max(step-1, 0)].name), "")
	case wizardSteps[step].name == "review":
		return s.hostDraft(w, r, d)
	case form.Get("do") == "preview":
		return s.done(w, r, draftURL(d, wizardSteps[step].name), "")
	}
	p := s.planOf(r, d)
	if said := p.problemsAt(step); len(said) > 0 {
		return s.showWizard(w, r, http.StatusUnprocessableEntity, d, step, said)
	}
	next := step + 1
	if wizardSteps[next].name == "stages" && p.definition.Type != sport.SegmentChallenge {
		next++ // they follow from the dates
	}
	return s.done(w, r, draftURL(d, wizardSteps[next].name), "")
}

// templates are the ways of scoring that suit the type.
func (p plan) templates(d drafts.Draft) []ui.Option {
	var out []ui.Option
	for _, t := range leaderboards.TemplatesFor(p.definition.Type) {
		out = append(out, ui.Option{Value: t.Name, Label: t.Name, Help: t.Words, Selected: d.Fields.Get("template") == t.Name})
	}
	if len(out) > 0 && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Selected }) {
		out[0].Selected = true
	}
	return out
}
