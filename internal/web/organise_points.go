package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/challengeboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// everyCategory stands for all of an athlete's categories in the form that adjusts points.
const everyCategory = "*"

func pointsKey(athlete uuid.UUID) string { return "points-" + athlete.String() }

// adjustable are the standings in which points can be given or taken: none before the challenge is hosted, and when it's final.
func adjustable(ctx context.Context, db readmodel.DB, c readmodel.Challenge) ([]readmodel.StandingsHead, error) {
	switch c.Status {
	case sport.Upcoming, sport.Active, sport.Past:
	case sport.Pending, sport.Approved, sport.Cancelled, sport.Deleted:
		return nil, nil
	}
	heads, err := readmodel.StandingsHeads(ctx, db, c.ID)
	return slices.DeleteFunc(heads, func(h readmodel.StandingsHead) bool { return h.Classification.Teams }), err
}

// pointsForm offers the classifications of the categories that an athlete is in; each in all of these at first.
func pointsForm(p readmodel.Competitor, heads []readmodel.StandingsHead, no refused) *pages.DeskPoints {
	var whole, one []string
	for _, h := range heads {
		if !slices.Contains(p.Categories, h.Category) {
			continue
		}
		every := everyCategory + "|" + h.Classification.Key
		if !slices.Contains(whole, every) {
			whole = append(whole, every, h.Classification.Name+", in every category")
		}
		one = append(one, string(h.Category)+"|"+h.Classification.Key, h.Classification.Name+", "+string(h.Category))
	}
	if len(one) == 0 {
		return nil
	}
	key := pointsKey(p.AthleteID)
	mine := refused{}
	if no.form == key {
		mine = no
	}
	field := func(name, label, help string) ui.FieldView {
		return ui.FieldView{ID: "f-" + name + "-" + key, Name: name, Label: label, Value: mine.typed.Get(name), Error: mine.said[name], Help: help, Autocomplete: "off"}
	}
	if len(p.Categories) < 2 {
		whole = nil
	}
	v := &pages.DeskPoints{Classification: pages.ScoringChoice{Field: field("classification", "Give or take points in", ""), Options: options(mine.typed.Get("classification"), append(whole, one...)...)},
		Points: field("points", "Points", "With a minus they are taken. Where times or places are added up it is seconds, or places."), Reason: field("reason", "Reason", "Everybody reads it.")}
	v.Points.MaxLength, v.Reason.MaxLength = "12", "500"
	return v
}

// adjustPoints gives an athlete points, or takes them: in one category, or in all that the athlete is in, together.
func (s *Server) adjustPoints(w http.ResponseWriter, r *http.Request, c readmodel.Challenge, k readmodel.Competitor, who reader) error {
	heads, err := readmodel.StandingsHeads(r.Context(), s.Pool, c.ID)
	if err != nil {
		return err
	}
	cmds, err := adjustments(r, c, k, heads, who)
	if err == nil {
		err = s.sendAll(r.Context(), cmds...)
	}
	if err != nil {
		return s.refuseDesk(w, r, who, "athletes", pointsKey(k.AthleteID), err)
	}
	return s.done(w, r, organiseURL(c)+"?show=athletes#athlete-"+k.AthleteID.String(), "The points of "+nameOr(k.Name)+" are adjusted.")
}

func adjustments(r *http.Request, c readmodel.Challenge, k readmodel.Competitor, heads []readmodel.StandingsHead, who reader) ([]dispatch.Command, error) {
	category, class, _ := strings.Cut(r.PostFormValue("classification"), "|")
	points, badPoints := leaderboards.ParseAmount(strings.ReplaceAll(r.PostFormValue("points"), "−", "-"))
	switch {
	case strings.TrimSpace(r.PostFormValue("points")) == "":
		badPoints = challengeboard.ErrNothing
	case badPoints != nil:
		badPoints = refusal.Field("points", "points_not_a_number", "Write a number with at most three decimals, such as 12.5 or -3.")
	}
	var out []dispatch.Command
	for _, h := range heads {
		if h.Classification.Key != class || category != string(h.Category) && (category != everyCategory || !slices.Contains(k.Categories, h.Category)) {
			continue
		}
		out = append(out, challengeboard.Adjust{Head: challengeboard.Head{ChallengeID: c.ID, Category: h.Category, By: who.Actor, Now: now()}, AthleteID: k.AthleteID,
			Classification: class, Points: points, Reason: r.PostFormValue("reason")})
	}
	if len(out) == 0 {
		return nil, errors.Join(challengeboard.ErrClassification, badPoints)
	}
	return out, badPoints
}
