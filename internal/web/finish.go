package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

func finishURL(c readmodel.Challenge) string { return organiseURL(c) + "/approve" }

// mayFinish says whether there is something to look at before a challenge is made final.
func mayFinish(c readmodel.Challenge) bool { return c.Status == sport.Active || c.Status == sport.Past }

// finishPage shows what making a challenge's results final will do.
func (s *Server) finishPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return err
	}
	if !mayFinish(c) {
		return s.done(w, r, organiseURL(c), "")
	}
	return s.showFinish(w, r, http.StatusOK, c, who, refused{})
}

func (s *Server) showFinish(w http.ResponseWriter, r *http.Request, status int, c readmodel.Challenge, who reader, no refused) error {
	v := pages.FinishView{Head: layout.HeadView{Title: "Make " + c.Name + " final", Kicker: "Organise", Crumbs: stageCrumbs(c, "Make final"), Lead: "What it does, before you do it."},
		Errors: no.summary(), StandingsURL: standingsURL(c)}
	var err error
	if v.Cautions, err = s.finishCautions(r.Context(), c); err != nil {
		return err
	}
	if err := s.finishTables(r, &v, c, who); err != nil {
		return err
	}
	v.Question = typedInto([]pages.DeskAction{approveAction("approve", finishURL(c), c.Name, ui.Primary)}, no)[0]
	v.Question.Text = "The standings stay as they are shown here, and the trophies are given. If something turns out to be wrong, the results can be opened again with a reason."
	return s.render(w, r, status, layout.Page{Title: v.Head.Title, NoIndex: true},
		func(p layout.Page) templ.Component { return pages.Finish(p, v) })
}

// finishCautions are what stands in the way, and what should be looked at before.
func (s *Server) finishCautions(ctx context.Context, c readmodel.Challenge) ([]pages.Caution, error) {
	var out []pages.Caution
	if c.Status == sport.Active {
		out = append(out, pages.Caution{Icon: "hourglass", Title: "The challenge hasn't ended yet.", Text: "It can be made final when it has, on " + localMoment(c.EndLocal) + "."})
	}
	open := unapproved(c)
	if len(open) > 0 {
		names := make([]string, len(open))
		for i, st := range open {
			names[i] = stageName(st)
		}
		verb := " isn't"
		if len(open) > 1 {
			verb = " aren't"
		}
		caution := pages.Caution{Icon: "triangle-alert", Title: listed(names) + verb + " final yet.", Text: "The challenge can be made final once its stages are. What they give isn't in the tables below."}
		if mayApprove(open[0]) {
			caution.Link = ui.Crumb{Label: "Look at the first of them.", URL: approveURL(open[0])}
		}
		out = append(out, caution)
	} else {
		out = append(out, pages.Caution{Icon: "check", Title: "Every stage is final.", Text: format.Count(len(c.Stages), "stage counts", "stages count") + "."})
	}
	waiting, err := readmodel.ReviewCounts(ctx, s.Pool, c.ID)
	if err != nil {
		return nil, err
	}
	n := 0
	for _, of := range waiting {
		n += of
	}
	if n > 0 {
		out = append(out, pages.Caution{Icon: "triangle-alert", Title: format.Count(n, "effort waits", "efforts wait") + " for your review.",
			Text: "What waits when the results become final doesn't count. Open the stage again where it should.", Link: ui.Crumb{Label: "Look now.", URL: organiseURL(c) + "?show=review"}})
	} else {
		out = append(out, pages.Caution{Icon: "check", Title: "Nothing waits for review.", Text: "Every effort has been accepted or refused."})
	}
	return out, nil
}

// finishTables has each classification of the category that is asked for, as it will stay.
func (s *Server) finishTables(r *http.Request, v *pages.FinishView, c readmodel.Challenge, who reader) error {
	category, known := sport.Category(""), false
	for i, of := range c.Categories {
		if asked := r.URL.Query().Get("category"); strings.EqualFold(string(of), asked) || i == 0 && category == "" {
			category, known = of, true
		}
	}
	if !known {
		return nil
	}
	for _, of := range c.Categories {
		v.Categories = append(v.Categories, ui.Tab{Label: string(of), Current: of == category, URL: finishURL(c) + "?category=" + url.QueryEscape(string(of)) + "#results"})
	}
	finish, err := readmodel.FinishOf(r.Context(), s.Pool, c.ID, category, approveTable)
	if err != nil {
		return err
	}
	measure := sport.ElapsedTime
	if heads, err := readmodel.StandingsHeads(r.Context(), s.Pool, c.ID); err != nil {
		return err
	} else if len(heads) > 0 {
		measure = heads[0].Measure
	}
	set := boardSetting{challenge: c, units: who.units, zone: zoneOf(c.TimeZone)}
	for _, a := range finish.Tables {
		v.Tables = append(v.Tables, finishTable(a, counted{a.Classification, measure, set}))
	}
	if n := len(finish.Goals); n > 0 {
		v.Goals = format.Count(n, "athlete has", "athletes have") + " reached the goal on every stage: a trophy for each."
	}
	return nil
}

func finishTable(a readmodel.Approval, in counted) pages.FinishTable {
	t := pages.FinishTable{Caption: a.Classification.Name + ", " + string(a.Category), Unit: in.unit()}
	switch {
	case a.Of == 0:
		t.Note = "Nobody is in this classification."
	case a.Of > len(a.Rows):
		t.Note = "The first " + format.Number(len(a.Rows)) + " of " + format.Number(a.Of) + "."
	}
	for _, row := range a.Rows {
		x := pages.FinishRow{Rank: row.After, Name: nameOr(row.Name), Total: in.words(row.Has)}
		switch {
		case row.After == 0:
			x.Was = "Not classified: too few stages."
		case row.Before != row.After:
			x.Was, x.Move = "was "+format.Ordinal(row.Before), row.Places()
		}
		if row.After >= 1 && row.After <= 3 {
			x.Trophy = format.Ordinal(row.After) + " of " + format.Number(a.Of)
		}
		if !a.Classification.Teams && row.Name != "" { // who has deleted their account has no page
			x.URL = "/athletes/" + row.AthleteID.String()
			x.WhyURL = whyPointsURL(in.set.challenge, a.Category, a.Classification.Key, row.AthleteID)
		}
		t.Rows = append(t.Rows, x)
	}
	return t
}

// refuseFinish answers a refusal on the page that asked. Who was second to make something final keeps the word that was typed:
// it can still be published.
func (s *Server) refuseFinish(w http.ResponseWriter, r *http.Request, who reader, err error) error {
	said, ok := problemsOf(err)
	if !ok {
		return err
	}
	c, err := s.runChallenge(r, who)
	if err != nil {
		return err
	}
	no := refused{form: "approve", typed: r.PostForm, said: said}
	if mayFinish(c) {
		return s.showFinish(w, r, http.StatusUnprocessableEntity, c, who, no)
	}
	return s.showDesk(w, r, http.StatusUnprocessableEntity, who, c, "", no.published("publish"))
}

// published leads what was typed with an approval that came second to the form that publishes a message.
func (no refused) published(form string) refused {
	if strings.TrimSpace(no.typed.Get("message")) != "" {
		no.form = form
	}
	return no
}
