package web

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/parts"
)

// itemOutcome says what became of one file or of one activity in it.
func (s *Server) itemOutcome(ctx context.Context, who reader, item importer.Item) (parts.UploadOutcomeView, error) {
	once := uuid.NewString() // beside the same ride that is on the page already, this is another line
	if item.Status == importer.Refused {
		return parts.UploadOutcomeView{ID: "refused-" + once, File: item.File, State: "refused", Refusal: item.Detail}, nil
	}
	id := item.ID
	if item.Status == importer.Duplicate {
		id = item.DuplicateOf
	}
	activity, err := readmodel.ActivityByID(ctx, s.Pool, who.Actor, id)
	if errors.Is(err, readmodel.ErrNoActivity) { // the read models don't know it yet
		return parts.UploadOutcomeView{ID: item.ID.String(), File: item.File, State: "reading", Refresh: refreshURL(item.ID, item.File, 1)}, nil
	}
	if err != nil {
		return parts.UploadOutcomeView{}, err
	}
	view, err := s.outcome(ctx, who, activity)
	view.File = item.File
	if item.Status == importer.Duplicate {
		view.ID, view.State, view.Refresh = "known-"+once, "known", ""
		view.Notes = []string{item.Detail + " It is there once, as you see it here."}
		return view, err
	}
	for _, note := range item.Notes {
		view.Notes = append(view.Notes, note.Detail)
	}
	return view, err
}

// maxAsks is how often a page asks for a ride that is still read, each two seconds.
const maxAsks = 100

// refreshURL is where a ride that is still read is asked for, for the n-th time; "" when that has been often enough.
func refreshURL(activity uuid.UUID, file string, n int) string {
	if n > maxAsks {
		return ""
	}
	return "/upload/" + activity.String() + "?" + url.Values{"file": {file}, "n": {strconv.Itoa(n)}}.Encode()
}

// outcome says what a ride was worth, and why not more.
func (s *Server) outcome(ctx context.Context, who reader, a readmodel.Activity) (parts.UploadOutcomeView, error) {
	v := parts.UploadOutcomeView{ID: a.ID.String(), File: a.File, Title: a.Name, URL: "/activities/" + a.ID.String(),
		State: "done", Facts: rideFacts(a, who.units)}
	if a.MatchedAt == nil {
		v.State, v.Refresh = "reading", refreshURL(a.ID, a.File, 1)
		return v, nil
	}
	efforts, err := readmodel.EffortsOfActivity(ctx, s.Pool, a.ID)
	if err != nil {
		return v, err
	}
	for _, e := range efforts {
		if e.Status == "accepted" {
			v.Results = append(v.Results, uploadResult(e, who.units))
		} else {
			v.Misses = append(v.Misses, parts.UploadMiss{Title: effortTitle(e), URL: effortURL(e), Reason: e.Reason, State: reviewState(e)})
		}
	}
	missed, err := s.misses(ctx, who, a)
	if err != nil {
		return v, err
	}
	v.Misses = append(v.Misses, missed...)
	if len(v.Results)+len(v.Misses) == 0 {
		v.Misses = []parts.UploadMiss{{Title: "No stage on this ride", URL: "/challenges",
			Reason: "It doesn't pass over a segment of a challenge that you're in, on a day on which its stage was open."}}
	}
	return v, nil
}

func rideFacts(a readmodel.Activity, units sport.Units) []string {
	facts := []string{a.ActivityType.Label(), a.StartLocal.AsUTC().Format("Mon 2 Jan 2006, 15:04")}
	if a.Distance > 0 {
		facts = append(facts, format.Distance(a.Distance, units))
	}
	facts = append(facts, format.Time(a.Moving.Duration()))
	if a.ElevationGain > 0 {
		facts = append(facts, format.Elevation(a.ElevationGain, units)+" up")
	}
	if a.Private {
		facts = append(facts, "Private")
	}
	return facts
}

func uploadResult(e readmodel.Effort, units sport.Units) parts.UploadResult {
	v := parts.UploadResult{Title: effortTitle(e), URL: effortURL(e), Value: valueWords(readmodel.Milli(effortMilli(e, e.StageType.RankedBy())), e.StageType.RankedBy(), units, false), Rank: e.Rank, Best: e.Counts && e.Best}
	switch {
	case e.Counts && e.Rank > 0:
		v.Words = e.ChallengeName + ": " + format.Ordinal(e.Rank) + ", your best"
	case e.Rank == 0:
		v.Words = e.ChallengeName + ": you have been faster"
		if !e.StageType.RankedBy().Ascending() {
			v.Words = e.ChallengeName + ": counts"
		}
	}
	v.Words += reviewWords(e)
	return v
}

// reviewWords say of an effort that counts that it had to be looked at; "" where it hadn't.
func reviewWords(e readmodel.Effort) string {
	if e.ReviewedBy == "" {
		return ""
	}
	return strings.TrimSpace(". The organiser has looked at it and accepted it. " + e.Reason)
}

func effortTitle(e readmodel.Effort) string {
	title := "Stage " + format.Number(e.StageNumber) + " · " + e.StageName
	if e.Lap > 1 {
		title += ", lap " + format.Number(e.Lap)
	}
	return title
}

func effortURL(e readmodel.Effort) string {
	return "/challenges/" + e.ChallengeSlug + "/stages/" + e.StageSlug
}

// misses are the stages that a ride came near to and gave nothing, with a map of where it failed.
func (s *Server) misses(ctx context.Context, who reader, a readmodel.Activity) ([]parts.UploadMiss, error) {
	findings, err := readmodel.FindingsOfActivity(ctx, s.Pool, a.ID)
	if err != nil {
		return nil, err
	}
	var out []parts.UploadMiss
	for _, f := range findings {
		if f.Traversals > 0 || len(f.Misses) == 0 {
			continue
		}
		miss := f.Misses[0]
		v := parts.UploadMiss{Title: "Stage " + format.Number(f.StageNumber) + " · " + f.StageName, Reason: miss.Detail,
			URL: "/challenges/" + f.ChallengeSlug + "/stages/" + f.StageSlug}
		if f.SegmentID != uuid.Nil {
			segment, err := readmodel.SegmentsByID(ctx, s.Pool, []uuid.UUID{f.SegmentID})
			if err != nil {
				return nil, err
			}
			track, err := s.Importer.Track(ctx, a.ID)
			if err != nil {
				return nil, err
			}
			if len(segment) == 1 {
				v.Map = missMap(segment[0], miss, track, who.units)
			}
		}
		out = append(out, v)
	}
	return out, nil
}
