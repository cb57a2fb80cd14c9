package web

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/internal/web/markdown"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// How much a club's page shows of its lists.
const (
	clubChallenges = 12
	clubMembers    = 96
)

func (s *Server) clubsPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := readmodel.ClubFilter{Viewer: who.Actor, Query: q.Get("q"), Limit: cardsPerPage, Cursor: q.Get("cursor")}
	v := pages.ClubsView{Member: who.SignedIn(), Query: f.Query, Mine: q.Get("mine") == "true" && who.SignedIn()}
	if v.Mine {
		f.Member = who.AthleteID
	}
	found, next, err := readmodel.Clubs(r.Context(), s.Pool, f)
	if err != nil {
		return err
	}
	for _, c := range found {
		v.Clubs = append(v.Clubs, pages.ClubCard{Name: c.Name, Avatar: c.Avatar.URL(avatars.Small), URL: "/clubs/" + c.Slug, Chips: clubChips(c),
			Facts: []string{format.Count(c.MemberCount, "member", "members"), format.Count(c.ChallengeCount, "challenge", "challenges")}})
	}
	v.Pages = pagerOf(r).view(next)
	head := layout.Page{Title: "Clubs", Canonical: s.BaseURL + "/clubs", NoIndex: v.Query != "" || v.Mine, Description: "Clubs that ride and run together, and their challenges."}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Clubs(p, v) })
}

func clubChips(c readmodel.Club) []string {
	var out []string
	switch c.Membership {
	case "administrator":
		out = append(out, "Administrator")
	case "member":
		out = append(out, "Member")
	case "requested":
		out = append(out, "Asked to join")
	}
	if c.Private {
		out = append(out, "By request")
	}
	return out
}

func (s *Server) clubPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := readmodel.ClubBySlug(r.Context(), s.Pool, who.Actor, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	members, next, err := readmodel.ClubMembers(r.Context(), s.Pool, c.ID,
		readmodel.ClubMemberFilter{Status: "member", Limit: clubMembers, Cursor: r.URL.Query().Get("cursor")})
	if err != nil {
		return err
	}
	challenges, _, err := readmodel.Challenges(r.Context(), s.Pool, readmodel.ChallengeFilter{Viewer: who.Actor, ClubID: c.ID, Limit: clubChallenges})
	if err != nil {
		return err
	}
	cards, err := s.cards(r.Context(), who, challenges)
	if err != nil {
		return err
	}
	v := pages.ClubView{URL: "/clubs/" + c.Slug, Chips: clubChips(c), Membership: c.Membership, Private: c.Private,
		Head:        layout.HeadView{Title: c.Name, Face: true, Picture: c.Avatar.URL(avatars.Large), Crumbs: []ui.Crumb{{Label: "Clubs", URL: "/clubs"}, {Label: c.Name}}},
		SignIn:      "/sign-in?next=" + url.QueryEscape("/clubs/"+c.Slug),
		Description: markdown.HTML(c.Description), Website: c.Website, Challenges: cards[0],
		MemberCount: format.Count(c.MemberCount, "member", "members"), MemberPages: pagerOf(r).view(next)}
	if !who.SignedIn() {
		v.Membership = "visitor"
	}
	if c.Membership == "administrator" || who.Admin {
		v.ManageURL = v.URL + "/members"
		if v.Requests, err = s.requestWords(r, c); err != nil {
			return err
		}
	}
	for _, m := range members {
		p := personOf(m.AthleteID, m.Person)
		if m.Role == "administrator" {
			p.Note = "Administrator"
		}
		v.Members = append(v.Members, p)
	}
	head := layout.Page{Title: c.Name, Canonical: s.BaseURL + v.URL, Description: c.Name + ": members and challenges."}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Club(p, v) })
}

// requestWords says how many ask to be let in.
func (s *Server) requestWords(r *http.Request, c readmodel.Club) (string, error) {
	const most = 99
	waiting, more, err := readmodel.ClubMembers(r.Context(), s.Pool, c.ID, readmodel.ClubMemberFilter{Status: "requested", Limit: most})
	switch {
	case err != nil || len(waiting) == 0:
		return "", err
	case more != "":
		return format.Number(most) + "+ ask to join", nil
	}
	return format.Count(len(waiting), "asks to join", "ask to join"), nil
}
