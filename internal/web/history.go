package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/history"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

var (
	errNoMoment = refusal.Field("local", "moment_invalid", "Give a day and a time, such as 2026-05-02 09:30.")
	errHidden   = refusal.Of(refusal.NotFound, "stage_hidden", "This stage is a mystery until it starts.")
)

// stagePast is what the pages about a stage's past have in common.
type stagePast struct {
	who    reader
	set    boardSetting
	boards []readmodel.BoardHead
	head   readmodel.BoardHead // of the category that is asked for
}

func (s *Server) pastOf(r *http.Request) (stagePast, error) {
	who, err := s.reader(r)
	if err != nil {
		return stagePast{}, err
	}
	c, stage, err := s.shownStage(r, who)
	if err != nil {
		return stagePast{}, err
	}
	if stage.SegmentSecret {
		return stagePast{}, errHidden
	}
	boards, err := readmodel.Boards(r.Context(), s.Pool, stage.ID)
	if err != nil {
		return stagePast{}, err
	}
	if len(boards) == 0 {
		return stagePast{}, readmodel.ErrNoBoard
	}
	asked, err := boardAskedBy(r, boards)
	if err != nil {
		return stagePast{}, err
	}
	p := stagePast{who: who, boards: boards,
		set: boardSetting{challenge: c, stage: stage, units: who.units, zone: zoneOf(c.TimeZone), reader: who.AthleteID}}
	for _, b := range boards {
		if b.Category == asked.category {
			p.head = b
		}
	}
	return p, nil
}

// crumbs is the head of a page below the stage's.
func (p stagePast) crumbs(title, lead string) layout.HeadView {
	head := underChallenge(p.set.challenge, title)
	last := len(head.Crumbs) - 1
	head.Crumbs = append(head.Crumbs[:last:last], ui.Crumb{Label: stageName(p.set.stage), URL: stageURL(p.set.stage)}, ui.Crumb{Label: title})
	head.Kicker, head.Lead = stageName(p.set.stage)+" · "+p.set.challenge.Name, lead
	return head
}

func (p stagePast) tabs(address string) []ui.Tab {
	var tabs []ui.Tab
	for _, b := range p.boards {
		tabs = append(tabs, ui.Tab{Label: string(b.Category), URL: address + "?category=" + url.QueryEscape(string(b.Category)), Current: b.Category == p.head.Category})
	}
	return tabs
}

func (s *Server) stageHistoryPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pastOf(r)
	if err != nil {
		return err
	}
	address := stageURL(p.set.stage) + "/history"
	v := pages.HistoryView{Head: p.crumbs("Time machine", "The board as it stood at any moment."), URL: address, Category: string(p.head.Category),
		Tabs: p.tabs(address), Zone: p.set.challenge.TimeZone, PresentURL: address + "?category=" + url.QueryEscape(string(p.head.Category))}
	status := http.StatusOK
	at, err := momentOf(r.URL.Query(), p.set.zone)
	if said, ok := problemsOf(err); ok {
		v.AtError, status = said["local"], http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	}
	if err := s.fillHistory(r.Context(), &v, p, at); err != nil {
		return err
	}
	page := layout.Page{Title: "Time machine · " + stageName(p.set.stage), NoIndex: true}
	return s.render(w, r, status, page, func(l layout.Page) templ.Component { return pages.History(l, v) })
}

// momentOf reads what moment is asked for: seconds since 1970 from the slider, or a local clock. Zero is now.
func momentOf(q url.Values, zone *time.Location) (time.Time, error) {
	if local := q.Get("local"); local != "" {
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
			if at, err := time.ParseInLocation(layout, local, zone); err == nil {
				return at, nil
			}
		}
		return time.Time{}, errNoMoment
	}
	if n, err := strconv.ParseInt(q.Get("at"), 10, 64); err == nil && n > 0 && n < 1<<40 {
		return time.Unix(n, 999_999_999), nil // all that happened in that second
	}
	return time.Time{}, nil
}

func (s *Server) fillHistory(ctx context.Context, v *pages.HistoryView, p stagePast, at time.Time) error {
	id := stageboard.IDOf(p.set.stage.ID, p.head.Category)
	span, err := history.Moments(ctx, s.Store, id)
	if err != nil {
		return err
	}
	present := at.IsZero() || !at.Before(span.Last)
	if present {
		at = span.Last
	}
	past, err := history.Board(ctx, s.Store, id, at)
	if err != nil {
		return err
	}
	rows := past.Rows(0, boardRows)
	ids := make([]uuid.UUID, 0, len(rows)+len(span.Moments))
	for _, row := range rows {
		ids = append(ids, row.AthleteID)
	}
	for _, m := range span.Moments {
		ids = append(ids, m.Leader)
	}
	names, err := readmodel.People(ctx, s.Pool, ids)
	if err != nil {
		return err
	}
	board := pastBoard(p.head, past, rows, names)
	v.Board = boardView(board, p.set)
	v.Board.Say, v.Board.PaceLabel = "", "" // the past is without speeds: they aren't the board's
	for i := range v.Board.Rows {
		v.Board.Rows[i].MoreURL = ""
	}
	v.Words = "As it stood on " + at.In(p.set.zone).Format("Mon 2 Jan 2006, 15:04:05") + ", after event " + format.Number(int(past.Position)) + "."
	if present {
		v.Words = "As it stands now."
	}
	if span.Changes == 0 {
		v.Words = "Nothing has happened on this board yet."
		return nil
	}
	v.At = at.In(p.set.zone).Format("2006-01-02T15:04:05")
	v.Slider = sliderOf(span, at)
	if present {
		v.Slider.Value = v.Slider.Max
	}
	v.Changes = format.Count(span.Changes, "change", "changes") + " in all."
	for i := len(span.Moments) - 1; i >= 0; i-- {
		v.Moments = append(v.Moments, p.momentView(span.Moments[i], names, v.URL, past.Position))
	}
	return nil
}

// sliderOf divides the board's life so that a step is a thousandth of it, at least a second.
func sliderOf(span history.Span, at time.Time) *pages.SliderView {
	first, last := span.First.Unix(), span.Last.Unix()+1
	step := max(1, (last-first)/1000)
	return &pages.SliderView{Min: strconv.FormatInt(first, 10), Max: strconv.FormatInt(last+step, 10),
		Value: strconv.FormatInt(at.Unix(), 10), Step: strconv.FormatInt(step, 10)}
}

func (p stagePast) momentView(m history.Moment, names map[uuid.UUID]readmodel.Person, address string, shown int64) pages.MomentView {
	value := p.set.value(readmodel.Board{BoardHead: p.head}, m.Value)
	v := pages.MomentView{When: m.At.In(p.set.zone).Format("2 Jan, 15:04:05"), Machine: format.Machine(m.At), Current: m.Position == shown,
		URL: address + "?category=" + url.QueryEscape(string(p.head.Category)) + "&at=" + strconv.FormatInt(m.At.Unix(), 10), Words: nameOr(names[m.Leader].Name)}
	switch {
	case m.Final:
		v.Words += " wins with " + value + ": the board is final."
	case m.Tied:
		v.Words += " shares the lead with " + value + "."
	default:
		v.Words += " takes the lead with " + value + "."
	}
	return v
}

// pastBoard writes a folded board as the read model would have had it.
func pastBoard(head readmodel.BoardHead, past history.Past, rows []stageboard.Row, names map[uuid.UUID]readmodel.Person) readmodel.Board {
	b := readmodel.Board{BoardHead: head}
	b.Version, b.Final, b.Athletes = past.Position, past.Final, past.Len()
	scale := leaderboards.Scale{Measure: head.Measure, Precision: head.Precision}
	for i, row := range rows {
		e := readmodel.BoardEntry{Rank: row.Rank, AthleteID: row.AthleteID, Person: names[row.AthleteID], EffortID: row.EffortID, Value: readmodel.Milli(row.Value),
			RankedValue: readmodel.Milli(ranked(scale, row.Value)), Gap: readmodel.Milli(row.Gap), Attempts: row.Attempts, AchievedAt: row.AchievedAt}
		if i > 0 {
			e.GapAbove = readmodel.Milli(scale.Gap(scale.Score(row.Value), scale.Score(rows[i-1].Value)))
		}
		b.Entries = append(b.Entries, e)
	}
	return b
}

// ranked is a value as it is compared: cut off to the scale's units.
func ranked(scale leaderboards.Scale, value int64) int64 {
	unit := max(1, scale.Precision)
	return value / unit * unit
}
