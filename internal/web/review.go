package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/go-chi/chi/v5"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
)

// reviewRows is how many efforts the queue shows at once: each has a map of its own, from the stored track.
const reviewRows = 10

// deskReview fills in the efforts that wait for who runs the challenge.
func (s *Server) deskReview(r *http.Request, who reader, c readmodel.Challenge, no refused, v *pages.DeskView) error {
	pager := pagerOf(r)
	pager.address = url.URL{Path: organiseURL(c), RawQuery: "show=review"}
	waiting, next, err := readmodel.ReviewQueue(r.Context(), s.Pool, readmodel.ReviewFilter{ChallengeID: c.ID, Limit: reviewRows, Cursor: pager.cursor})
	if err != nil {
		return err
	}
	lines := map[string]*readmodel.Segment{}
	for _, st := range c.Stages {
		if lines[st.Slug], err = s.segmentOf(r.Context(), st); err != nil {
			return err
		}
	}
	for _, e := range waiting {
		x, err := s.reviewed(r.Context(), c, e, lines[e.StageSlug], who)
		if err != nil {
			return err
		}
		if no.form == x.ID {
			x.Typed, x.Error = no.typed.Get("note"), no.said["note"]
		}
		v.Review = append(v.Review, x)
	}
	if no.form != "" {
		v.Errors = fieldErrors(no, "note")
	}
	v.Pages = pager.view(next)
	return nil
}

func (s *Server) reviewed(ctx context.Context, c readmodel.Challenge, e readmodel.Effort, segment *readmodel.Segment, who reader) (pages.DeskReview, error) {
	measure := e.StageType.RankedBy()
	x := pages.DeskReview{ID: e.ID.String(), Athlete: nameOr(e.AthleteName), AthleteURL: profileURL(e.AthleteID, e.AthleteDeleted),
		Stage: effortTitle(e), StageURL: effortURL(e), Value: valueWords(readmodel.Milli(effortMilli(e, measure)), measure, who.units, c.Tenths),
		When: localMoment(e.StartLocal), Facts: []string{e.ActivityType.Label()}, Action: effortURL(e) + "/efforts/" + e.ID.String(),
		ByHandURL: effortURL(e) + "/efforts/new?athlete=" + e.AthleteID.String()}
	if !e.Private {
		x.URL = "/activities/" + e.ActivityID.String()
	}
	if e.AverageSpeed > 0 {
		x.Facts = append(x.Facts, format.SpeedOrPace(e.ActivityType, e.AverageSpeed, time.Second, who.units))
	}
	if e.Uncertainty > 0 {
		x.Facts = append(x.Facts, "give or take "+format.Span(e.Uncertainty.Duration()))
	}
	track, err := s.Importer.Track(ctx, e.ActivityID)
	if err != nil {
		return x, err
	}
	pauses := pausesIn(track, e.StartUTC, e.Elapsed.Duration())
	for _, p := range pauses {
		x.Gaps = append(x.Gaps, p.words(e.StartUTC, e.Elapsed.Duration(), who.units))
	}
	if len(pauses) == 0 {
		x.Gaps = []string{e.Reason}
	}
	if segment == nil {
		return x, nil
	}
	shown, err := s.Importer.ShownTrack(ctx, who.Actor, e.ActivityID, e.AthleteID)
	x.Map = pauseMap(*segment, shown, pauses, who.units)
	return x, err
}

// pause is a part of a track of which nothing is known but its ends.
type pause struct{ from, to activities.Point }

// pausesIn lists the pauses of a recording that touch an effort.
func pausesIn(track activities.Track, start time.Time, elapsed time.Duration) []pause {
	var out []pause
	placed := track.Positioned()
	for i := 1; i < len(placed); i++ {
		a, b := placed[i-1], placed[i]
		if b.Time().After(start) && a.Time().Before(start.Add(elapsed)) && segments.Interrupted(sampleOf(a), sampleOf(b)) {
			out = append(out, pause{a, b})
		}
	}
	return out
}

func sampleOf(p activities.Point) segments.Sample {
	return segments.Sample{Lat: p.Lat, Lon: p.Lon, Ms: p.TimeMS, Break: p.Is(activities.Break)}
}

// words say how much is missing, and where in the effort.
func (p pause) words(start time.Time, elapsed time.Duration, units sport.Units) string {
	lost := format.Span(p.to.Time().Sub(p.from.Time())) + " and " + format.Distance(activities.Metres(p.from, p.to), units) + " weren't recorded"
	// Where a gate wasn't recorded, the effort is timed from the last point before it, or to the first behind it.
	before, behind := p.from.Time().Before(start.Add(time.Second)), p.to.Time().After(start.Add(elapsed-time.Second))
	switch {
	case before && behind:
		return lost + ", at the start and the finish."
	case before:
		return lost + ", at the start."
	case behind:
		return lost + ", at the finish."
	}
	return lost + ", " + format.Time(p.from.Time().Sub(start)) + " after the start."
}

// pauseMap draws the segment with the ride, and what of it wasn't recorded.
func pauseMap(s readmodel.Segment, track activities.Track, pauses []pause, units sport.Units) *parts.MapView {
	v := &parts.MapView{Description: "Map of " + s.Name + " with the ride, and the parts that weren't recorded.", Line: linePoints(s), Units: units}
	placed := track.Positioned()
	begin := 0
	for _, p := range pauses {
		for i := begin; i < len(placed); i++ {
			if placed[i].TimeMS > p.from.TimeMS {
				v.Tracks = append(v.Tracks, near(placed[begin:i], s.Bounds)...)
				begin = i
				break
			}
		}
		from, to := nearestOf(v.Line, p.from), nearestOf(v.Line, p.to)
		if from < to {
			v.Holes = append(v.Holes, v.Line[from:to+1])
			v.Marks = append(v.Marks, parts.MapMark{At: v.Line[(from+to)/2], Kind: "miss", Label: missLabels["hole"]})
		}
	}
	v.Tracks = append(v.Tracks, near(placed[begin:], s.Bounds)...)
	return v
}

// nearestOf is the point of a line that is nearest to a place.
func nearestOf(line []parts.Point, p activities.Point) int {
	best, least := 0, 0.0
	for i, q := range line {
		if d := activities.Metres(p, activities.At(q.Lat, q.Lon)); i == 0 || d < least {
			best, least = i, d
		}
	}
	return best
}

// judgeEffort lets an effort count that needed review, or takes it out.
func (s *Server) judgeEffort(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err != nil {
		return err
	}
	e, err := s.effortOn(r, st)
	if err != nil {
		return err
	}
	head := competitors.Head{ChallengeID: c.ID, AthleteID: e.AthleteID, By: who.Actor, Now: now()}
	rules, note := competitors.Rules{StageID: st.ID}, r.PostFormValue("note")
	var cmd dispatch.Command
	var words string
	switch chi.URLParam(r, "action") {
	case "accept":
		cmd, words = competitors.AcceptEffort{Head: head, Rules: rules, EffortID: e.ID, Note: note}, "Accepted: the effort counts."
	case "reject":
		cmd, words = competitors.RejectEffort{Head: head, Rules: rules, EffortID: e.ID, Note: note}, "Rejected: the effort is out."
	default:
		return errNoAction
	}
	if err := s.send(r.Context(), cmd); err != nil {
		return s.refuseDesk(w, r, who, "review", e.ID.String(), err)
	}
	return s.done(w, r, organiseURL(c)+"?show=review", words)
}

// effortOn is the effort of the address, which must be one on the stage.
func (s *Server) effortOn(r *http.Request, st readmodel.Stage) (readmodel.Effort, error) {
	id, err := pathID(r, readmodel.ErrNoEffort)
	if err != nil {
		return readmodel.Effort{}, err
	}
	e, err := readmodel.EffortByID(r.Context(), s.Pool, id)
	if err == nil && e.StageID != st.ID {
		err = readmodel.ErrNoEffort
	}
	return e, err
}
