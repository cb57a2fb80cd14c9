package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

const cardsPerPage = 24

// statusTabs are the life of a challenge as readers think of it; past are the provisional and the final ones.
var statusTabs = []struct {
	value, label string
	statuses     []sport.Status
	empty        ui.EmptyView
}{
	{"", "All", nil, ui.EmptyView{Icon: "trophy", Title: "No challenge yet", Text: "A challenge needs a name, dates and a segment or two, cut from a ride. Then the club can join."}},
	{"active", "Running", []sport.Status{sport.Active}, ui.EmptyView{Icon: "timer", Title: "Nothing is running", Text: "Look at what is coming up, or start something: a challenge whose first stage begins today runs as soon as it is hosted."}},
	{"upcoming", "Coming up", []sport.Status{sport.Upcoming}, ui.EmptyView{Icon: "calendar", Title: "Nothing is coming up", Text: "Challenges are listed here from the moment they are open for joining."}},
	{"past", "Past", []sport.Status{sport.Past, sport.Approved}, ui.EmptyView{Icon: "history", Title: "Nothing is over yet", Text: "Results stay here for good once a challenge has ended."}},
}

func (s *Server) challengesPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := readmodel.ChallengeFilter{Viewer: who.Actor, Type: sport.ChallengeType(q.Get("type")), ActivityType: sport.ActivityType(q.Get("sport")),
		Query: q.Get("q"), Mine: q.Get("mine") == "true" && who.SignedIn(), Limit: cardsPerPage, Cursor: q.Get("cursor")}
	v := pages.ChallengesView{Member: who.SignedIn(), Query: f.Query, Types: challengeTypeOptions(f.Type, who.units), Sports: typeOptions(f.ActivityType, "Every sport"),
		Mine: f.Mine, Filtered: f.Query != "" || f.Type != "" || f.ActivityType != "" || f.Mine}
	v.Narrowed = f.Type != "" || f.ActivityType != "" || f.Mine
	chooseTab(q, &f, &v)
	found, next, err := readmodel.Challenges(r.Context(), s.Pool, f)
	if err != nil {
		return err
	}
	cards, err := s.cards(r.Context(), who, found)
	if err != nil {
		return err
	}
	v.Cards, v.Pages = cards[0], pagerOf(r).view(next)
	head := layout.Page{Title: "Challenges", Canonical: s.BaseURL + "/challenges", NoIndex: v.Filtered,
		Description: "Running, coming and past challenges for cycling and running clubs."}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Challenges(p, v) })
}

// chooseTab narrows by the life of a challenge. Any status by its own name is taken too, as the API does.
func chooseTab(q url.Values, f *readmodel.ChallengeFilter, v *pages.ChallengesView) {
	chosen := q.Get("status")
	v.Status = chosen
	v.Empty = ui.EmptyView{Icon: "search", Title: "No challenge matches", Text: "Try fewer words or another tab: names are found by how their words begin."}
	if chosen != "" {
		f.Statuses = []sport.Status{sport.Status(chosen)}
	}
	for _, t := range statusTabs {
		address := url.URL{Path: "/challenges", RawQuery: q.Encode()}
		tab := ui.Tab{Label: t.label, URL: withQuery(address, "status", t.value, "cursor", "", "trail", ""), Current: t.value == chosen}
		if tab.Current {
			f.Statuses, f.SoonestFirst = t.statuses, slices.Contains(t.statuses, sport.Upcoming)
			if !v.Filtered {
				v.Empty = t.empty
			}
		}
		v.Tabs = append(v.Tabs, tab)
	}
}

func challengeTypeOptions(chosen sport.ChallengeType, units sport.Units) []ui.Option {
	out := []ui.Option{{Label: "Every type", Selected: chosen == ""}}
	for _, t := range sport.ChallengeTypes {
		out = append(out, ui.Option{Value: string(t), Label: typeWords(readmodel.Challenge{Type: t}, units), Selected: t == chosen})
	}
	return out
}
