package web

import (
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

// boardRows is how many rows of a board a page shows, and a live update carries.
const boardRows = 100

// newFor is how long after the ride an athlete's first result is called new.
const newFor = 48 * time.Hour

// boardSetting is what a board's view needs beside the board: where it stands, and in whose units and zone it is written.
type boardSetting struct {
	challenge readmodel.Challenge
	stage     readmodel.Stage
	units     sport.Units
	zone      *time.Location
	reader    uuid.UUID // marks the own row; zero in what is pushed to everybody
}

// boardView writes a stage's board. The page and the live hub share it, so both show the same.
func boardView(b readmodel.Board, set boardSetting) parts.BoardView {
	v := parts.BoardView{
		ID:      parts.BoardID(b.StageID.String(), string(b.Category)),
		Version: b.Version,
		Caption: set.stage.Name + ", " + string(b.Category),
		Note:    format.Count(b.Athletes, "athlete", "athletes"),
		State:   "provisional", ValueLabel: valueLabel(b.Measure),
		Empty: ui.EmptyView{Icon: "timer", Title: "Nobody has a time yet", Text: "Ride the segment, upload the file, and you are on the board."},
	}
	if b.Final {
		v.State = "final"
	}
	if b.Measure == sport.ElapsedTime {
		v.PaceLabel = "Speed"
		if set.activity().OnFoot() {
			v.PaceLabel = "Pace"
		}
	}
	for _, e := range b.Entries {
		v.Rows = append(v.Rows, boardRow(b, e, set))
	}
	v.Say = latestChange(b, set)
	return v
}

// activity is what most do on the stage: the segment's type, or where there is no segment the first that the challenge takes.
func (set boardSetting) activity() sport.ActivityType {
	if set.stage.SegmentType != "" || len(set.challenge.IncludedActivityTypes) == 0 {
		return set.stage.SegmentType
	}
	return set.challenge.IncludedActivityTypes[0]
}

func valueLabel(m sport.Measure) string {
	switch m {
	case sport.ElapsedTime, sport.MovingTime:
		return "Time"
	case sport.Distance:
		return "Distance"
	case sport.ElevationGain:
		return "Elevation"
	}
	return "Result"
}

func boardRow(b readmodel.Board, e readmodel.BoardEntry, set boardSetting) parts.BoardRow {
	r := parts.BoardRow{
		AthleteID: e.AthleteID.String(), Name: nameOr(e.Name), URL: profileURL(e.AthleteID, e.Deleted), Avatar: e.Avatar.URL(avatars.Small),
		Rank: e.Rank, Move: e.RankChange, Value: set.value(b, int64(e.RankedValue)), Attempts: e.Attempts,
		Date: format.DayMonth(e.AchievedAt, set.zone),
		Own:  e.AthleteID == set.reader && set.reader != uuid.Nil,
	}
	if e.Rank > 1 {
		r.Gap = set.gap(b, int64(e.Gap))
		r.GapAbove = set.gap(b, int64(e.GapAbove))
	}
	if b.Measure == sport.ElapsedTime && e.AverageSpeed > 0 {
		r.Pace = format.SpeedOrPace(set.activity(), e.AverageSpeed, time.Second, set.units)
	}
	for _, chip := range []struct {
		name string
		on   bool
	}{{"new", e.New && !b.Final && now().Sub(e.AchievedAt) < newFor}, {"by_hand", e.Manual}, {"limited", e.Limited}, {"excluded", e.Excluded}} {
		if chip.on {
			r.Chips = append(r.Chips, chip.name)
		}
	}
	r.WhyURL = stageURL(set.stage) + "/why/" + r.AthleteID + "?category=" + url.QueryEscape(string(b.Category))
	r.MoreURL = boardURL(set.stage, b.Category) + "&athlete=" + r.AthleteID
	if b.Offset > 0 {
		r.MoreURL += "&offset=" + strconv.Itoa(b.Offset)
	}
	r.MoreURL += "#row-" + r.AthleteID
	return r
}

func (set boardSetting) value(b readmodel.Board, milli int64) string {
	return format.Value(milli, b.Measure, set.units, b.Precision < 1000)
}

func (set boardSetting) gap(b readmodel.Board, milli int64) string {
	if milli == 0 {
		return ""
	}
	if !b.Measure.Ascending() {
		milli = -milli
	}
	return format.ValueGap(milli, 0, b.Measure, set.units, b.Precision < 1000)
}

// latestChange is the sentence for the status line: who changed the board last.
func latestChange(b readmodel.Board, set boardSetting) string {
	for _, e := range b.Entries {
		if e.Changed != b.Version {
			continue
		}
		with := " with " + set.value(b, int64(e.RankedValue)) + "."
		if e.Rank == 1 {
			return nameOr(e.Name) + " takes the lead" + with
		}
		return nameOr(e.Name) + " is " + format.Ordinal(e.Rank) + with
	}
	return ""
}

func stageURL(s readmodel.Stage) string {
	return "/challenges/" + s.ChallengeSlug + "/stages/" + s.Slug
}

// boardURL is the stage's page with the board of a category.
func boardURL(s readmodel.Stage, category sport.Category) string {
	return stageURL(s) + "?category=" + url.QueryEscape(string(category))
}

// liveURL answers a WebSocket with the board as it changes.
func liveURL(s readmodel.Stage, category sport.Category, units sport.Units) string {
	address := "/live/stages/" + s.ID.String() + "/" + url.PathEscape(string(category))
	if units == sport.Imperial {
		address += "?units=imperial"
	}
	return address
}
