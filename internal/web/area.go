package web

import (
	"net/http"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/parts"
)

// areaSegments is how many segments the map of the library shows.
const areaSegments = 300

// areaMap draws where segments are: in the area that is looked for, or else all that the filter finds. nil where there is
// neither.
func (s *Server) areaMap(r *http.Request, f readmodel.SegmentFilter) (*parts.AreaMapView, error) {
	f.Limit, f.Cursor = areaSegments, ""
	found, next, err := readmodel.Segments(r.Context(), s.Pool, f)
	if err != nil || len(found) == 0 && f.Box == nil {
		return nil, err
	}
	frame := around(found).Frame()
	if f.Box != nil {
		frame = parts.Area{South: f.Box[0], West: f.Box[1], North: f.Box[2], East: f.Box[3]}.Shaped()
	}
	v := &parts.AreaMapView{Frame: frame, Field: "f-bbox", Description: "Map of " + format.Count(len(found), "segment", "segments") + ". They are listed below."}
	if next != "" {
		v.Description = "Map of the first " + format.Count(len(found), "segment", "segments") + "."
	}
	for _, seg := range found {
		v.Lines = append(v.Lines, parts.AreaLine{Name: seg.Name, Points: linePoints(seg)})
	}
	to := func(a parts.Area) string { return withQuery(*r.URL, "bbox", a.String(), "cursor", "", "trail", "") }
	v.In, v.Out = to(v.Frame.Zoomed(0.5)), to(v.Frame.Zoomed(2))
	v.North, v.South, v.East, v.West = to(v.Frame.Moved(1, 0)), to(v.Frame.Moved(-1, 0)), to(v.Frame.Moved(0, 1)), to(v.Frame.Moved(0, -1))
	return v, nil
}

// around is the area that holds all of these.
func around(all []readmodel.Segment) parts.Area {
	a := parts.Area{South: 90, West: 180, North: -90, East: -180}
	for _, s := range all {
		if b := s.Bounds; len(b) == 4 {
			a = parts.Area{South: min(a.South, b[0]), West: min(a.West, b[1]), North: max(a.North, b[2]), East: max(a.East, b[3])}
		}
	}
	if a.South > a.North {
		return parts.Area{}
	}
	return a
}
