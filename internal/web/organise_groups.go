package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// deskGroups fills in divisions and teams, and where athletes belong.
func (s *Server) deskGroups(r *http.Request, c readmodel.Challenge, no refused, v *pages.DeskView) error {
	scheme, err := readmodel.ScoringOf(r.Context(), s.Pool, c.ID)
	if err != nil {
		return err
	}
	pager := pagerOf(r)
	pager.address = url.URL{Path: organiseURL(c), RawQuery: pager.address.RawQuery}
	v.Query = r.URL.Query().Get("q")
	people, next, err := readmodel.Competitors(r.Context(), s.Pool, c.ID, readmodel.CompetitorFilter{Joined: true, Query: v.Query, Limit: deskRows, Cursor: pager.cursor})
	if err != nil {
		return err
	}
	v.Pages = pager.view(next)
	form := groupForm{scheme: scheme, no: no}
	query := url.Values{"show": {"groups"}, "q": {v.Query}, "cursor": {pager.cursor}}.Encode()
	v.Groups = pages.DeskGroups{NamesURL: organiseURL(c) + "/groups?" + query, PlacesURL: organiseURL(c) + "/places?" + query, ScoringURL: scoringURL(c),
		Fixed: groupsFixed(c), Groups: form.groups(), NewKind: options(no.typed.Get("kind"), "division", "division", "team", "team"),
		NewName:      ui.FieldView{Name: "name", Label: "Its name", Optional: true, Value: no.typed.Get("name"), Error: no.said["name"], MaxLength: "120", Autocomplete: "off"},
		HasDivisions: form.has(leaderboards.Division), HasTeams: form.has(leaderboards.Team)}
	v.Groups.Hint = groupHint(schemeOf(scheme, c))
	if slices.ContainsFunc(c.Stages, func(st readmodel.Stage) bool { return st.Status == sport.Approved }) {
		v.Groups.Reason = &ui.FieldView{Name: "reason", Label: "Why it changes", Value: no.typed.Get("reason"), Error: no.said["reason"], MaxLength: "500", Autocomplete: "off",
			Help: "Results are final already: what changes corrects the points, and everybody reads why."}
	}
	for _, p := range people {
		v.Groups.Rows = append(v.Groups.Rows, form.row(p))
	}
	v.Errors = form.errors(v.Groups)
	return nil
}

// groupsFixed says why nothing can be changed any more.
func groupsFixed(c readmodel.Challenge) string {
	switch c.Status {
	case sport.Approved:
		return "The results of the challenge are final."
	case sport.Cancelled:
		return "The challenge was cancelled."
	case sport.Pending, sport.Upcoming, sport.Active, sport.Past, sport.Deleted:
	}
	return ""
}

// groupHint says what has been set up and isn't ranked by yet.
func groupHint(s leaderboards.Scheme) string {
	var idle []string
	ranks := func(by func(leaderboards.Classification) bool) bool {
		return slices.ContainsFunc(s.Classifications, by)
	}
	for _, g := range s.Groups {
		if g.Kind == leaderboards.Division && !ranks(func(c leaderboards.Classification) bool { return c.Division == g.Key }) {
			idle = append(idle, g.Label())
		}
	}
	if slices.ContainsFunc(s.Groups, func(g leaderboards.Group) bool { return g.Kind == leaderboards.Team }) && !ranks(func(c leaderboards.Classification) bool { return c.Teams }) {
		idle = append(idle, "the teams")
	}
	if len(s.Handicaps) > 0 && !ranks(func(c leaderboards.Classification) bool { return c.Handicap }) {
		idle = append(idle, "handicaps")
	}
	if len(idle) == 0 {
		return ""
	}
	return "No classification goes by " + listed(idle) + " yet. Choose that under"
}

// groupForm writes both forms, with what was typed where they were refused.
type groupForm struct {
	scheme leaderboards.Scheme
	no     refused
}

func (f groupForm) has(kind leaderboards.GroupKind) bool {
	return slices.ContainsFunc(f.scheme.Groups, func(g leaderboards.Group) bool { return g.Kind == kind })
}

// typed is what was typed into a field, or what is so.
func (f groupForm) typed(field, is string) string {
	if f.no.typed.Has(field) {
		return f.no.typed.Get(field)
	}
	return is
}

func (f groupForm) groups() []pages.DeskGroup {
	var out []pages.DeskGroup
	for _, kind := range []leaderboards.GroupKind{leaderboards.Division, leaderboards.Team} {
		for _, g := range f.scheme.Groups {
			if g.Kind != kind {
				continue
			}
			name := "name." + string(g.Kind) + "." + g.Key
			label := map[leaderboards.GroupKind]string{leaderboards.Division: "Division", leaderboards.Team: "Team"}[kind]
			out = append(out, pages.DeskGroup{Kind: label, Members: format.Count(len(g.Members), "athlete", "athletes"), Label: g.Label(), Remove: "remove " + string(g.Kind) + " " + g.Key,
				Name: ui.FieldView{Name: name, Label: label, Value: f.typed(name, g.Name), Error: f.no.said[name], MaxLength: "120", Autocomplete: "off"}})
		}
	}
	return out
}

func (f groupForm) row(c readmodel.Competitor) pages.DeskPlacement {
	id, p := c.AthleteID.String(), c.Placement
	x := pages.DeskPlacement{ID: id, Name: nameOr(c.Name), URL: profileURL(c.AthleteID, c.Deleted), Category: string(c.Category), Was: f.typed("was."+id, placementTyped(p))}
	field := func(name, label string) ui.FieldView {
		return ui.FieldView{Name: name + "." + id, Label: label, Error: f.no.said[name+"."+id], Autocomplete: "off", Attrs: map[string]any{"aria-label": label + " of " + x.Name}}
	}
	x.Division = pages.ScoringChoice{Field: field("division", "Division"), Options: f.choices(leaderboards.Division, f.typed("division."+id, p.Division))}
	x.Team = pages.ScoringChoice{Field: field("team", "Team"), Options: f.choices(leaderboards.Team, f.typed("team."+id, p.Team))}
	x.Handicap = field("handicap", "Handicap")
	x.Handicap.Value, x.Handicap.MaxLength = f.typed("handicap."+id, p.Handicap.String()), "40"
	return x
}

func (f groupForm) choices(kind leaderboards.GroupKind, chosen string) []ui.Option {
	pairs := []string{"", "–"}
	for _, g := range f.scheme.Groups {
		if g.Kind == kind {
			pairs = append(pairs, g.Key, g.Name)
		}
	}
	return options(chosen, pairs...)
}

// errors leads to the fields, from the first to the last.
func (f groupForm) errors(g pages.DeskGroups) []ui.FieldError {
	var order []string
	for _, group := range g.Groups {
		order = append(order, group.Name.Name)
	}
	order = append(order, "name")
	for _, row := range g.Rows {
		order = append(order, row.Division.Field.Name, row.Team.Field.Name, row.Handicap.Name)
	}
	out := f.no.said.summary(order...)
	for field, words := range f.no.said {
		switch {
		case field == "reason":
			out = append(out, ui.FieldError{Name: "reason-" + f.no.form, Text: words})
		case field != "" && !slices.Contains(order, field): // of the scoring as a whole
			out = append(out, ui.FieldError{Text: words})
		}
	}
	return out
}

// placementTyped is what the fields of an athlete show, in one word.
func placementTyped(p leaderboards.Placement) string {
	return p.Division + "|" + p.Team + "|" + p.Handicap.String()
}

// saveGroups adds, renames and removes divisions and teams.
func (s *Server) saveGroups(w http.ResponseWriter, r *http.Request) error {
	return s.group(w, r, "names", func(c readmodel.Challenge, scheme leaderboards.Scheme, form url.Values) (leaderboards.Grouping, error) {
		var g leaderboards.Grouping
		do, of, _ := strings.Cut(form.Get("do"), " ")
		if kind, key, ok := strings.Cut(of, " "); do == "remove" && ok {
			g.Dissolved = []leaderboards.Group{{Kind: leaderboards.GroupKind(kind), Key: key}}
			return g, nil
		}
		for _, known := range scheme.Groups {
			field := "name." + string(known.Kind) + "." + known.Key
			if form.Has(field) && form.Get(field) != known.Name {
				g.Named = append(g.Named, leaderboards.Group{Kind: known.Kind, Key: known.Key, Name: form.Get(field)})
			}
		}
		if name := strings.TrimSpace(form.Get("name")); name != "" {
			g.Named = append(g.Named, leaderboards.Group{Kind: leaderboards.GroupKind(form.Get("kind")), Name: name})
		}
		return g, nil
	})
}

// savePlaces puts athletes where they belong: those of the form for whom something was changed, and of them what was.
func (s *Server) savePlaces(w http.ResponseWriter, r *http.Request) error {
	return s.group(w, r, "places", func(c readmodel.Challenge, scheme leaderboards.Scheme, form url.Values) (leaderboards.Grouping, error) {
		var g leaderboards.Grouping
		var bad []error
		in, err := readmodel.CompetitorsOf(r.Context(), s.Pool, c.ID)
		if err != nil {
			return g, err
		}
		places := scheme.Placements()
		for _, athlete := range in {
			id := athlete.String()
			if !form.Has("was." + id) {
				continue
			}
			p, changed, err := placementOf(form, places[athlete], id)
			if err != nil {
				bad = append(bad, err)
			} else if changed {
				p.AthleteID = athlete
				g.Placed = append(g.Placed, p)
			}
		}
		return g, errors.Join(bad...)
	})
}

// placementOf reads the fields of an athlete: what was changed in the form, and the rest as it is now.
func placementOf(form url.Values, now leaderboards.Placement, id string) (p leaderboards.Placement, changed bool, err error) {
	was := append(strings.Split(form.Get("was."+id), "|"), "", "")
	p = now
	if v := form.Get("division." + id); form.Has("division."+id) && v != was[0] {
		p.Division, changed = v, true
	}
	if v := form.Get("team." + id); form.Has("team."+id) && v != was[1] {
		p.Team, changed = v, true
	}
	if v := strings.TrimSpace(form.Get("handicap." + id)); form.Has("handicap."+id) && v != was[2] {
		h, err := leaderboards.ParseHandicap(v)
		if err != nil {
			e := *leaderboards.ErrHandicapUnreadable
			e.Field = "handicap." + id
			return p, false, &e
		}
		p.Handicap, changed = h, true
	}
	return p, changed, nil
}

// group sends what a form of the page comes to, or shows the page again with what was typed.
func (s *Server) group(w http.ResponseWriter, r *http.Request, form string, read func(readmodel.Challenge, leaderboards.Scheme, url.Values) (leaderboards.Grouping, error)) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return err
	}
	scheme, err := readmodel.ScoringOf(r.Context(), s.Pool, c.ID)
	if err != nil {
		return err
	}
	g, err := read(c, scheme, formOf(r))
	if err == nil {
		err = s.send(r.Context(), challenges.GroupAthletes{Head: challenges.Head{ID: c.ID, By: who.Actor, Now: now()}, Grouping: g, Reason: r.PostFormValue("reason")})
	}
	if err != nil {
		return s.refuseDesk(w, r, who, "groups", form, err)
	}
	back := organiseURL(c) + "?" + r.URL.RawQuery
	if r.URL.RawQuery == "" {
		back = organiseURL(c) + "?show=groups"
	}
	return s.done(w, r, back+"#"+map[string]string{"names": "groups", "places": "places"}[form], savedWords(g))
}

// savedWords say how much was changed.
func savedWords(g leaderboards.Grouping) string {
	switch n := len(g.Placed); {
	case n > 0:
		return "Saved for " + format.Count(n, "athlete", "athletes") + "."
	case len(g.Named)+len(g.Dissolved) == 0:
		return "Nothing was changed."
	}
	return "Saved."
}

// belongs puts a competitor's division, team and handicap into words; "" for none.
func belongs(c readmodel.Competitor) string {
	var words []string
	if c.Division != "" {
		words = append(words, leaderboards.Group{Kind: leaderboards.Division, Name: c.Division}.Label())
	}
	if c.Team != "" {
		words = append(words, leaderboards.Group{Kind: leaderboards.Team, Name: c.Team}.Label())
	}
	if h := c.Handicap(); !h.IsZero() {
		words = append(words, "handicap "+h.String())
	}
	return strings.Join(words, " · ")
}
