package web

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
)

// ride is an activity that a segment is cut out of.
type ride struct {
	readmodel.Activity
	track activities.Track
	along []float64 // metres travelled, a value a point of the track
	unit  float64   // metres in which its rider counts: a kilometre or a mile
	name  string    // of the unit
}

func (s *Server) rideToCut(r *http.Request, who reader, id string) (ride, error) {
	activity, err := uuid.Parse(id)
	if err != nil {
		return ride{}, readmodel.ErrNoActivity
	}
	a, err := readmodel.ActivityByID(r.Context(), s.Pool, who.Actor, activity)
	if err != nil {
		return ride{}, err
	}
	track, err := s.Importer.ShownTrack(r.Context(), who.Actor, a.ID, a.AthleteID)
	if err == nil && track.Count(activities.HasPosition) < 2 {
		err = importer.ErrNoTrack
	}
	x := ride{Activity: a, track: track, along: track.Distances(), unit: 1000, name: "km"}
	if who.units == sport.Imperial {
		x.unit, x.name = 1609.344, "mi"
	}
	return x, err
}

// end is the last hundredth that is wholly on the ride.
func (x ride) end() string {
	return strconv.FormatFloat(math.Floor(x.along[len(x.along)-1]/x.unit*100)/100, 'f', -1, 64)
}

// pointAt is the index of the point with a position that is nearest to a length along the ride.
func (x ride) pointAt(metres float64) int {
	i, _ := slices.BinarySearch(x.along, metres)
	best := -1
	for _, k := range []int{x.placed(i, 1), x.placed(i-1, -1)} {
		if k >= 0 && (best < 0 || math.Abs(x.along[k]-metres) < math.Abs(x.along[best]-metres)) {
			best = k
		}
	}
	return best
}

// placed is the first point with a position from i on, in steps; -1 when there is none.
func (x ride) placed(i, step int) int {
	for ; i >= 0 && i < len(x.track); i += step {
		if x.track[i].Is(activities.HasPosition) {
			return i
		}
	}
	return -1
}

// cutPage shows a ride with all of it chosen.
func (s *Server) cutPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	x, err := s.rideToCut(r, who, r.URL.Query().Get("activity"))
	if err != nil {
		return err
	}
	v := pages.SegmentFormView{ID: formID("").String(), Way: "activity", Types: typeOptions(x.ActivityType, "")}
	v.Cut = x.cutView(who, "0", x.end(), 0, 0)
	v.Result.Map = &parts.MapView{ID: "map-ride", Description: "Map of " + x.Name, Line: trackPoints(x.track), Units: who.units}
	return s.showSegmentForm(w, r, http.StatusOK, v)
}

func (x ride) cutView(who reader, from, to string, fromMetres, toMetres float64) *pages.CutView {
	v := &pages.CutView{ActivityID: x.ID.String(), Ride: x.Name, RideURL: "/activities/" + x.ID.String(), From: from, To: to,
		Total: x.end(), Unit: x.name}
	if x.track.Count(activities.HasElevation) > 1 {
		v.Profile = &parts.ProfileView{ID: "profile-ride", Title: "Elevation of " + x.Name, Samples: parts.ProfileOf(trackPoints(x.track)),
			Units: who.units, From: fromMetres, To: toMetres}
	}
	return v
}

// saveCut cuts a segment out of a ride: to be looked at, or to be saved.
func (s *Server) saveCut(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	x, err := s.rideToCut(r, who, r.PostFormValue("activity"))
	if err != nil {
		return err
	}
	v := segmentFormOf(r)
	v.Way = "activity"
	from, badFrom := typedNumber("from", r.PostFormValue("from"))
	to, badTo := typedNumber("to", r.PostFormValue("to"))
	from, to = from*x.unit, to*x.unit
	v.Cut = x.cutView(who, r.PostFormValue("from"), r.PostFormValue("to"), from, to)
	if badFrom != nil || badTo != nil {
		return s.refuseCut(w, r, v, badFrom, badTo)
	}
	g, warnings, err := s.Importer.GeometryOfActivity(r.Context(), who.Actor, x.ID, x.pointAt(from), x.pointAt(to))
	if err != nil {
		return s.refuseCut(w, r, v, err)
	}
	v.Result = resultOf(g, warnings, who.units)
	v.Result.Map.Tracks = near(x.track, g.Box[:])
	if r.PostFormValue("do") == "save" {
		return s.addSegment(w, r, v, g, "activity")
	}
	return s.showSegmentForm(w, r, http.StatusOK, v)
}

// refuseCut says at the end of the part what is wrong with it. A preview isn't a mistake: it's answered with 200.
func (s *Server) refuseCut(w http.ResponseWriter, r *http.Request, v pages.SegmentFormView, errs ...error) error {
	said := problems{}
	for _, err := range errs {
		for _, e := range refusal.All(err) {
			field := e.Field
			if field != "from" && field != "to" {
				field = "to"
			}
			said[field] = strings.TrimSpace(said[field] + " " + e.Detail)
		}
		if err != nil && refusal.All(err) == nil {
			return err
		}
	}
	v.Problems = said
	v.Result.Refusal = strings.TrimSpace(said["from"] + " " + said["to"])
	if r.PostFormValue("do") != "save" {
		return s.showSegmentForm(w, r, http.StatusOK, v)
	}
	v.Errors = said.summary("from", "to")
	return s.showSegmentForm(w, r, http.StatusUnprocessableEntity, v)
}

// writeHeights writes heights in decimetres, for a form that carries them along; readHeights reads them, and none where
// they were tampered with: the line alone is a segment, too.
func writeHeights(heights []float32) string {
	words := make([]string, len(heights))
	for i, h := range heights {
		words[i] = strconv.Itoa(int(math.Round(float64(h) * 10)))
	}
	return strings.Join(words, " ")
}

func readHeights(s string) []float32 {
	var out []float32
	for word := range strings.FieldsSeq(s) {
		dm, err := strconv.Atoi(word)
		if err != nil || dm < -5_000 || dm > 100_000 {
			return nil
		}
		out = append(out, float32(dm)/10)
	}
	return out
}
