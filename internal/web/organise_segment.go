package web

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

var errNoGPX = refusal.Field("file", "file_missing", "Choose a GPX file first.")

const ridesToCut = 12 // on a page

// newSegmentPage offers the ways to a segment, or shows the ride to cut it out of.
func (s *Server) newSegmentPage(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("activity") {
		return s.cutPage(w, r)
	}
	return s.showSegmentStart(w, r, http.StatusOK, pages.SegmentStartView{})
}

func (s *Server) showSegmentStart(w http.ResponseWriter, r *http.Request, status int, v pages.SegmentStartView) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	pager := pagerOf(r)
	rides, next, err := readmodel.Activities(r.Context(), s.Pool, readmodel.ActivityFilter{Viewer: who.Actor, AthleteID: who.AthleteID,
		Limit: ridesToCut, Cursor: pager.cursor})
	if err != nil {
		return err
	}
	for _, a := range rides {
		if a.HasTrack {
			v.Rides = append(v.Rides, pages.RideChoice{Name: a.Name, URL: "/segments/new?activity=" + a.ID.String(), Facts: rideFacts(a, who.units)})
		}
	}
	v.Pages = pager.view(next)
	return s.render(w, r, status, layout.Page{Title: "A new segment", NoIndex: true, Narrow: true},
		func(p layout.Page) templ.Component { return pages.SegmentStart(p, v) })
}

func (s *Server) showSegmentForm(w http.ResponseWriter, r *http.Request, status int, v pages.SegmentFormView) error {
	return s.render(w, r, status, layout.Page{Title: "A new segment", NoIndex: true},
		func(p layout.Page) templ.Component { return pages.SegmentForm(p, v) })
}

// newSegment takes a line by one of the ways, shows it, and saves it when that is asked for.
func (s *Server) newSegment(w http.ResponseWriter, r *http.Request) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if err := r.ParseMultipartForm(keptFiles); err != nil {
			return unreadableForm(err)
		}
		defer r.MultipartForm.RemoveAll() // frees what waits on disk; failing to is the system's to clean up
	}
	switch r.PostFormValue("way") {
	case "gpx":
		data, err := s.sentGPX(r)
		if err != nil {
			return s.refuseLine(w, r, err)
		}
		g, warnings, err := importer.GeometryOfGPX(data)
		if err != nil {
			return s.refuseLine(w, r, err)
		}
		return s.lookAtLine(w, r, g, warnings, "gpx")
	case "polyline":
		g, warnings, err := importer.GeometryOfPolyline(strings.TrimSpace(r.PostFormValue("polyline")))
		if err != nil {
			return s.refuseLine(w, r, err)
		}
		return s.lookAtLine(w, r, g, warnings, "polyline")
	case "line":
		return s.saveLine(w, r)
	case "activity":
		return s.saveCut(w, r)
	}
	return s.showSegmentStart(w, r, http.StatusOK, pages.SegmentStartView{})
}

// sentGPX reads the file of a form; one that is larger than a ride isn't looked at.
func (s *Server) sentGPX(r *http.Request) ([]byte, error) {
	if r.MultipartForm == nil || len(r.MultipartForm.File["file"]) == 0 {
		return nil, errNoGPX
	}
	sent := r.MultipartForm.File["file"][0]
	if sent.Size > maxRide {
		return nil, rideTooLarge()
	}
	if err := s.reading.Acquire(r.Context(), sent.Size+1); err != nil {
		return nil, err
	}
	defer s.reading.Release(sent.Size + 1)
	file, err := sent.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// refuseLine says at the field what is wrong with a file or a polyline.
func (s *Server) refuseLine(w http.ResponseWriter, r *http.Request, err error) error {
	if _, ok := problemsOf(err); !ok {
		return err
	}
	field, words := "file", ""
	if r.PostFormValue("way") == "polyline" {
		field = "polyline"
	}
	for _, e := range refusal.All(err) {
		words = strings.TrimSpace(words + " " + e.Detail)
	}
	said := problems{field: words}
	return s.showSegmentStart(w, r, refusal.All(err)[0].Kind.Status(), pages.SegmentStartView{Polyline: r.PostFormValue("polyline"),
		Problems: said, Errors: said.summary(field)})
}

// lookAtLine shows a line that isn't saved yet. The form carries it along: a file can't be sent back to be sent again.
func (s *Server) lookAtLine(w http.ResponseWriter, r *http.Request, g segments.Geometry, warnings []segments.Warning, origin string) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	return s.showSegmentForm(w, r, http.StatusOK, pages.SegmentFormView{ID: formID("").String(), Way: "line", Line: g.Polyline,
		Heights: writeHeights(g.Elevations), Origin: origin, Types: typeOptions(sport.Ride, ""), Result: resultOf(g, warnings, who.units)})
}

// saveLine adds a line that has been looked at.
func (s *Server) saveLine(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	v := segmentFormOf(r)
	v.Way, v.Line, v.Heights, v.Origin = "line", r.PostFormValue("line"), r.PostFormValue("heights"), r.PostFormValue("origin")
	if v.Origin != "gpx" {
		v.Origin = "polyline"
	}
	g, warnings, err := importer.GeometryOfLine(v.Line, readHeights(v.Heights))
	if err != nil {
		return s.refuseLine(w, r, err)
	}
	v.Result = resultOf(g, warnings, who.units)
	return s.addSegment(w, r, v, g, v.Origin)
}

func segmentFormOf(r *http.Request) pages.SegmentFormView {
	return pages.SegmentFormView{ID: formID(r.PostFormValue("id")).String(), Name: r.PostFormValue("name"),
		Types: typeOptions(sport.ActivityType(r.PostFormValue("activityType")), "")}
}

// addSegment puts a segment into the library; the same form sent again leads to the segment that it added.
func (s *Server) addSegment(w http.ResponseWriter, r *http.Request, v pages.SegmentFormView, g segments.Geometry, origin string) error {
	id, by := formID(v.ID), viewer(r)
	there, err := readmodel.SegmentByID(r.Context(), s.Pool, by, id)
	if err == nil && there.OwnerID == by.AthleteID {
		return s.done(w, r, "/segments/"+id.String(), there.Name+" is in the library already.")
	}
	if err != nil && !errors.Is(err, readmodel.ErrNoSegment) {
		return err
	}
	err = s.send(r.Context(), segments.Add{Head: segments.Head{ID: id, By: by, Now: now()}, Name: v.Name,
		ActivityType: sport.ActivityType(r.PostFormValue("activityType")), Geometry: g, Origin: origin})
	if err != nil {
		said, ok := problemsOf(err)
		if !ok {
			return err
		}
		if errors.Is(err, segments.ErrExists) {
			v.ID = uuid.NewString()
		}
		v.Problems, v.Errors = said, said.summary("name", "activityType", "polyline")
		return s.showSegmentForm(w, r, http.StatusUnprocessableEntity, v)
	}
	return s.done(w, r, "/segments/"+id.String(), strings.TrimSpace(v.Name)+" is in the library. Use it in a stage of a challenge.")
}

// resultOf shows what a segment would be.
func resultOf(g segments.Geometry, warnings []segments.Warning, units sport.Units) pages.SegmentResult {
	seg := readmodel.Segment{Name: "the segment", Polyline: g.Polyline, Elevations: g.Elevations, Distance: g.Distance, Bounds: g.Box[:]}
	m := segmentMap(seg, units)
	v := pages.SegmentResult{Map: &m, Stats: []ui.Stat{{Label: "Length", Value: format.Distance(g.Distance, units)}}}
	if len(g.Elevations) > 0 {
		p := segmentProfile(seg, units)
		v.Profile = &p
		v.Stats = append(v.Stats, ui.Stat{Label: "Climb", Value: format.Elevation(g.ElevationGain, units)},
			ui.Stat{Label: "Average", Value: format.Grade(g.AverageGrade)}, ui.Stat{Label: "Steepest", Value: format.Grade(g.MaximumGrade)})
		if g.ClimbCategory != "" {
			v.Stats = append(v.Stats, ui.Stat{Label: "Category", Value: g.ClimbCategory})
		}
	}
	for _, warning := range warnings {
		v.Warnings = append(v.Warnings, warning.Detail)
	}
	return v
}
