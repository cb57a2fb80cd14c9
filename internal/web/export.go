package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
)

// exportPage is how many rows a table that is downloaded reads at a time.
const exportPage = 1000

func (s *Server) competitorsCSV(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	rows := [][]string{{"athleteId", "name", "category", "joinedAt", "limited", "division", "team", "handicapSeconds", "handicapPercent", "excluded", "reason"}}
	for cursor := ""; ; {
		found, next, err := readmodel.Competitors(r.Context(), s.Pool, c.ID, readmodel.CompetitorFilter{Joined: !c.MayRun, Limit: exportPage, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, k := range found {
			rows = append(rows, []string{k.AthleteID.String(), k.Name, string(k.Category), k.JoinedAt.UTC().Format(time.RFC3339), strconv.FormatBool(k.Limited),
				k.Division, k.Team, csvNumber(k.HandicapSeconds.Float()), csvNumber(k.HandicapPercent.Float()),
				strconv.FormatBool(k.Excluded), k.Reason})
		}
		if cursor = next; cursor == "" {
			return sendCSV(w, c.Slug+"-competitors", rows)
		}
	}
}

// stageCSV is a whole board as a table; numbers are seconds or metres, as in the API.
func (s *Server) stageCSV(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	_, stage, err := s.shownStage(r, who)
	if err != nil {
		return err
	}
	category := sport.Category(r.URL.Query().Get("category"))
	if category == "" {
		category = sport.Open
	}
	rows := [][]string{{"rank", "athleteId", "name", "value", "gap", "attempts", "achievedAt", "averageSpeed", "averageHeartRate", "averagePower", "limited", "manual"}}
	for cursor := ""; ; {
		b, err := readmodel.StageBoard(r.Context(), s.Pool, readmodel.BoardQuery{StageID: stage.ID, Category: category, Limit: exportPage, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, e := range b.Entries {
			rows = append(rows, []string{strconv.Itoa(e.Rank), e.AthleteID.String(), e.Name, csvNumber(e.RankedValue.Float()), csvNumber(e.Gap.Float()),
				strconv.Itoa(e.Attempts), e.AchievedAt.UTC().Format(time.RFC3339), csvNumber(e.AverageSpeed), csvNumber(e.HeartRate), csvNumber(e.Power),
				strconv.FormatBool(e.Limited), strconv.FormatBool(e.Manual)})
		}
		if cursor = b.NextCursor; cursor == "" {
			return sendCSV(w, stage.ChallengeSlug+"-"+stage.Slug+"-"+fileWord(string(category)), rows)
		}
	}
}

// standingsCSV is a whole classification as a table, with what each stage gave; numbers are those of the API.
func (s *Server) standingsCSV(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	heads, err := readmodel.StandingsHeads(r.Context(), s.Pool, c.ID)
	if err == nil && len(heads) == 0 {
		err = readmodel.ErrNoStandings
	}
	if err != nil {
		return err
	}
	asked := askedStandings(heads, r.URL.Query())
	rows := [][]string{{"rank", "athleteId", "name", "total", "confirmed", "adjusted", "goals", "value", "stages", "limited"}}
	for cursor := ""; ; {
		t, err := readmodel.ChallengeStandings(r.Context(), s.Pool, readmodel.StandingsQuery{ChallengeID: c.ID, Category: asked.Category,
			Classification: asked.Classification.Key, Limit: exportPage, Cursor: cursor})
		if err != nil {
			return err
		}
		if cursor == "" {
			for _, stage := range t.Stages {
				rows[0] = append(rows[0], "stage"+strconv.Itoa(stage.Number))
			}
		}
		for _, e := range t.Entries {
			rows = append(rows, standingsCSVRow(e, t.Stages))
		}
		if cursor = t.NextCursor; cursor == "" {
			return sendCSV(w, c.Slug+"-"+fileWord(string(asked.Category))+"-"+fileWord(asked.Classification.Key), rows)
		}
	}
}

// standingsCSVRow has a cell for each stage: what it gave, nothing where there was no result.
func standingsCSVRow(e readmodel.StandingsEntry, stages []readmodel.StandingsStage) []string {
	row := []string{csvRank(e.Rank), e.AthleteID.String(), e.Name, csvAmount(e.Total.Float()), csvAmount(e.Confirmed.Float()), csvNumber(e.Adjusted.Float()),
		csvNumber(float64(e.Goals)), csvNumber(e.Value.Float()), strconv.Itoa(e.Ridden), strconv.FormatBool(e.Limited)}
	for _, stage := range stages {
		cell := ""
		for _, p := range e.Parts {
			if p.StageID == stage.StageID {
				cell = csvAmount(p.Score.Amount.Float())
			}
		}
		row = append(row, cell)
	}
	return row
}

// csvRank is empty for those who have too few stages to be classified.
func csvRank(rank int) string {
	if rank == 0 {
		return ""
	}
	return strconv.Itoa(rank)
}

// effortsCSV is all that was brought to a stage and this viewer may see: what counts, for organisers also what was refused
// or taken out, and why.
func (s *Server) effortsCSV(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, stage, err := s.shownStage(r, who)
	if err != nil {
		return err
	}
	rows := [][]string{{"id", "athleteId", "name", "activityId", "lap", "activityType", "startLocal", "elapsedTime", "movingTime", "distance", "elevationGain",
		"averageSpeed", "averageHeartRate", "averagePower", "source", "status", "code", "reason", "recordedAt"}}
	for cursor := ""; ; {
		found, next, err := readmodel.StageEfforts(r.Context(), s.Pool, readmodel.EffortFilter{Viewer: who.Actor, Organiser: c.MayRun, StageID: stage.ID,
			Limit: exportPage, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, e := range found {
			rows = append(rows, effortsCSVRow(e))
		}
		if cursor = next; cursor == "" {
			return sendCSV(w, stage.ChallengeSlug+"-"+stage.Slug+"-efforts", rows)
		}
	}
}

func effortsCSVRow(e readmodel.Effort) []string {
	activity := ""
	if e.ActivityID != uuid.Nil {
		activity = e.ActivityID.String()
	}
	return []string{e.ID.String(), e.AthleteID.String(), e.AthleteName, activity, strconv.Itoa(e.Lap), string(e.ActivityType), e.StartLocal.String(),
		csvNumber(e.Elapsed.Float()), csvNumber(e.Moving.Float()), csvNumber(e.Distance), csvNumber(e.ElevationGain),
		csvNumber(e.AverageSpeed), csvNumber(e.HeartRate), csvNumber(e.Power), e.Source, e.Status, e.Code, e.Reason, e.RecordedAt.UTC().Format(time.RFC3339)}
}

// fileWord makes a word of a category or classification fit for the name of a file: Women+40-49 becomes women-40-49.
func fileWord(s string) string {
	return strings.ToLower(strings.Trim(strings.ReplaceAll(s, "+", "-"), "-"))
}

func csvAmount(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// csvNumber leaves nothing where there is nothing to say.
func csvNumber(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// sendCSV writes a table for download. A cell that a spreadsheet would take for a formula gets an apostrophe before it:
// names are what athletes typed. Numbers stay numbers.
func sendCSV(w http.ResponseWriter, name string, rows [][]string) error {
	for _, row := range rows[1:] {
		for i, cell := range row {
			if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				continue
			}
			if _, err := strconv.ParseFloat(cell, 64); err != nil {
				row[i] = "'" + cell
			}
		}
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		return err
	}
	send(w, "text/csv; charset=utf-8", name+".csv", out.Bytes())
	return nil
}

// send answers a file. Its name is made of slugs, so it needs no quoting.
func send(w http.ResponseWriter, contentType, name string, content []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
	_, _ = w.Write(content) // a reader who has gone is no error of ours
}

// sendGPX answers a segment's line as a file for devices and planners.
func sendGPX(w http.ResponseWriter, name string, seg readmodel.Segment) error {
	line, err := segments.DecodePolyline(seg.Polyline)
	if err != nil {
		return err
	}
	track := make(activities.Track, len(line))
	for i, p := range line {
		track[i] = activities.At(p.Lat, p.Lon)
		if i < len(seg.Elevations) {
			track[i].Elevation, track[i].Has = seg.Elevations[i], track[i].Has|activities.HasElevation
		}
	}
	var out bytes.Buffer
	if err := gpx.Write(&out, seg.Name, seg.ActivityType, track); err != nil {
		return err
	}
	send(w, "application/gpx+xml", name+".gpx", out.Bytes())
	return nil
}
