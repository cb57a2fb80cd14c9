package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// effortAthletes is how many athletes the list of the form holds; of more the page asks for a name first.
const effortAthletes = 200

func newEffortURL(st readmodel.Stage) string { return stageURL(st) + "/efforts/new" }

// takesEfforts says why nothing can be entered on a stage; nil where it can.
func takesEfforts(st readmodel.Stage) error {
	switch st.Status {
	case sport.Active, sport.Past:
		return nil
	case sport.Approved:
		return competitors.ErrStageApproved
	case sport.Pending, sport.Upcoming, sport.Cancelled, sport.Deleted:
	}
	return competitors.ErrStageNotStarted
}

// newEffortPage asks an organiser for a result: a photo finish, a rider whose device died.
func (s *Server) newEffortPage(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err == nil {
		err = takesEfforts(st)
	}
	if err != nil {
		return err
	}
	typed := url.Values{"id": {formID("").String()}, "athleteId": {r.URL.Query().Get("athlete")}}
	return s.showEffortForm(w, r, http.StatusOK, c, st, who, typed, nil)
}

// newEffort enters it, by the command that the API gives.
func (s *Server) newEffort(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err != nil {
		return err
	}
	form := formOf(r)
	cmd, err := effortOfForm(form, c, st, who)
	if err == nil {
		err = s.send(r.Context(), cmd)
	}
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		return s.showEffortForm(w, r, http.StatusUnprocessableEntity, c, st, who, form, said)
	}
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, cmd.AthleteID)
	if err != nil {
		return err
	}
	value := valueWords(readmodel.Milli(performanceMilli(cmd.Performance, st.Type.RankedBy())), st.Type.RankedBy(), who.units, c.Tenths)
	return s.done(w, r, organiseURL(c)+"?show=efforts&stage="+st.Slug+"#effort-"+cmd.Performance.EffortID.String(), value+" is entered for "+nameOr(athlete.Name)+".")
}

// effortOfForm reads the form; what can't be read is refused at its field.
func effortOfForm(form url.Values, c readmodel.Challenge, st readmodel.Stage, who reader) (competitors.RecordByHand, error) {
	activity := formID(form.Get("id"))
	athlete, badAthlete := uuid.Parse(form.Get("athleteId"))
	if badAthlete != nil {
		badAthlete = refusal.Field("athleteId", "athlete_missing", "Say whose result it is.")
	}
	start, badStart := localStart("startLocal", form.Get("startLocal"))
	p := competitors.Performance{EffortID: competitors.EffortIDOf(st.ID, activity, 1), Lap: 1, StartLocal: start}
	if !start.IsZero() {
		p.StartUTC = start.In(zoneOf(c.TimeZone)).UTC()
	}
	var badElapsed, badMoving, badDistance, badGain error
	p.ElapsedMs, badElapsed = typedTime("elapsedTime", form.Get("elapsedTime"))
	p.MovingMs, badMoving = typedTime("movingTime", form.Get("movingTime"))
	if st.Type == sport.DurationStage && strings.TrimSpace(form.Get("movingTime")) == "" {
		p.MovingMs = p.ElapsedMs // nobody stood still
	}
	distance, climb := effortUnits(who.units)
	p.DistanceM, badDistance = typedLength("distance", form.Get("distance"), distance)
	p.GainM, badGain = typedLength("elevationGain", form.Get("elevationGain"), climb)
	return competitors.RecordByHand{Head: competitors.Head{ChallengeID: c.ID, AthleteID: athlete, By: who.Actor, Now: now()}, Rules: competitors.Rules{StageID: st.ID},
			Activity: competitors.Activity{ID: activity, Type: sport.ActivityType(form.Get("activityType")), StartLocal: start, Manual: true, Source: "manual"}, Performance: p},
		errors.Join(badAthlete, badStart, badElapsed, badMoving, badDistance, badGain)
}

// unit is what lengths are typed in.
type unit struct {
	name   string
	metres float64
}

func effortUnits(u sport.Units) (distance, climb unit) {
	if u == sport.Imperial {
		return unit{"mi", 1609.344}, unit{"ft", 0.3048}
	}
	return unit{"km", 1000}, unit{"m", 1}
}

// typedTime reads an optional time in milliseconds.
func typedTime(field, typed string) (int64, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return 0, nil
	}
	d, err := format.ParseTime(typed)
	if err != nil {
		return 0, refusal.Field(field, field+"_unreadable", "Write a time like 4:09, 4:09.5 or 1:02:03.")
	}
	return d.Milliseconds(), nil
}

// typedLength reads an optional length in metres.
func typedLength(field, typed string, in unit) (float64, error) {
	if strings.TrimSpace(typed) == "" {
		return 0, nil
	}
	v, err := typedNumber(field, typed)
	switch {
	case err != nil:
		return 0, err
	case v < 0 || v*in.metres > 40_000_000:
		return 0, refusal.Field(field, field+"_impossible", "That is less than nothing, or more than once around the world.")
	}
	return v * in.metres, nil
}

func (s *Server) showEffortForm(w http.ResponseWriter, r *http.Request, status int, c readmodel.Challenge, st readmodel.Stage, who reader, typed url.Values, said problems) error {
	field := func(name, label, help string) ui.FieldView {
		return ui.FieldView{Name: name, Label: label, Value: typed.Get(name), Error: said[name], Help: help, Autocomplete: "off"}
	}
	action := newEffortURL(st)
	if r.URL.RawQuery != "" {
		action += "?" + r.URL.RawQuery // the athletes that were looked for
	}
	v := pages.EffortFormView{Action: action, Cancel: organiseURL(c) + "?show=efforts&stage=" + st.Slug, ID: typed.Get("id"), Query: r.URL.Query().Get("q"),
		Head: layout.HeadView{Title: "A result by hand", Kicker: stageName(st), Crumbs: stageCrumbs(c, "A result by hand"),
			Lead: "For a rider whose device died, or a photo finish. Everybody sees that you entered it."},
		Athlete: field("athleteId", "Athlete", ""), Type: field("activityType", "Activity", ""), Types: effortTypes(c, sport.ActivityType(typed.Get("activityType"))),
		Start: field("startLocal", "Started", "By the athlete's own clock, while the stage was open: "+localMoment(st.StartLocal)+" until "+localMoment(st.EndLocal)+".")}
	v.Start.Type = "datetime-local"
	v.Figures = effortFigures(st, who.units, field)
	var err error
	if v.Athletes, v.Many, err = s.effortAthletes(r, c, typed.Get("athleteId")); err != nil {
		return err
	}
	order := []string{"athleteId", "activityType", "startLocal"}
	for _, f := range v.Figures {
		order = append(order, f.Name)
	}
	v.Errors = said.summary(order...)
	for name, words := range said {
		if name != "" && !slices.Contains(order, name) { // a field that this stage doesn't ask for
			v.Errors = append(v.Errors, ui.FieldError{Text: words})
		}
	}
	return s.render(w, r, status, layout.Page{Title: "A result by hand · " + st.Name, NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.EffortForm(p, v) })
}

// effortFigures are the elapsed time and what the stage ranks by.
func effortFigures(st readmodel.Stage, units sport.Units, field func(name, label, help string) ui.FieldView) []ui.FieldView {
	distance, climb := effortUnits(units)
	elapsed := field("elapsedTime", "Time", "m:ss or h:mm:ss, as finely as you know it: 4:09.5.")
	figures := []ui.FieldView{elapsed}
	add := func(f ui.FieldView, unit string) {
		f.Unit, f.InputMode = unit, "decimal"
		figures = append(figures, f)
	}
	switch st.Type.RankedBy() {
	case sport.Distance:
		add(field("distance", "Distance", ""), distance.name)
	case sport.ElevationGain:
		add(field("elevationGain", "Climbed", ""), climb.name)
	case sport.MovingTime:
		moving := field("movingTime", "Moving time", "Empty: all of the time.")
		moving.Optional = true
		figures = append(figures, moving)
	case sport.ElapsedTime, sport.Efforts:
	}
	return figures
}

// effortTypes are the activity types that count.
func effortTypes(c readmodel.Challenge, chosen sport.ActivityType) []ui.Option {
	if len(c.IncludedActivityTypes) == 0 {
		return typeOptions(chosen, "")
	}
	var out []ui.Option
	for _, t := range c.IncludedActivityTypes {
		out = append(out, ui.Option{Value: string(t), Label: t.Label(), Selected: t == chosen})
	}
	return out
}

// effortAthletes are those who compete, by name; of many those whose name is looked for.
func (s *Server) effortAthletes(r *http.Request, c readmodel.Challenge, chosen string) (out []ui.Option, many bool, err error) {
	found, next, err := readmodel.Competitors(r.Context(), s.Pool, c.ID, readmodel.CompetitorFilter{Joined: true, Query: r.URL.Query().Get("q"), Limit: effortAthletes})
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(found, func(a, b readmodel.Competitor) int { return strings.Compare(a.Name, b.Name) })
	for _, k := range found {
		out = append(out, ui.Option{Value: k.AthleteID.String(), Label: nameOr(k.Name), Selected: k.AthleteID.String() == chosen})
	}
	if id, err := uuid.Parse(chosen); err == nil && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Selected }) {
		k, known, err := readmodel.CompetitorOf(r.Context(), s.Pool, c.ID, id)
		if err != nil {
			return nil, false, err
		}
		if known {
			out = append(out, ui.Option{Value: chosen, Label: nameOr(k.Name), Selected: true})
		}
	}
	return append([]ui.Option{{Label: "Choose"}}, out...), next != "" || r.URL.Query().Get("q") != "", nil
}
