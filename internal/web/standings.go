package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/live"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/parts"
	"segmentchallenge/web/templates/ui"
)

const (
	standingsRows    = 30 // of a classification on a page, and in what is pushed
	standingsColumns = 12 // stages with a column of their own: the last
)

func standingsURL(c readmodel.Challenge) string { return challengeURL(c) + "/standings" }

// standingsPage shows one classification, page by page. The first page moves by itself.
func (s *Server) standingsPage(w http.ResponseWriter, r *http.Request) error {
	who, err := s.reader(r)
	if err != nil {
		return err
	}
	c, err := s.shownChallenge(r, who)
	if err != nil {
		return err
	}
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset")) // what isn't a number is the first page
	section, found, err := s.standingsSection(r, c, who, standingsURL(c), "", max(0, offset))
	if err != nil {
		return err
	}
	if !found {
		return readmodel.ErrNoStandings
	}
	v := pages.StandingsView{Head: underChallenge(c, "Standings"), Standings: section}
	if offset <= 0 {
		v.LiveURL = topicsURL(who.units, live.StandingsOf(c.ID, section.Category))
	}
	head := s.challengeMeta(c)
	head.Title, head.Canonical = "Standings of "+c.Name, s.BaseURL+standingsURL(c)
	return s.render(w, r, http.StatusOK, head, func(p layout.Page) templ.Component { return pages.StandingsPage(p, v) })
}

// standingsSection reads the classification that the address asks for by category and classification; the widest category's
// first where it doesn't say. False before the challenge is hosted.
func (s *Server) standingsSection(r *http.Request, c readmodel.Challenge, who reader, page, anchor string, offset int) (v pages.StandingsSection, found bool, err error) {
	heads, err := readmodel.StandingsHeads(r.Context(), s.Pool, c.ID)
	if err != nil || len(heads) == 0 {
		return v, false, err
	}
	head := askedStandings(heads, r.URL.Query())
	address := func(category sport.Category, key string, offset int) string {
		q := url.Values{"category": {string(category)}, "classification": {key}}
		if offset > 0 {
			q.Set("offset", strconv.Itoa(offset))
		}
		return page + "?" + q.Encode() + anchor
	}
	for _, h := range heads {
		key := h.Classification.Key
		if h.Category == head.Category {
			v.Classifications = append(v.Classifications, ui.Tab{Label: h.Classification.Name, URL: address(h.Category, key, 0), Current: key == head.Classification.Key})
		}
		if !slices.ContainsFunc(v.Categories, func(t ui.Tab) bool { return t.Label == string(h.Category) }) {
			v.Categories = append(v.Categories, ui.Tab{Label: string(h.Category), URL: address(h.Category, sameKey(heads, h, head.Classification.Key), 0), Current: h.Category == head.Category})
		}
	}
	t, err := readmodel.ChallengeStandings(r.Context(), s.Pool, readmodel.StandingsQuery{ChallengeID: c.ID, Category: head.Category,
		Classification: head.Classification.Key, Limit: standingsRows, Offset: offset})
	if err != nil {
		return v, false, err
	}
	set := boardSetting{challenge: c, units: who.units, zone: zoneOf(c.TimeZone), reader: who.AthleteID}
	v.Category, v.Words, v.Board = string(head.Category), classWords(head.Classification, head.Scheme.Groups), standingsView(t, set)
	v.CSV = standingsURL(c) + ".csv?" + url.Values{"category": {string(head.Category)}, "classification": {head.Classification.Key}}.Encode()
	if err := s.pinOwnStanding(r.Context(), &v.Board, t, set); err != nil {
		return v, false, err
	}
	if offset > 0 {
		v.Pages.Prev = address(head.Category, head.Classification.Key, max(0, offset-standingsRows))
		v.Pages.Label = "From place " + format.Number(t.Offset+1)
	}
	if t.NextCursor != "" {
		v.Pages.Next = standingsURL(c) + strings.TrimPrefix(strings.TrimSuffix(address(head.Category, head.Classification.Key, offset+standingsRows), anchor), page)
	}
	return v, true, nil
}

// askedStandings is the first classification where the address names none that there is.
func askedStandings(heads []readmodel.StandingsHead, q url.Values) readmodel.StandingsHead {
	category, key := q.Get("category"), q.Get("classification")
	for _, exact := range []bool{true, false} {
		for _, h := range heads {
			if (category == "" || strings.EqualFold(string(h.Category), category)) && (!exact || key == "" || strings.EqualFold(h.Classification.Key, key)) {
				return h
			}
		}
	}
	return heads[0]
}

// sameKey is the classification of the same name in another category, or that category's first.
func sameKey(heads []readmodel.StandingsHead, of readmodel.StandingsHead, key string) string {
	for _, h := range heads {
		if h.Category == of.Category && h.Classification.Key == key {
			return key
		}
	}
	return of.Classification.Key
}

// standingsView writes a classification. The page and the live hub share it, so both show the same.
func standingsView(t readmodel.Standings, set boardSetting) parts.BoardView {
	in := counted{t.Classification, t.Measure, set}
	v := parts.BoardView{ID: parts.BoardID(t.ChallengeID.String(), string(t.Category)+"-"+t.Classification.Key), Version: t.Version, Points: true,
		Caption: t.Classification.Name + ", " + string(t.Category), Note: format.Count(t.Athletes, "athlete", "athletes"), State: "provisional", ValueLabel: in.unit(),
		Empty: ui.EmptyView{Icon: "trophy", Title: "Nobody has points yet", Text: "They come with the first results, and are confirmed when the organiser approves a stage."}}
	if t.Classification.Teams {
		v.Note = format.Count(t.Athletes, "team", "teams")
	}
	if t.Final {
		v.State = "final"
	}
	shown := t.Stages[max(0, len(t.Stages)-standingsColumns):]
	stages := map[uuid.UUID]readmodel.Stage{}
	for _, stage := range set.challenge.Stages {
		stages[stage.ID] = stage
	}
	for _, stage := range shown {
		column := parts.BoardColumn{Label: format.Number(stage.Number), URL: challengeURL(set.challenge)}
		if s, known := stages[stage.StageID]; known && !s.SegmentSecret { // a mystery's address would tell it
			column.Title, column.URL = stageName(s), stageURL(s)
		}
		v.Columns = append(v.Columns, column)
	}
	where := placesIn(t.StandingsHead)
	for _, e := range t.Entries {
		row := standingsRow(t, e, shown, in)
		row.Club = joined(where(e), row.Club)
		v.Rows = append(v.Rows, row)
	}
	return v
}

// placesIn says of each row what the classification doesn't: who is in a team, and of athletes their division and team, and
// the handicap where it's taken off.
func placesIn(head readmodel.StandingsHead) func(readmodel.StandingsEntry) string {
	places := head.Scheme.Placements()
	return func(e readmodel.StandingsEntry) string {
		if e.Team {
			for _, g := range head.Scheme.Groups {
				if g.Kind == leaderboards.Team && g.ID() == e.AthleteID {
					return format.Count(len(g.Members), "athlete", "athletes")
				}
			}
		}
		p := places[e.AthleteID]
		if p.Division == head.Classification.Division {
			p.Division = "" // the table says so
		}
		if !head.Classification.Handicap {
			p.Handicap = leaderboards.Handicap{}
		}
		return p.Words(head.Scheme.Groups)
	}
}

// joined puts a point between what there is.
func joined(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " · ")
}

func standingsRow(t readmodel.Standings, e readmodel.StandingsEntry, shown []readmodel.StandingsStage, in counted) parts.BoardRow {
	r := parts.BoardRow{AthleteID: e.AthleteID.String(), Name: nameOr(e.Name), Rank: e.Rank, Value: in.words(e.Total),
		Own: e.AthleteID == in.set.reader && in.set.reader != uuid.Nil}
	r.URL, r.Avatar, r.WhyURL = profileURL(e.AthleteID, e.Deleted), e.Avatar.URL(avatars.Small), whyPointsURL(in.set.challenge, t.Category, t.Classification.Key, e.AthleteID)
	if e.Team {
		r.URL, r.WhyURL = standingsURL(in.set.challenge), ""
	}
	r.ValueNote = standingsNote(t, e, in)
	fewer := t.Classification.By.Ascending() && e.Total < e.Leader // stages: it's ranked behind whoever has ridden more
	if e.Rank > 1 && e.Gap != 0 && !fewer {
		r.Gap = "−" + in.words(e.Gap)
		if t.Classification.By == leaderboards.ByTimes || t.Classification.By == leaderboards.ByRanks {
			r.Gap = "+" + in.words(e.Gap)
		}
	}
	switch e.Move {
	case leaderboards.Up:
		r.Club = "Moves up a division"
	case leaderboards.Down:
		r.Club = "Moves down a division"
	case leaderboards.Stays:
	}
	for _, chip := range []struct {
		name string
		on   bool
	}{{"limited", e.Limited}, {"excluded", e.Excluded}} {
		if chip.on {
			r.Chips = append(r.Chips, chip.name)
		}
	}
	for _, stage := range shown {
		r.Cells = append(r.Cells, standingsCell(e, stage.StageID, in))
	}
	return r
}

// standingsNote is what stands below a total: what decides between equal goals, and how much of it isn't confirmed yet, a line each.
func standingsNote(t readmodel.Standings, e readmodel.StandingsEntry, in counted) string {
	var notes []string
	if t.Classification.By == leaderboards.ByGoals {
		notes = append(notes, valueWords(e.Value, t.Measure, in.set.units, false))
	}
	switch p := e.Provisional(); {
	case p == 0 || t.Final:
	case p == e.Total:
		notes = append(notes, "provisional")
	default:
		notes = append(notes, in.words(p)+" provisional")
	}
	return strings.Join(notes, ",\n")
}

func standingsCell(e readmodel.StandingsEntry, stage uuid.UUID, in counted) parts.BoardCell {
	i := slices.IndexFunc(e.Parts, func(p leaderboards.Part) bool { return p.StageID == stage })
	if i < 0 {
		return parts.BoardCell{}
	}
	p := e.Parts[i]
	cell := parts.BoardCell{Text: in.words(readmodel.Milli(p.Score.Amount))}
	switch {
	case p.Missed:
		cell.Kind = "missed"
	case !p.Counts:
		cell.Kind = "dropped"
	case p.Provisional:
		cell.Kind = "provisional"
	}
	return cell
}

// pinOwnStanding adds the reader's row where it isn't on the page.
func (s *Server) pinOwnStanding(ctx context.Context, v *parts.BoardView, t readmodel.Standings, set boardSetting) error {
	if set.reader == uuid.Nil || slices.ContainsFunc(v.Rows, func(r parts.BoardRow) bool { return r.Own }) {
		return nil
	}
	own, found, err := readmodel.StandingsEntryOf(ctx, s.Pool, readmodel.StandingsQuery{ChallengeID: t.ChallengeID, Category: t.Category, Classification: t.Classification.Key}, set.reader)
	if err == nil && found {
		row := standingsRow(t, own, t.Stages[max(0, len(t.Stages)-standingsColumns):], counted{t.Classification, t.Measure, set})
		row.Club = joined(placesIn(t.StandingsHead)(own), row.Club)
		v.Own = &row
	}
	return err
}

// standingsFragment is all classifications of a category for everybody who watches them; a page takes the one that it shows.
func (s *Server) standingsFragment(ctx context.Context, challenge uuid.UUID, category sport.Category, who reader) (live.Frame, error) {
	c, err := readmodel.ChallengeByID(ctx, s.Pool, who.Actor, challenge)
	if err == nil {
		c.Stages, err = readmodel.Stages(ctx, s.Pool, who.Actor, challenge)
	}
	if err != nil {
		return live.Frame{}, err
	}
	heads, err := readmodel.StandingsHeads(ctx, s.Pool, challenge)
	if err != nil {
		return live.Frame{}, err
	}
	var frame live.Frame
	var out bytes.Buffer
	set := boardSetting{challenge: c, units: who.units, zone: zoneOf(c.TimeZone)}
	for _, head := range heads {
		if head.Category != category {
			continue
		}
		t, err := readmodel.ChallengeStandings(ctx, s.Pool, readmodel.StandingsQuery{ChallengeID: challenge, Category: category, Classification: head.Classification.Key, Limit: standingsRows})
		if err != nil {
			return frame, err
		}
		if err := parts.Board(standingsView(t, set)).Render(ctx, &out); err != nil {
			return frame, err
		}
		frame.Version = max(frame.Version, t.Version)
	}
	if out.Len() == 0 {
		return frame, readmodel.ErrNoStandings
	}
	frame.HTML = out.Bytes()
	return frame, nil
}
