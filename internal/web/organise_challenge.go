package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// newChallengePage proposes four weeks from next Monday, by the athlete's own clock.
func (s *Server) newChallengePage(w http.ResponseWriter, r *http.Request) error {
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, viewer(r).AthleteID)
	if err != nil {
		return err
	}
	d := proposal(athlete.TimeZone)
	v := pages.ChallengeFormView{ID: formID("").String(), Start: typedMinute(d.Window.Start), End: typedMinute(d.Window.End)}
	return s.showChallengeForm(w, r, http.StatusOK, v, d)
}

// proposal is what a new form begins with.
func proposal(zone string) challenges.Definition {
	today := now().In(zoneOf(zone))
	monday := time.Date(today.Year(), today.Month(), today.Day()+(7-int(today.Weekday()))%7+1, 0, 0, 0, 0, time.UTC)
	return challenges.Definition{Type: sport.SegmentChallenge, TimeZone: zone, AccumulateActivities: true, Categories: sport.DefaultCategories,
		IncludedActivityTypes: []sport.ActivityType{sport.Ride, sport.MountainBikeRide, sport.GravelRide},
		Window:                sport.Window{Start: sport.LocalOf(monday), End: sport.LocalOf(monday.AddDate(0, 0, 28).Add(-time.Second))}}
}

func (s *Server) showChallengeForm(w http.ResponseWriter, r *http.Request, status int, v pages.ChallengeFormView, d challenges.Definition) error {
	if err := s.fillChallengeForm(r, &v, d, formOf(r)); err != nil {
		return err
	}
	return s.render(w, r, status, layout.Page{Title: "A new challenge", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.ChallengeForm(p, v) })
}

// fillChallengeForm fills in the choices of the form from the definition, and from what was typed.
func (s *Server) fillChallengeForm(r *http.Request, v *pages.ChallengeFormView, d challenges.Definition, form url.Values) error {
	by := viewer(r)
	mine, _, err := readmodel.Clubs(r.Context(), s.Pool, readmodel.ClubFilter{Viewer: by, Member: by.AthleteID, Limit: 200})
	if err != nil {
		return err
	}
	v.Clubs = []ui.Option{{Label: "No club"}}
	for _, c := range mine {
		v.Clubs = append(v.Clubs, ui.Option{Value: c.ID.String(), Label: c.Name, Selected: c.ID == d.ClubID})
	}
	v.Type, v.Name, v.Description, v.Zone = string(d.Type), d.Name, d.Description, d.TimeZone
	v.Restricted, v.Private, v.Unlisted = d.RestrictedToClubMembers, d.AllowPrivateActivities, d.Private
	v.Tenths, v.Accumulate = d.Tenths, d.AccumulateActivities
	v.Wheels, v.Feet, v.Others = sportBoxes(d.IncludedActivityTypes)
	for _, c := range sport.DefaultCategories {
		v.Categories = append(v.Categories, ui.Option{Value: string(c), Label: string(c), Selected: slices.Contains(d.Categories, c)})
	}
	v.AgeGroups = form.Get("ageGroups")
	v.Units = options(form.Get("goalUnits"), "kilometres", "kilometres", "metres", "metres", "miles", "miles", "feet", "feet",
		"hours", "hours", "minutes", "minutes", "days", "days")
	v.Recurrences = options(form.Get("goalRecurrence"), "none", "once, over all of it", "day", "every day", "week", "every week", "month", "every month")
	return nil
}

// sportBoxes offers all activity types in three groups.
func sportBoxes(chosen []sport.ActivityType) (wheels, feet, others []ui.Option) {
	for _, t := range sport.ActivityTypes() {
		box := ui.Option{Value: string(t), Label: t.Label(), Selected: slices.Contains(chosen, t)}
		switch t.Family() {
		case sport.OnWheels:
			wheels = append(wheels, box)
		case sport.OnFeet:
			feet = append(feet, box)
		case sport.OnWater, sport.OnSnow, sport.Indoors:
			others = append(others, box)
		}
	}
	return wheels, feet, others
}

// definitionOf reads the form. What doesn't concern the chosen type is left out, as the page hides it.
func definitionOf(form url.Values) (challenges.Definition, error) {
	d := challenges.Definition{Type: sport.ChallengeType(form.Get("type")), Name: form.Get("name"),
		Description: form.Get("description"), TimeZone: strings.TrimSpace(form.Get("timeZone")),
		RestrictedToClubMembers: form.Get("restrictedToClubMembers") != "", AllowPrivateActivities: form.Get("allowPrivateActivities") != "",
		IncludedActivityTypes: chosenTypes(form, "includedActivityTypes"), Private: form.Get("private") != "",
		AccumulateActivities: form.Get("accumulateActivities") != "", Tenths: form.Get("tenths") != ""}
	var badStart, badEnd, badClub, badGoal, badAges error
	d.Categories, badAges = categoriesOf(form)
	d.Window.Start, badStart = localStart("startLocal", form.Get("startLocal"))
	d.Window.End, badEnd = localEnd("endLocal", form.Get("endLocal"))
	if club := form.Get("clubId"); club != "" {
		if d.ClubID, badClub = uuid.Parse(club); badClub != nil {
			badClub = refusal.Field("clubId", "club_not_found", "There is no such club.")
		}
	}
	d.Goal, badGoal = goalOf(form, d.Type)
	return d, errors.Join(badStart, badEnd, badClub, badGoal, badAges)
}

// categoriesOf reads the boxes, and the age groups that are typed with commas between them.
func categoriesOf(form url.Values) (all []sport.Category, err error) {
	for _, c := range form["categories"] {
		all = append(all, sport.Category(c))
	}
	for _, typed := range strings.FieldsFunc(form.Get("ageGroups"), func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if typed = strings.TrimSpace(typed); typed == "" {
			continue
		}
		c, ok := sport.ParseCategory(typed)
		if !ok {
			return all, refusal.Field("ageGroups", challenges.ErrCategory.Code, "Write age groups like U23, 50+, 40-49, Women 40-49, with commas between them: “"+shortened(typed)+"” is none.")
		}
		all = append(all, c)
	}
	return all, nil
}

// shortened keeps a stranger's word from filling the page.
func shortened(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// goalOf reads the goal; nothing typed is none.
func goalOf(form url.Values, t sport.ChallengeType) (*sport.Goal, error) {
	typed, recurrence := strings.TrimSpace(form.Get("goal")), sport.Recurrence(form.Get("goalRecurrence"))
	if t == sport.RaceChallenge {
		recurrence = sport.Once
	}
	switch {
	case t == sport.SegmentChallenge:
		return nil, nil
	case typed == "" && recurrence != sport.Once && recurrence != "":
		return nil, refusal.Field("goal", "goal_missing", "Say what is to be reached each time.")
	case typed == "":
		return nil, nil
	}
	value, err := typedNumber("goal", typed)
	if err != nil {
		return nil, err
	}
	return &sport.Goal{Value: value, Units: form.Get("goalUnits"), Recurrence: recurrence}, nil
}

// fitting leaves out the boxes that the page hides for the type.
func fitting(d challenges.Definition) challenges.Definition {
	if d.Type == sport.SegmentChallenge || d.Type == sport.RaceChallenge {
		d.AccumulateActivities = false
	} else {
		d.Tenths = false
	}
	return d
}

// newChallenge creates a draft; the same form sent again leads to the draft that it created.
func (s *Server) newChallenge(w http.ResponseWriter, r *http.Request) error {
	id, by := formID(r.PostFormValue("id")), viewer(r)
	there, err := readmodel.ChallengeByID(r.Context(), s.Pool, by, id)
	if err == nil && there.OrganiserID == by.AthleteID {
		return s.done(w, r, organiseURL(there), there.Name+" has been created already.")
	}
	if err != nil && !errors.Is(err, readmodel.ErrNoChallenge) {
		return err
	}
	d, err := definitionOf(formOf(r))
	slug := ""
	if err == nil {
		if slug, err = slugs.ReserveSlug(r.Context(), s.Pool, "challenge", d.Name, id); err != nil {
			return err
		}
		err = s.send(r.Context(), challenges.Create{Head: challenges.Head{ID: id, By: by, Now: now()}, Slug: slug, Definition: fitting(d)})
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		v := pages.ChallengeFormView{ID: id.String(), Start: r.PostFormValue("startLocal"), End: r.PostFormValue("endLocal"),
			Goal: r.PostFormValue("goal"), Problems: said, Errors: said.summary(pages.ChallengeFields...)}
		return s.showChallengeForm(w, r, http.StatusUnprocessableEntity, v, d)
	}
	if d.Type == sport.SegmentChallenge {
		return s.done(w, r, "/challenges/"+slug+"/stages/new", "The draft is saved. Now its first stage: over which segment?")
	}
	return s.done(w, r, "/challenges/"+slug+"/organise", "The draft is saved, with the stages that follow from its dates.")
}
