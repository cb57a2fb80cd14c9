package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// How much of the board and of each classification the page before an approval shows.
const (
	approveRows  = 10
	approveTable = 20
	approveTies  = 5
)

func approveURL(st readmodel.Stage) string { return stageURL(st) + "/organise/approve" }

// mayApprove says whether there is something to look at before a stage is made final.
func mayApprove(st readmodel.Stage) bool { return st.Status == sport.Active || st.Status == sport.Past }

// approvePage shows what making a stage's results final will do.
func (s *Server) approvePage(w http.ResponseWriter, r *http.Request) error {
	c, st, who, err := s.stageToEdit(r)
	if err != nil {
		return err
	}
	if !mayApprove(st) {
		http.Redirect(w, r, organiseURL(c)+"#stages", http.StatusSeeOther)
		return nil
	}
	return s.showApprove(w, r, http.StatusOK, c, st, who, refused{})
}

func (s *Server) showApprove(w http.ResponseWriter, r *http.Request, status int, c readmodel.Challenge, st readmodel.Stage, who reader, no refused) error {
	boards, err := readmodel.Boards(r.Context(), s.Pool, st.ID)
	if err != nil {
		return err
	}
	if len(boards) == 0 {
		return readmodel.ErrNoBoard
	}
	asked, err := boardAskedBy(r, boards)
	if err != nil {
		return err
	}
	v := pages.ApproveView{Head: layout.HeadView{Title: "Make " + st.Name + " final", Kicker: "Organise " + c.Name, Crumbs: stageCrumbs(c, "Make final"),
		Lead: "What it does, before you do it."}, BoardURL: boardURL(st, asked.category), Errors: no.summary()}
	for _, b := range boards {
		v.Categories = append(v.Categories, ui.Tab{Label: string(b.Category), Count: format.Number(b.Athletes), Current: b.Category == asked.category,
			URL: approveURL(st) + "?category=" + url.QueryEscape(string(b.Category)) + "#results"})
	}
	set := boardSetting{challenge: c, stage: st, units: who.units, zone: zoneOf(c.TimeZone)}
	top, err := readmodel.StageBoard(r.Context(), s.Pool, readmodel.BoardQuery{StageID: st.ID, Category: asked.category, Limit: boardRows})
	if err != nil {
		return err
	}
	if v.Cautions, err = s.cautions(r.Context(), c, st, top, set); err != nil {
		return err
	}
	top.Entries = top.Entries[:min(approveRows, len(top.Entries))]
	v.Board = boardView(top, set)
	v.Board.Say = ""
	if err := s.approveTables(r.Context(), &v, top.BoardHead, set); err != nil {
		return err
	}
	question := typedInto([]pages.DeskAction{approveAction(stageKey(st, "approve"), approveURL(st), st.Name, ui.Primary)}, no)[0]
	v.Question = question
	return s.render(w, r, status, layout.Page{Title: v.Head.Title, NoIndex: true},
		func(p layout.Page) templ.Component { return pages.Approve(p, v) })
}

// cautions are what to look at before: what still waits, who is level, and who is passed over.
func (s *Server) cautions(ctx context.Context, c readmodel.Challenge, st readmodel.Stage, top readmodel.Board, set boardSetting) ([]pages.Caution, error) {
	var out []pages.Caution
	if st.Status == sport.Active {
		out = append(out, pages.Caution{Icon: "hourglass", Title: "The stage hasn't ended yet.", Text: "It can be made final when it has."})
	}
	for _, earlier := range unapproved(c) {
		if earlier.Number < st.Number {
			out = append(out, pages.Caution{Icon: "triangle-alert", Title: stageName(earlier) + " isn't final yet.", Text: "Stages are made final in their order.",
				Link: ui.Crumb{Label: "Look at that one first.", URL: approveURL(earlier)}})
			break
		}
	}
	waiting, err := readmodel.ReviewCounts(ctx, s.Pool, c.ID)
	if err != nil {
		return nil, err
	}
	if n := waiting[st.ID]; n > 0 {
		out = append(out, pages.Caution{Icon: "triangle-alert", Title: format.Count(n, "effort waits", "efforts wait") + " for your review.",
			Text: "What waits when the results become final doesn't count.", Link: ui.Crumb{Label: "Look now.", URL: organiseURL(c) + "?show=review"}})
	} else {
		out = append(out, pages.Caution{Icon: "check", Title: "Nothing waits for review.", Text: "Every effort has been accepted or refused."})
	}
	for _, tie := range tiesOf(top) {
		out = append(out, pages.Caution{Icon: "users", Title: tie, Text: "They share the rank: " + string(top.Category) + "."})
	}
	if names := limitedOn(top); len(names) > 0 {
		verb := " score"
		if len(names) == 1 {
			verb = " scores"
		}
		out = append(out, pages.Caution{Icon: "shield-alert", Title: listed(names) + verb + " no points.",
			Text: "You have limited them: they are ranked on the board, and passed over when points are given.",
			Link: ui.Crumb{Label: "See the athletes.", URL: organiseURL(c) + "?show=athletes"}})
	}
	return out, nil
}

// tiesOf are the ranks that several share, the best first: "2nd: Bram Claes and Chloé Martin with 5:20."
func tiesOf(b readmodel.Board) []string {
	var out []string
	for i := 0; i < len(b.Entries) && len(out) < approveTies; {
		names := []string{nameOr(b.Entries[i].Name)}
		for j := i + 1; j < len(b.Entries) && b.Entries[j].Rank == b.Entries[i].Rank; j++ {
			names = append(names, nameOr(b.Entries[j].Name))
		}
		if len(names) > 1 {
			out = append(out, format.Ordinal(b.Entries[i].Rank)+": "+listed(names)+" are level.")
		}
		i += len(names)
	}
	return out
}

// limitedOn are the athletes among the first of a board who score no points.
func limitedOn(b readmodel.Board) []string {
	var names []string
	for _, e := range b.Entries {
		if e.Limited {
			names = append(names, nameOr(e.Name))
		}
	}
	return names
}

// approveTables sets each classification of the category beside what it would be.
func (s *Server) approveTables(ctx context.Context, v *pages.ApproveView, head readmodel.BoardHead, set boardSetting) error {
	tables, err := readmodel.ApprovalOf(ctx, s.Pool, set.challenge.ID, set.stage.ID, head.Category, approveTable)
	if err != nil {
		return err
	}
	if len(tables) == 0 {
		v.NoPoints = "This stage gives no points: the standings stay as they are."
	}
	for _, a := range tables {
		in := counted{a.Classification, head.Measure, set}
		t := pages.ApproveTable{Caption: a.Classification.Name + ", " + string(head.Category), Unit: in.unit()}
		switch {
		case a.Of == 0:
			t.Note = "Nobody is in this classification, also after the stage."
		case a.Of > len(a.Rows):
			t.Note = "The first " + format.Number(len(a.Rows)) + " of " + format.Number(a.Of) + "."
		}
		for _, row := range a.Rows {
			t.Rows = append(t.Rows, approveRow(a, row, in))
		}
		v.Tables = append(v.Tables, t)
	}
	return nil
}

func approveRow(a readmodel.Approval, row readmodel.ApprovalRow, in counted) pages.ApproveRow {
	x := pages.ApproveRow{Rank: row.After, Name: nameOr(row.Name), Before: "new", Move: row.Places(), Had: in.words(row.Had), Has: in.words(row.Has), Gets: "–"}
	if row.Before > 0 {
		x.Before = format.Ordinal(row.Before)
	}
	switch gets := row.Has - row.Had; {
	case gets > 0:
		x.Gets = "+" + in.words(gets)
	case gets < 0:
		x.Gets = "−" + in.words(-gets)
	}
	if !a.Classification.Teams {
		x.URL = profileURL(row.AthleteID, row.Deleted)
		x.WhyURL = whyPointsURL(in.set.challenge, a.Category, a.Classification.Key, row.AthleteID)
	}
	return x
}

// whyPointsURL is where an athlete's row in a classification is explained.
func whyPointsURL(c readmodel.Challenge, category sport.Category, classification string, athlete uuid.UUID) string {
	return challengeURL(c) + "/why/" + athlete.String() + "?" + url.Values{"category": {string(category)}, "classification": {classification}}.Encode()
}

// counted is how the numbers of a classification are written.
type counted struct {
	leaderboards.Classification
	measure sport.Measure
	set     boardSetting
}

func (in counted) words(amount readmodel.Milli) string {
	switch in.By {
	case leaderboards.ByTimes, leaderboards.ByTotals:
		return valueWords(amount, in.measure, in.set.units, in.set.challenge.Tenths)
	case leaderboards.ByPoints, leaderboards.ByRanks, leaderboards.ByGoals:
	}
	return format.Points(amount.Float())
}

func (in counted) unit() string {
	switch in.By {
	case leaderboards.ByTimes, leaderboards.ByTotals:
		return valueLabel(in.measure)
	case leaderboards.ByRanks:
		return "Places"
	case leaderboards.ByGoals:
		return "Goals"
	case leaderboards.ByPoints:
	}
	return "Points"
}

// withUnit is an amount in a sentence: "15 points", "1:02:10".
func (in counted) withUnit(amount readmodel.Milli) string {
	switch in.By {
	case leaderboards.ByTimes, leaderboards.ByTotals:
		return in.words(amount)
	case leaderboards.ByPoints, leaderboards.ByRanks, leaderboards.ByGoals:
	}
	unit := strings.ToLower(in.unit())
	if amount == 1000 || amount == -1000 {
		unit = strings.TrimSuffix(unit, "s")
	}
	return in.words(amount) + " " + unit
}
