package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// segmentStages is how many of the stages over a segment its page lists.
const segmentStages = 50

func (s *Server) segmentsPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := readmodel.SegmentFilter{Viewer: who.Actor, Query: q.Get("q"), ActivityType: sport.ActivityType(q.Get("type")), Limit: cardsPerPage, Cursor: q.Get("cursor")}
	v := pages.SegmentsView{Member: who.SignedIn(), Query: f.Query, Box: q.Get("bbox"), Types: typeOptions(f.ActivityType, "Every sport")}
	if f.Box, err = boxOf(v.Box); err != nil {
		return err
	}
	if v.Starred = q.Get("starred") == "true" && who.AthleteID != uuid.Nil; v.Starred {
		f.StarredBy = who.AthleteID
	}
	found, next, err := readmodel.Segments(r.Context(), s.Pool, f)
	if err != nil {
		return err
	}
	for _, seg := range found {
		v.Cards = append(v.Cards, segmentCard(seg, who.units))
	}
	v.Narrowed = v.Box != "" || v.Starred || f.ActivityType != ""
	v.Filtered = v.Query != "" || v.Narrowed
	v.Pages, v.Empty = pagerOf(r).view(next), emptySegments(v)
	if v.Map, err = s.areaMap(r, f); err != nil {
		return err
	}
	head := layout.Page{Title: "Segments", Canonical: s.BaseURL + "/segments", NoIndex: v.Filtered,
		Description: "Climbs, sprints and rounds that challenges are ridden over, with maps and profiles."}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Segments(p, v) })
}

func emptySegments(v pages.SegmentsView) ui.EmptyView {
	switch {
	case v.Starred && v.Query == "" && v.Box == "":
		return ui.EmptyView{Icon: "star", Title: "No star yet", Text: "Star a segment on its page, and you find it here when you set up a stage."}
	case v.Filtered:
		return ui.EmptyView{Icon: "search", Title: "No segment matches", Text: "Try fewer words: names are found by how their words begin."}
	}
	return ui.EmptyView{Icon: "route", Title: "The library is empty", Text: "A segment is cut from an uploaded ride, or read from a GPX file."}
}

// boxOf reads an area: south, west, north, east in degrees, with commas; nil for none.
func boxOf(typed string) (*[4]float64, error) {
	if typed == "" {
		return nil, nil
	}
	var box [4]float64
	numbers := strings.Split(typed, ",")
	wrong := refusal.Of(refusal.Malformed, "bbox_unreadable", "An area is four numbers with commas: south, west, north, east in degrees, such as 50.7,4.5,50.9,4.8.")
	if len(numbers) != len(box) {
		return nil, wrong
	}
	for i, n := range numbers {
		v, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		if err != nil || !(v >= -180 && v <= 180) {
			return nil, wrong
		}
		box[i] = v
	}
	if box[0] > box[2] {
		return nil, wrong
	}
	return &box, nil
}

func segmentCard(seg readmodel.Segment, units sport.Units) parts.SegmentCardView {
	v := parts.SegmentCardView{Name: seg.Name, URL: "/segments/" + seg.ID.String(), Place: seg.ActivityType.Label(), Map: smallMap(seg),
		Facts: []string{format.Distance(seg.Distance, units)}, Category: climbWords(seg.ClimbCategory)}
	if len(seg.Elevations) > 0 {
		v.Facts = append(v.Facts, format.Grade(seg.AverageGrade), format.Elevation(seg.ElevationGain, units))
	}
	return v
}

func (s *Server) segmentPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	seg, err := s.librarySegment(r, who)
	if err != nil {
		return err
	}
	stages, err := readmodel.StagesOn(r.Context(), s.Pool, who.Actor, seg.ID, segmentStages)
	if err != nil {
		return err
	}
	owner, err := readmodel.People(r.Context(), s.Pool, []uuid.UUID{seg.OwnerID})
	if err != nil {
		return err
	}
	v := pages.SegmentView{URL: "/segments/" + seg.ID.String(), Chips: []string{seg.ActivityType.Label()}, Member: who.AthleteID != uuid.Nil,
		Starred: seg.Starred, Owner: owner[seg.OwnerID].Name, OwnerURL: profileURL(seg.OwnerID, owner[seg.OwnerID].Deleted), Course: courseOf(seg, who.units)}
	v.Head = layout.HeadView{Title: seg.Name, Crumbs: []ui.Crumb{{Label: "Segments", URL: "/segments"}, {Label: seg.Name}}}
	v.Course.URL, v.Course.GPX = "", v.URL+"/segment.gpx"
	if seg.Stars > 0 {
		v.Stars = format.Count(seg.Stars, "star", "stars")
	}
	for _, stage := range stages {
		v.Stages = append(v.Stages, segmentStage(stage, who.units))
	}
	head := layout.Page{Title: seg.Name, Canonical: s.BaseURL + v.URL, Description: seg.Name + ": map, profile and the challenges that are ridden over it."}
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.Segment(p, v) })
}

func segmentStage(stage readmodel.Stage, units sport.Units) pages.SegmentStage {
	v := pages.SegmentStage{Name: stage.Name, URL: stageURL(stage), Challenge: stage.ChallengeName,
		Dates: format.Dates(stage.StartAt, stage.EndAt, zoneOf(stage.TimeZone)), State: stageState(stage)}
	if stage.LeaderName != "" {
		v.Leader = stage.LeaderName + " " + valueWords(stage.LeaderValue, stage.Measure(), units, false)
	}
	return v
}

// librarySegment finds the segment of the address; not while it's the secret of a stage.
func (s *Server) librarySegment(r *http.Request, who reader) (readmodel.Segment, error) {
	id, err := pathID(r, readmodel.ErrNoSegment)
	if err != nil {
		return readmodel.Segment{}, err
	}
	return readmodel.SegmentByID(r.Context(), s.Pool, who.Actor, id)
}

func (s *Server) segmentGPX(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	seg, err := s.librarySegment(r, who)
	if err != nil {
		return err
	}
	return sendGPX(w, "segment-"+seg.ID.String(), seg)
}
