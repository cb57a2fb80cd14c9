package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// How much a profile shows of its lists.
const (
	profileActivities = 10
	profileChallenges = 12
	profileStarred    = 4
)

// errAccountDeleted is the page of somebody who has gone. Nothing leads there, but somebody may have kept the address.
var errAccountDeleted = refusal.Of(refusal.NotFound, "account_deleted", "This account has been deleted. Its results are still on their boards, without a name.")

// athletePage shows as much of somebody as they want. The name stands on boards in any case, and so here.
func (s *Server) athletePage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	id, err := pathID(r, readmodel.ErrNoAthlete)
	if err != nil {
		return err
	}
	athlete, err := readmodel.AthleteByID(r.Context(), s.Pool, id)
	if err != nil {
		return err
	}
	if athlete.Deleted {
		return errAccountDeleted
	}
	v := pages.AthleteView{Head: layout.HeadView{Title: athlete.Name, Face: true}, Own: who.Is(id)}
	switch {
	case athlete.VisibleTo(who.Actor):
		v.Head.Picture = athlete.Avatar.URL(avatars.Large)
		v.Head.Lead = strings.Join(nonEmpty(athlete.Town, athlete.Country), ", ")
		err = s.fillProfile(r, who, athlete, &v)
	case athlete.Visibility == athletes.Members:
		v.Hidden = athlete.Name + " shows it to athletes who are signed in. Results in challenges are on their boards."
	default:
		v.Hidden = athlete.Name + " keeps it private. Results in challenges are on their boards."
	}
	if err != nil {
		return err
	}
	head := layout.Page{Title: athlete.Name, NoIndex: athlete.Visibility != athletes.Everyone}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.AthletePage(p, v) })
}

func nonEmpty(words ...string) []string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

func (s *Server) fillProfile(r *http.Request, who reader, athlete readmodel.Athlete, v *pages.AthleteView) error {
	ctx, page := r.Context(), pagerOf(r)
	challenges, more, err := readmodel.Challenges(ctx, s.Pool, readmodel.ChallengeFilter{Viewer: who.Actor, Competitor: athlete.ID, Limit: profileChallenges})
	if err != nil {
		return err
	}
	cards, err := s.cards(ctx, who, challenges)
	if err != nil {
		return err
	}
	rides, next, err := readmodel.Activities(ctx, s.Pool, readmodel.ActivityFilter{Viewer: who.Actor, AthleteID: athlete.ID, Limit: profileActivities, Cursor: page.cursor})
	if err != nil {
		return err
	}
	if v.Feed, err = s.athleteFeed(ctx, athlete, who, ""); err != nil {
		return err
	}
	if topics := athleteTopics(athlete); len(topics) > 0 {
		v.LiveURL = topicsURL(who.units, topics...)
	}
	v.Challenges, v.Pages = cards[0], page.view(next)
	count := format.Number(len(challenges))
	if more != "" {
		count += "+"
	}
	v.Stats = []ui.Stat{{Label: "Challenges", Value: count, Icon: "trophy"}, {Label: "Here since", Value: athlete.RegisteredAt.Format("Jan 2006"), Icon: "calendar"}}
	if v.Activities, err = s.activityLines(ctx, who, rides); err != nil {
		return err
	}
	if err := s.honours(ctx, who, athlete, v); err != nil {
		return err
	}
	return s.ownCorner(ctx, who, athlete, v)
}

var seenBy = map[athletes.Visibility]string{athletes.Everyone: "Everyone sees this page.", athletes.Members: "Signed-in athletes see this page.",
	athletes.Nobody: "Only you see this page. Results in challenges are on their boards."}

// ownCorner is what somebody sees on their own profile alone.
func (s *Server) ownCorner(ctx context.Context, who reader, athlete readmodel.Athlete, v *pages.AthleteView) error {
	if !who.Is(athlete.ID) {
		return nil
	}
	v.SeenBy = seenBy[athlete.Visibility]
	starred, _, err := readmodel.Segments(ctx, s.Pool, readmodel.SegmentFilter{Viewer: who.Actor, StarredBy: athlete.ID, Limit: profileStarred})
	for _, seg := range starred {
		v.Starred = append(v.Starred, segmentCard(seg, who.units))
	}
	return err
}

// activityLines lists activities with what they brought, with one look for the efforts of all.
func (s *Server) activityLines(ctx context.Context, who reader, rides []readmodel.Activity) ([]pages.ActivityLine, error) {
	ids := make([]uuid.UUID, len(rides))
	for i, a := range rides {
		ids[i] = a.ID
	}
	efforts, err := readmodel.EffortsShown(ctx, s.Pool, who.Actor, ids)
	if err != nil {
		return nil, err
	}
	brought := map[uuid.UUID][]readmodel.Effort{}
	for _, e := range efforts {
		brought[e.ActivityID] = append(brought[e.ActivityID], e)
	}
	var out []pages.ActivityLine
	for _, a := range rides {
		line := pages.ActivityLine{Name: a.Name, URL: "/activities/" + a.ID.String(), Facts: rideFacts(a, who.units)}
		refused := 0
		for _, e := range brought[a.ID] {
			if e.Status == "accepted" {
				line.Results = append(line.Results, resultLine(e, who.units))
			} else {
				refused++
			}
		}
		if who.Is(a.AthleteID) {
			line.Note = outcomeNote(a, len(line.Results), refused)
		}
		out = append(out, line)
	}
	return out, nil
}

// outcomeNote says to an activity's athlete why there is nothing, or not all, among its results.
func outcomeNote(a readmodel.Activity, counted, refused int) string {
	switch {
	case a.MatchedAt == nil:
		return "The stages on it are being searched for."
	case refused > 0:
		return format.Count(refused, "effort doesn't", "efforts don't") + " count: the activity's page says why."
	case counted == 0:
		return "No stage of yours lies on it."
	}
	return ""
}

func resultLine(e readmodel.Effort, units sport.Units) pages.ResultLine {
	r := uploadResult(e, units)
	return pages.ResultLine{Title: r.Title, URL: r.URL, Value: r.Value, Rank: r.Rank, Words: resultWords(e) + reviewWords(e)}
}

func resultWords(e readmodel.Effort) string {
	switch {
	case e.Counts && e.Rank > 0:
		return e.ChallengeName + ", " + format.Ordinal(e.Rank)
	case e.StageType.RankedBy().Ascending():
		return e.ChallengeName + ", not the best"
	}
	return e.ChallengeName
}
