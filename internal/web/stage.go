package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"segmentchallenge/internal/live"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/internal/web/markdown"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// shownStage finds the stage of the address, with its challenge and the other stages of that.
func (s *Server) shownStage(r *http.Request, who reader) (readmodel.Challenge, readmodel.Stage, error) {
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return c, readmodel.Stage{}, err
	}
	slug := chi.URLParam(r, "stage")
	i := slices.IndexFunc(c.Stages, func(s readmodel.Stage) bool { return s.Slug == slug })
	if i < 0 {
		return c, readmodel.Stage{}, readmodel.ErrNoStage
	}
	return c, c.Stages[i], nil
}

func (s *Server) stagePage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, stage, err := s.shownStage(r, who)
	if err != nil {
		return err
	}
	v := stageView(c, stage, who)
	segment, err := s.segmentOf(r.Context(), stage)
	if err != nil {
		return err
	}
	if segment != nil {
		course := courseOf(*segment, who.units)
		course.GPX = v.URL + "/segment.gpx"
		v.Course = &course
	}
	if v.Results, err = s.resultsOf(r, c, stage, who); err != nil {
		return err
	}
	if v.Missing, err = s.missingOf(r.Context(), c, stage, segment, who); err != nil {
		return err
	}
	if v.Feed, err = s.stageFeed(r.Context(), stage, who, ""); err != nil {
		return err
	}
	head := s.challengeMeta(c)
	head.Title, head.Canonical = stageName(stage)+" in "+c.Name, s.BaseURL+v.URL
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Stage(p, v) })
}

func stageView(c readmodel.Challenge, stage readmodel.Stage, who reader) pages.StageView {
	zone := zoneOf(c.TimeZone)
	v := pages.StageView{URL: stageURL(stage), States: []string{stageState(stage), string(stage.Adjustment)}, Now: now(), Start: stage.StartAt, End: stage.EndAt,
		Counting: stage.Status == sport.Upcoming || stage.Status == sport.Active, Joined: c.Joined, ChallengeURL: challengeURL(c),
		DateWords: format.Dates(stage.StartAt, stage.EndAt, zone), Message: markdown.HTML(stage.ResultsMessage)}
	v.Head = underChallenge(c, stageName(stage))
	v.Head.Kicker = "Stage " + format.Number(stage.Number) + " of " + format.Number(max(len(c.Stages), stage.Number)) + " · " + stageTypeWords(stage.Type)
	if stage.Status == sport.Past || stage.Status == sport.Active {
		v.States = append(v.States, "provisional")
	}
	if keptSecret(stage) {
		v.States = append(v.States, "hidden")
	}
	if stage.SegmentSecret {
		v.Mystery = "Its segment is shown when the organiser reveals it, at the latest when the stage starts on " + format.DayTime(stage.StartAt, zone) + "."
	} else {
		v.Description = markdown.HTML(stage.Description)
	}
	if !stage.Type.OnSegment() {
		v.Rules = rulesOf(c, nil, who.units)[:2] // what counts, and which rides
	}
	if stage.MayRun {
		v.OrganiseURL = challengeURL(c) + "/organise"
	}
	v.Before, v.After = neighboursOf(c.Stages, stage)
	return v
}

// neighboursOf are the stages before and after; mysteries can't be gone to.
func neighboursOf(stages []readmodel.Stage, stage readmodel.Stage) (before, after *ui.Crumb) {
	for _, s := range stages {
		if s.SegmentSecret || s.Status == sport.Deleted {
			continue
		}
		link := &ui.Crumb{Label: format.Number(s.Number) + " · " + s.Name, URL: stageURL(s)}
		if s.Number < stage.Number {
			before = link
		} else if s.Number > stage.Number && after == nil {
			after = link
		}
	}
	return before, after
}

// segmentOf is the segment of a stage, as far as its reader may see it; nil where there is none.
func (s *Server) segmentOf(ctx context.Context, stage readmodel.Stage) (*readmodel.Segment, error) {
	if stage.SegmentID == uuid.Nil {
		return nil, nil
	}
	// Not SegmentByID: the same segment may still be the secret of another stage, and of this one it is told.
	found, err := readmodel.SegmentsByID(ctx, s.Pool, []uuid.UUID{stage.SegmentID})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// courseOf draws a segment with its figures.
func courseOf(seg readmodel.Segment, units sport.Units) pages.Course {
	c := pages.Course{Name: seg.Name, URL: "/segments/" + seg.ID.String(), Map: segmentMap(seg, units), Profile: segmentProfile(seg, units),
		Stats: []ui.Stat{{Label: "Length", Value: format.Distance(seg.Distance, units)}}}
	if len(seg.Elevations) > 0 {
		c.Stats = append(c.Stats,
			ui.Stat{Label: "Climb", Value: format.Elevation(seg.ElevationGain, units)},
			ui.Stat{Label: "Average", Value: format.Grade(seg.AverageGrade)},
			ui.Stat{Label: "Steepest", Value: format.Grade(seg.MaximumGrade)},
			ui.Stat{Label: "Low to high", Value: format.Elevation(seg.ElevationLow, units) + " – " + format.Elevation(seg.ElevationHigh, units)})
	}
	if words := climbWords(seg.ClimbCategory); words != "" {
		c.Stats = append(c.Stats, ui.Stat{Label: "Category", Value: strings.TrimPrefix(words, "Cat ")})
	}
	return c
}

func (s *Server) stageGPX(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	_, stage, err := s.shownStage(r, who)
	if err != nil {
		return err
	}
	segment, err := s.segmentOf(r.Context(), stage)
	if err != nil {
		return err
	}
	if segment == nil {
		return readmodel.ErrNoSegment
	}
	return sendGPX(w, stage.ChallengeSlug+"-"+stage.Slug, *segment)
}

// resultsOf is the board that the address asks for; nil while there is none.
func (s *Server) resultsOf(r *http.Request, c readmodel.Challenge, stage readmodel.Stage, who reader) (*pages.Results, error) {
	boards, err := readmodel.Boards(r.Context(), s.Pool, stage.ID)
	if err != nil || len(boards) == 0 {
		return nil, err
	}
	asked, err := boardAskedBy(r, boards)
	if err != nil {
		return nil, err
	}
	set := boardSetting{challenge: c, stage: stage, units: who.units, zone: zoneOf(c.TimeZone), reader: who.AthleteID}
	found, err := s.readBoard(r.Context(), asked, set)
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v := &pages.Results{Board: found.view, TV: stageURL(stage) + "/tv", CSV: stageURL(stage) + "/results.csv?category=" + url.QueryEscape(string(asked.category))}
	for _, b := range boards {
		v.Tabs = append(v.Tabs, ui.Tab{Label: string(b.Category), URL: boardURL(stage, b.Category), Count: format.Number(b.Athletes), Current: b.Category == asked.category})
	}
	if stage.SegmentSecret || stage.Status == sport.Upcoming {
		v.Board.Empty = ui.EmptyView{Icon: "calendar", Title: "It hasn't started", Text: "The board opens on " + format.DayTime(stage.StartAt, set.zone) + "."}
	}
	if stage.SegmentSecret {
		v.Board.Caption = stageName(stage) + ", " + string(asked.category)
	}
	if found.offset == 0 && !found.head.Final {
		v.LiveURL = topicsURL(set.units, live.StageBoard(stage.ID, string(asked.category)), live.Topic{Kind: live.StageFeeds, ID: stage.ID})
	} else if found.offset > 0 {
		v.Still = "This part of the board doesn't move by itself: reload to see changes."
	}
	v.Pages = boardPages(found, boardURL(stage, asked.category))
	return v, nil
}

// boardAskedBy reads which board and which part of it the address wants.
func boardAskedBy(r *http.Request, boards []readmodel.BoardHead) (boardAsked, error) {
	q := r.URL.Query()
	asked := boardAsked{category: boards[0].Category}
	if wanted := q.Get("category"); wanted != "" {
		i := slices.IndexFunc(boards, func(b readmodel.BoardHead) bool { return strings.EqualFold(string(b.Category), wanted) })
		if i < 0 {
			return asked, readmodel.ErrNoBoard
		}
		asked.category = boards[i].Category
	}
	if offset := q.Get("offset"); offset != "" {
		n, err := strconv.Atoi(offset)
		if err != nil || n < 0 {
			return asked, refusal.Of(refusal.Malformed, "offset_not_a_number", "The offset counts rows of the board: 0, 100, 200.")
		}
		asked.offset = n
	}
	if athlete := q.Get("athlete"); athlete != "" {
		id, err := uuid.Parse(athlete)
		if err != nil {
			return asked, readmodel.ErrNoAthlete
		}
		asked.open = id
	}
	return asked, nil
}

func boardPages(found boardFound, address string) ui.PagesView {
	var v ui.PagesView
	last := found.offset + len(found.view.Rows)
	v.Label = format.Number(found.offset+1) + "–" + format.Number(last) + " of " + format.Number(found.head.Athletes)
	if found.more {
		v.Next = address + "&offset=" + strconv.Itoa(last) + "#results"
	}
	switch {
	case found.offset > boardRows:
		v.Prev = address + "&offset=" + strconv.Itoa(found.offset-boardRows) + "#results"
	case found.offset > 0:
		v.Prev = address + "#results"
	}
	return v
}
