package web

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/parts"
)

// boardAsked is which part of a stage's boards a page shows.
type boardAsked struct {
	category sport.Category
	limit    int // default boardRows
	offset   int
	open     uuid.UUID // the athlete whose row is opened, wherever it is; zero for none
}

// boardFound is a board as it's drawn, with where it stands in the whole.
type boardFound struct {
	view   parts.BoardView
	head   readmodel.BoardHead
	offset int
	more   bool // there are entries behind these
}

// boardSettingOf finds what a stage's board is written with.
func (s *Server) boardSettingOf(ctx context.Context, stageID uuid.UUID, who reader) (boardSetting, error) {
	stage, err := readmodel.StageByID(ctx, s.Pool, who.Actor, stageID)
	if err != nil {
		return boardSetting{}, err
	}
	challenge, err := readmodel.ChallengeByID(ctx, s.Pool, who.Actor, stage.ChallengeID)
	return boardSetting{challenge: challenge, stage: stage, units: who.units, zone: zoneOf(challenge.TimeZone), reader: who.AthleteID}, err
}

// readBoard reads a part of a board with the reader's own row, which is pinned below where it isn't among the others, and
// with the opened row's efforts.
func (s *Server) readBoard(ctx context.Context, asked boardAsked, set boardSetting) (boardFound, error) {
	if asked.limit == 0 {
		asked.limit = boardRows
	}
	b, err := s.boardPart(ctx, asked, set)
	if err != nil {
		return boardFound{}, err
	}
	found := boardFound{view: boardView(b, set), head: b.BoardHead, offset: b.Offset, more: b.NextCursor != ""}
	if err := s.pinOwn(ctx, &found.view, b, set); err != nil {
		return found, err
	}
	return found, s.openRow(ctx, &found.view, b, set, asked.open)
}

// boardPart reads the entries from the offset on, or else the part with the opened row.
func (s *Server) boardPart(ctx context.Context, asked boardAsked, set boardSetting) (readmodel.Board, error) {
	query := readmodel.BoardQuery{StageID: set.stage.ID, Category: asked.category, Limit: asked.limit, Offset: asked.offset}
	b, err := readmodel.StageBoard(ctx, s.Pool, query)
	switch {
	case err != nil:
	case len(b.Entries) == 0 && asked.offset > 0: // the board has become shorter than the address knew
		query.Offset = 0
		return readmodel.StageBoard(ctx, s.Pool, query)
	case asked.open != uuid.Nil && asked.open != set.reader && !holds(b, asked.open):
		one := query
		one.Around, one.Limit = asked.open, 1
		found, err := readmodel.StageBoard(ctx, s.Pool, one)
		if err != nil {
			return found, err
		}
		query.Offset = found.Offset / asked.limit * asked.limit
		return readmodel.StageBoard(ctx, s.Pool, query)
	}
	return b, err
}

func holds(b readmodel.Board, athlete uuid.UUID) bool {
	return slices.ContainsFunc(b.Entries, func(e readmodel.BoardEntry) bool { return e.AthleteID == athlete })
}

func (s *Server) pinOwn(ctx context.Context, v *parts.BoardView, b readmodel.Board, set boardSetting) error {
	if set.reader == uuid.Nil || holds(b, set.reader) {
		return nil
	}
	own, on, err := readmodel.BoardEntryOf(ctx, s.Pool, b.StageID, b.Category, set.reader)
	if err == nil && on {
		row := boardRow(b, own, set)
		v.Own = &row
	}
	return err
}

// openRow fills in the efforts of one athlete.
func (s *Server) openRow(ctx context.Context, v *parts.BoardView, b readmodel.Board, set boardSetting, athlete uuid.UUID) error {
	if athlete == uuid.Nil {
		return nil
	}
	row := v.Own
	if i := slices.IndexFunc(v.Rows, func(r parts.BoardRow) bool { return r.AthleteID == athlete.String() }); i >= 0 {
		row = &v.Rows[i]
	}
	if row == nil || row.AthleteID != athlete.String() {
		return nil
	}
	efforts, err := readmodel.Efforts(ctx, s.Pool, set.stage.ID, athlete)
	if err != nil {
		return err
	}
	for _, e := range efforts {
		if shown := e.Status == "accepted" || e.Status == "flagged" || athlete == set.reader || set.stage.MayRun; shown {
			row.More = append(row.More, effortLine(e, b, set))
		}
	}
	return nil
}

func effortLine(e readmodel.Effort, b readmodel.Board, set boardSetting) parts.EffortLine {
	line := parts.EffortLine{Value: set.value(b, effortMilli(e, b.Measure)), Date: localMoment(e.StartLocal), Best: e.Counts, Excluded: e.Reason}
	if e.Manual {
		line.Date += ", entered by the organiser"
	} else if !e.Private || e.AthleteID == set.reader {
		line.URL = "/activities/" + e.ActivityID.String()
	}
	if b.Measure == sport.ElapsedTime && e.AverageSpeed > 0 { // none is known of a time that was entered alone
		line.Pace = format.SpeedOrPace(e.ActivityType, e.AverageSpeed, time.Second, set.units)
	}
	if e.HeartRate > 0 {
		line.Heart = format.Number(int(e.HeartRate+0.5)) + "\u00a0bpm"
	}
	if e.Power > 0 {
		line.Power = format.Number(int(e.Power+0.5)) + "\u00a0W"
	}
	return line
}

// effortMilli is what a stage ranks by, in milliseconds or millimetres.
func effortMilli(e readmodel.Effort, m sport.Measure) int64 {
	switch m {
	case sport.ElapsedTime:
		return int64(e.Elapsed)
	case sport.MovingTime:
		return int64(e.Moving)
	case sport.Distance:
		return int64(e.Distance*1000 + 0.5)
	case sport.ElevationGain:
		return int64(e.ElevationGain*1000 + 0.5)
	}
	return 0
}

// localMoment is a wall-clock time as the athlete's own clock showed it.
func localMoment(l sport.Local) string { return format.DayTime(l.AsUTC(), time.UTC) }

// BoardFragment is a stage's board for everybody who watches it, exactly as the stage's page draws it for a visitor, and
// the position in the log that it shows, in one kind of units. Refusals: readmodel.ErrNoStage, ErrNoChallenge, ErrNoBoard.
func (s *Server) BoardFragment(ctx context.Context, stageID uuid.UUID, category sport.Category, units sport.Units) (version int64, html []byte, err error) {
	set, err := s.boardSettingOf(ctx, stageID, reader{actor.Actor{}, units})
	if err != nil {
		return 0, nil, err
	}
	found, err := s.readBoard(ctx, boardAsked{category: category}, set)
	if err != nil {
		return 0, nil, err
	}
	var out bytes.Buffer
	err = parts.Board(found.view).Render(ctx, &out)
	return found.view.Version, out.Bytes(), err
}
