package web

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// competitorsOf is the first competitors for the challenge's page.
func (s *Server) competitorsOf(ctx context.Context, c readmodel.Challenge) (pages.CompetitorList, error) {
	v := pages.CompetitorList{Count: format.Count(c.CompetitorCount, "athlete", "athletes"), CSVURL: challengeURL(c) + "/competitors.csv"}
	v.Empty = ui.EmptyView{Icon: "users", Title: "Nobody has joined yet", Text: "Share the address of this page. Whoever joins before the end can still ride every stage that is open."}
	switch c.Status {
	case sport.Past, sport.Approved, sport.Cancelled:
		v.Empty.Title, v.Empty.Text = "Nobody took part", "Joining is over."
	case sport.Pending:
		v.Empty.Text = "Athletes can join as soon as the challenge is hosted."
	case sport.Upcoming, sport.Active, sport.Deleted:
	}
	found, next, err := readmodel.Competitors(ctx, s.Pool, c.ID, readmodel.CompetitorFilter{Joined: true, Limit: challengePeople})
	v.People = peopleOf(found)
	if next != "" {
		v.AllURL = challengeURL(c) + "/competitors"
	}
	return v, err
}

func peopleOf(all []readmodel.Competitor) []pages.Person {
	var out []pages.Person
	for _, c := range all {
		p := personOf(c.AthleteID, c.Person)
		p.Note = string(c.Category)
		if where := belongs(c); where != "" {
			p.Note += " · " + where
		}
		if c.Limited {
			p.Chips = append(p.Chips, "limited")
		}
		out = append(out, p)
	}
	return out
}

func (s *Server) competitorsPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	v := pages.CompetitorsView{Head: underChallenge(c, "Competitors"), Query: r.URL.Query().Get("q"), Count: c.CompetitorCount, URL: challengeURL(c)}
	page := pagerOf(r)
	found, next, err := readmodel.Competitors(r.Context(), s.Pool, c.ID,
		readmodel.CompetitorFilter{Joined: true, Query: v.Query, Limit: 96, Cursor: page.cursor})
	if err != nil {
		return err
	}
	v.People, v.Pages = peopleOf(found), page.view(next)
	head := layout.Page{Title: "Competitors of " + c.Name, NoIndex: true}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Competitors(p, v) })
}
