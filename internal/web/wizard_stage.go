package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/drafts"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// draftStage is a stage of a draft with where it is in the list; -1 for a new one.
type draftStage struct {
	draft drafts.Draft
	plan  plan
	index int
}

func (s *Server) draftStageOf(r *http.Request) (draftStage, error) {
	d, err := s.draftOf(r)
	if err != nil {
		return draftStage{}, err
	}
	st := draftStage{draft: d, plan: s.planOf(r, d), index: -1}
	if st.plan.definition.Type != sport.SegmentChallenge {
		return st, challenges.ErrStagesGenerated
	}
	if id := chi.URLParam(r, "stage"); id != "" {
		st.index = slices.IndexFunc(d.Stages, func(form url.Values) bool { return form.Get("id") == id })
		if st.index < 0 {
			return st, readmodel.ErrNoStage
		}
	}
	return st, nil
}

// form is the stage's form, as of a challenge that exists already.
func (st draftStage) form() pages.StageFormView {
	d := st.draft
	v := stageFormFor(st.plan.challenge)
	v.Crumbs = []ui.Crumb{{Label: "Challenges", URL: "/challenges"}, {Label: "Host", URL: "/host"}, {Label: draftName(d), URL: draftURL(d, "stages")}, {Label: "Stage"}}
	v.Lead, v.Cancel = "Of "+draftName(d)+".", draftURL(d, "stages")
	v.Action, v.PickURL = draftURL(d, "stages/new"), draftURL(d, "stages/new")
	if st.index >= 0 {
		id := d.Stages[st.index].Get("id")
		v.ID, v.Title, v.Action = id, "A stage", draftURL(d, "stages/"+id+"/edit")
		v.PickURL = v.Action
	}
	return v
}

// draftStagePage asks for the segment first, and then, with ?segment=, for the rest.
func (s *Server) draftStagePage(w http.ResponseWriter, r *http.Request) error {
	st, err := s.draftStageOf(r)
	if err != nil {
		return err
	}
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	v, picked := st.form(), r.URL.Query().Get("segment")
	if st.index >= 0 && !r.URL.Query().Has("pick") {
		form := st.draft.Stages[st.index]
		def, _ := stageDefinitionOf(form, st.plan.challenge) // as it was typed, right or wrong
		v = typedStage(form, v, def, nil)
		if picked == "" {
			picked = form.Get("segmentId")
		}
		v.PickURL += "?pick=yes"
		id, _ := uuid.Parse(picked)
		return s.showStageForm(w, r, http.StatusOK, who, v, id)
	}
	if picked == "" {
		return s.pickSegment(w, r, who, v, "")
	}
	seg, err := s.segmentFor(r, who, picked)
	if errors.Is(err, readmodel.ErrNoSegment) {
		return s.pickSegment(w, r, who, v, readmodel.ErrNoSegment.Detail)
	}
	if err != nil {
		return err
	}
	window := defaultWindow(st.plan.challenge)
	v.ID, v.Name, v.Start, v.End = formID("").String(), seg.Name, typedMinute(window.Start), typedMinute(window.End)
	v.Types = stageTypeCards(fittingType(seg))
	return s.showStageForm(w, r, http.StatusOK, who, v, seg.ID)
}

// draftStageFields are what a stage's form sends.
var draftStageFields = []string{"segmentId", "name", "type", "startLocal", "endLocal", "pointsAdjustment", "description", "hidden"}

// saveDraftStage keeps the stage, also when something is wrong with it, and says what.
func (s *Server) saveDraftStage(w http.ResponseWriter, r *http.Request) error {
	st, err := s.draftStageOf(r)
	if err != nil {
		return err
	}
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	sent := formOf(r)
	form := url.Values{"id": {formID(sent.Get("id")).String()}}
	for _, name := range draftStageFields {
		if sent.Has(name) {
			form[name] = sent[name]
		}
	}
	if st.index < 0 {
		st.index = slices.IndexFunc(st.draft.Stages, func(old url.Values) bool { return old.Get("id") == form.Get("id") }) // the same form sent twice
	}
	if st.index < 0 {
		st.draft.Stages = append(st.draft.Stages, form)
		st.index = len(st.draft.Stages) - 1
	} else {
		st.draft.Stages[st.index] = form
	}
	if err := drafts.Save(r.Context(), s.Pool, st.draft); err != nil {
		return err
	}
	st.plan = s.planOf(r, st.draft)
	if said := st.plan.stageProblems[st.index]; len(said) > 0 {
		def, _ := stageDefinitionOf(form, st.plan.challenge)
		return s.showStageForm(w, r, http.StatusUnprocessableEntity, who, typedStage(form, st.form(), def, said), def.SegmentID)
	}
	return s.done(w, r, draftURL(st.draft, "stages"), form.Get("name")+" is in the plan.")
}

func (s *Server) removeDraftStage(w http.ResponseWriter, r *http.Request) error {
	st, err := s.draftStageOf(r)
	if errors.Is(err, readmodel.ErrNoStage) {
		return s.done(w, r, draftURL(st.draft, "stages"), "") // pressed twice
	}
	if err != nil {
		return err
	}
	st.draft.Stages = slices.Delete(st.draft.Stages, st.index, st.index+1)
	if err := drafts.Save(r.Context(), s.Pool, st.draft); err != nil {
		return err
	}
	return s.done(w, r, draftURL(st.draft, "stages"), "The stage is out of the plan.")
}

// hostDraft makes the challenge, its stages, and hosts it. Every id is the draft's own, so whoever presses twice, or tries
// again after something broke on the way, goes on where it stopped.
func (s *Server) hostDraft(w http.ResponseWriter, r *http.Request, d drafts.Draft) error {
	p := s.planOf(r, d)
	if !p.clean() {
		last := len(wizardSteps) - 1
		return s.showWizard(w, r, http.StatusUnprocessableEntity, d, last, problems{"": errNotReady.Detail})
	}
	slug, err := slugs.ReserveSlug(r.Context(), s.Pool, "challenge", p.definition.Name, d.ID)
	if err != nil {
		return err
	}
	head := challenges.Head{ID: d.ID, By: viewer(r), Now: now()}
	commands := []challenges.Command{challenges.Create{Head: head, Slug: slug, Definition: p.definition}}
	for _, add := range p.stages {
		commands = append(commands, add)
	}
	for _, cmd := range append(commands, challenges.Host{Head: head}) {
		if err := s.send(r.Context(), cmd); err != nil && !alreadyDone(err) {
			if said, ok := problemsOf(err); ok {
				return s.showWizard(w, r, http.StatusUnprocessableEntity, d, len(wizardSteps)-1, problems{"": said.first()})
			}
			return err
		}
	}
	if err := drafts.Delete(r.Context(), s.Pool, d.ID, d.AthleteID); err != nil {
		return err
	}
	return s.done(w, r, "/challenges/"+slug, p.definition.Name+" is hosted. Pass its address on: athletes can join now.")
}

// alreadyDone says that a command was carried out by an earlier try.
func alreadyDone(err error) bool {
	return errors.Is(err, challenges.ErrAlreadyHosted)
}
