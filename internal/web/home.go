package web

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
)

// homeCards is how many challenges of a kind the front page shows, homeRows how many rows of its board.
const (
	homeCards = 6
	homeRows  = 10
)

func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	found, err := readmodel.Home(r.Context(), s.Pool, who.Actor, homeCards)
	if err != nil {
		return err
	}
	v := pages.HomeView{Member: who.SignedIn()}
	cards, err := s.cards(r.Context(), who, found.Running, found.Next, found.Past)
	if err != nil {
		return err
	}
	v.Running, v.Next, v.Past = cards[0], cards[1], cards[2]
	if found.Featured != nil {
		if v.Board, err = s.homeBoard(r.Context(), who, *found.Featured); err != nil {
			return err
		}
	}
	head := layout.Page{Title: layout.House, Canonical: s.BaseURL + "/",
		Description: "Segment challenges for cycling and running clubs: rides are timed over the club's own hills and ranked live."}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Home(p, v) })
}

// homeBoard is the board that has most to tell; nil when it went away a moment ago.
func (s *Server) homeBoard(ctx context.Context, who reader, ref readmodel.BoardRef) (*pages.HomeBoard, error) {
	set, err := s.boardSettingOf(ctx, ref.StageID, who)
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	board, err := s.readBoard(ctx, boardAsked{category: ref.Category, limit: homeRows}, set)
	if err != nil {
		return nil, err
	}
	return &pages.HomeBoard{Challenge: set.challenge.Name, ChallengeURL: "/challenges/" + set.challenge.Slug, Stage: set.stage.Name,
		StageURL: boardURL(set.stage, ref.Category), LiveURL: liveURL(set.stage, ref.Category, set.units), Board: board.view}, nil
}
