package web

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/layout"
	"segmentchallenge/web/templates/pages"
	"segmentchallenge/web/templates/ui"
)

// scoringView writes the form of a scheme.
func scoringView(c readmodel.Challenge, s leaderboards.Scheme, said problems) pages.ScoringView {
	v := pages.ScoringView{Action: scoringURL(c), Cancel: organiseURL(c), GroupsURL: organiseURL(c) + "?show=groups", Head: layout.HeadView{Title: "Scoring", Kicker: c.Name, Lead: "Change the rules and see what they come to.",
		Crumbs: []ui.Crumb{{Label: c.Name, URL: challengeURL(c)}, {Label: "Organise", URL: organiseURL(c)}, {Label: "Scoring"}}},
		Results:   options(string(cmp.Or(s.Result.Kind, sport.BestEffort)), resultOptions(c)...),
		ResultErr: said["scoring.result"],
		ResultOf: ui.FieldView{Name: "scoring.resultOf", Label: "How many are added up", Optional: true, InputMode: "numeric", Value: orNothing(s.Result.Of),
			Error: said["scoring.resultOf"]},
		Hours: ui.FieldView{Name: "scoring.admission.hours", Label: "Times of the week", Optional: true, Value: hoursTyped(s.Admission.Hours), Error: said["scoring.admission.hours"],
			Help: "A line each, by the rider's own clock: sat sun 08:00-12:00. Empty: always."},
		Attempts: ui.FieldView{Name: "scoring.admission.maxAttempts", Label: "Attempts that count", Optional: true, InputMode: "numeric", Value: orNothing(s.Admission.MaxAttempts),
			Error: said["scoring.admission.maxAttempts"], Help: "On a stage only the first so many. Empty: all."},
		Uploads: ui.FieldView{Name: "scoring.admission.uploadHours", Label: "Uploads close after", Unit: "h", Optional: true, InputMode: "numeric", Value: orNothing(s.Admission.UploadHours),
			Error: said["scoring.admission.uploadHours"], Help: "After a stage's end. Empty: when its results are approved."}}
	if s.Result.Kind == "" && c.AccumulateActivities {
		v.Results = options(string(sport.TotalOfAll), resultOptions(c)...)
	}
	for _, t := range leaderboards.TemplatesFor(c.Type) {
		v.Templates = append(v.Templates, ui.Crumb{Label: t.Name, URL: scoringURL(c) + "?" + url.Values{"template": {t.Name}}.Encode()})
	}
	for n, class := range s.Classifications {
		v.Classes = append(v.Classes, scoringClass(c, s, class, n, said))
	}
	if slices.ContainsFunc(c.Stages, func(st readmodel.Stage) bool { return st.Status == sport.Approved }) {
		v.Note = "Results have been approved already: what you change corrects them, and everybody reads why."
		v.Reason = &ui.FieldView{Name: "reason", Label: "Why the scoring changes", Error: said["reason"]}
	}
	v.Groups = groupsNote(s)
	order := slices.Sorted(maps.Keys(said))
	v.Errors = said.summary(slices.DeleteFunc(order, func(f string) bool { return f == "" })...)
	return v
}

// groupsNote says who is ranked by, where that is set up on another page.
func groupsNote(s leaderboards.Scheme) string {
	if len(s.Groups)+len(s.Handicaps) == 0 {
		return "Divisions, teams and handicaps are set up by themselves:"
	}
	divisions, teams := 0, 0
	for _, g := range s.Groups {
		if g.Kind == leaderboards.Team {
			teams++
		} else {
			divisions++
		}
	}
	return "There are " + listed([]string{format.Count(divisions, "division", "divisions"), format.Count(teams, "team", "teams"),
		format.Count(len(s.Handicaps), "athlete with a handicap", "athletes with a handicap")}) + ":"
}

func resultOptions(c readmodel.Challenge) []string {
	out := []string{string(sport.BestEffort), "the best effort", string(sport.SumOfBest), "the best efforts added up", string(sport.EffortCount), "how many efforts there are"}
	switch c.Type {
	case sport.RaceChallenge:
		return out[:2]
	case sport.DistanceChallenge, sport.DurationChallenge, sport.ElevationChallenge:
		out = append(out, string(sport.TotalOfAll), "all efforts added up")
	case sport.SegmentChallenge:
	}
	return out
}

func orNothing(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func amountTyped(a leaderboards.Amount) string {
	if a == 0 {
		return ""
	}
	return a.String()
}

func hoursTyped(all []sport.Hours) string {
	lines := make([]string, len(all))
	for i, h := range all {
		lines[i] = h.String()
	}
	return strings.Join(lines, "\n")
}

var bonusLabels = map[leaderboards.BonusFor]string{leaderboards.ForParticipation: "Taking part", leaderboards.ForPersonalBest: "Best of one's own",
	leaderboards.ForRecord: "Record of the course", leaderboards.ForWin: "Stage win", leaderboards.ForFirst: "First to bring a result", leaderboards.ForMonth: "All stages of a month"}

// scoringClass writes the form of one classification.
func scoringClass(c readmodel.Challenge, s leaderboards.Scheme, class leaderboards.Classification, n int, said problems) pages.ScoringClass {
	field := func(name, label, value, help string) ui.FieldView {
		full := classField(n, name)
		return ui.FieldView{Name: full, Label: label, Value: value, Help: help, Error: said[full]}
	}
	choice := func(name, label, chosen string, pairs ...string) pages.ScoringChoice {
		return pages.ScoringChoice{Field: field(name, label, "", ""), Options: options(chosen, pairs...)}
	}
	v := pages.ScoringClass{Number: n + 1, Key: class.Key, KeyName: classField(n, "key"), Name: field("name", "Name", class.Name, ""),
		Table:  field("table", "Points for places", class.Table.String(), "First, second, third …: 15 12 10 8, or 20-1 for 20 down to 1."),
		Others: field("others", "Points for everybody else", amountTyped(class.Others), ""), Beaten: field("beaten", "Points for each rider beaten", amountTyped(class.Beaten), ""),
		Best:    field("best", "Best stages that count", orNothing(class.Best), "Empty: all of them."),
		AtLeast: field("atLeast", "Stages to be classified", orNothing(class.AtLeast), "With fewer one isn't ranked in the end."),
		Penalty: field("penalty", "Penalty for a missed stage", amountTyped(class.Penalty), "Seconds, or places, on top of the slowest."),
		By:      choice("by", "Ranked by", string(class.By), byOptions(c, s)...),
		Ties: choice("ties", "Equal results", string(class.Ties), "", "get the points of their place: 15 15 12", string(leaderboards.TiesSkipped), "and skip places: 15 15 10",
			string(leaderboards.TiesSplit), "share the points: 13.5 13.5 10", string(leaderboards.TiesEarlier), "the earlier one is first"),
		Equals:     choice("equals", "Equal totals", string(class.Equals), "", "share the rank", string(leaderboards.EqualsCountBack), "more wins, then more second places …", string(leaderboards.EqualsEarlier), "who had it first"),
		Missed:     choice("missed", "A missed stage", string(class.Missed), "", "counts for nothing", string(leaderboards.MissedZero), "counts as zero", string(leaderboards.MissedSlowest), "counts as the slowest, or the last place"),
		Categories: ui.GroupView{Name: classField(n, "categories"), Legend: "Only for these categories", Help: "None: for all of them.", Error: said[classField(n, "categories")]},
		Queen:      ui.Option{Value: "yes", Label: "A queen stage counts double", Selected: class.Queen}, QueenName: classField(n, "queen"),
		Highest: ui.Option{Value: "yes", Label: "Only the highest bonus counts", Selected: class.HighestBonusOnly}, HighestName: classField(n, "highestBonusOnly"),
		Handicap: ui.Option{Value: "yes", Label: "Handicaps are taken off the times", Selected: class.Handicap}, HandicapName: classField(n, "handicap")}
	for _, t := range sport.SegmentStageTypes {
		table, own := class.Tables[t]
		typed := table.String()
		if own && len(table) == 0 {
			typed = noPoints
		}
		v.Types = append(v.Types, field("tables."+string(t), stageTypeWords(t), typed, "Empty: as above. none: no part in it."))
	}
	if c.Type != sport.SegmentChallenge {
		v.Types = nil
	}
	for _, b := range leaderboards.BonusesFor {
		points := leaderboards.Amount(0)
		for _, has := range class.Bonuses {
			if has.For == b {
				points = has.Points
			}
		}
		f := field("bonus."+string(b), bonusLabels[b], amountTyped(points), "")
		f.Unit = "points"
		v.Bonuses = append(v.Bonuses, f)
	}
	for _, category := range c.Categories {
		v.Categories.Options = append(v.Categories.Options, ui.Option{Value: string(category), Label: string(category), Selected: slices.Contains(class.Categories, category)})
	}
	wrong := func(fields ...ui.FieldView) bool {
		return slices.ContainsFunc(fields, func(f ui.FieldView) bool { return f.Error != "" })
	}
	v.MoreOpen = len(class.Tables)+len(class.Bonuses) > 0 || class.Queen || class.Handicap || class.Ties != "" || class.Equals != "" || wrong(v.Ties.Field, v.Equals.Field) ||
		wrong(v.Types...) || wrong(v.Bonuses...)
	v.StagesOpen = class.Best > 0 || class.AtLeast > 0 || class.Missed != "" || len(class.Categories) > 0 || wrong(v.Best, v.AtLeast, v.Missed.Field, v.Penalty) || v.Categories.Error != ""
	if len(s.Groups) > 0 {
		v.Whom = &pages.ScoringWhom{
			Ranks:     choice("division", "Who is ranked", whomChosen(class), whomOptions(s)...),
			TeamSize:  field("teamSize", "Members of a team that count", orNothing(class.TeamSize), "On each stage, the best so many. Where teams are ranked."),
			Promoted:  field("promoted", "The first so many move up", orNothing(class.Promoted), "Where a division is ranked."),
			Relegated: field("relegated", "The last so many move down", orNothing(class.Relegated), ""),
			ToStay:    field("toStay", "Stages to stay", orNothing(class.ToStay), "Who has ridden fewer moves down too.")}
		v.Whom.Ranks.Field.Error = cmp.Or(v.Whom.Ranks.Field.Error, said[classField(n, "teams")])
		v.StagesOpen = v.StagesOpen || class.Division != "" || class.Teams || wrong(v.Whom.Ranks.Field, v.Whom.TeamSize, v.Whom.Promoted, v.Whom.Relegated, v.Whom.ToStay)
	}
	if len(s.Classifications) > 1 {
		v.Remove = fmt.Sprintf("remove %d", n)
	}
	return v
}

func whomChosen(c leaderboards.Classification) string {
	switch {
	case c.Teams:
		return rankTeams
	case c.Division != "":
		return rankDivision + c.Division
	}
	return ""
}

// whomOptions are everybody, each division, and the teams where there are some.
func whomOptions(s leaderboards.Scheme) []string {
	out, teams := []string{"", "everybody"}, false
	for _, g := range s.Groups {
		if g.Kind == leaderboards.Division {
			out = append(out, rankDivision+g.Key, g.Label()+" alone")
		}
		teams = teams || g.Kind == leaderboards.Team
	}
	if teams {
		out = append(out, rankTeams, "teams")
	}
	return out
}

// byOptions are what the stages of a challenge can be added up by.
func byOptions(c readmodel.Challenge, s leaderboards.Scheme) []string {
	out := []string{string(leaderboards.ByPoints), "points for places"}
	if (c.Type == sport.SegmentChallenge || c.Type == sport.RaceChallenge) && s.Result.Kind != sport.EffortCount {
		out = append(out, string(leaderboards.ByTimes), "times added up")
	} else {
		out = append(out, string(leaderboards.ByTotals), "results added up")
	}
	out = append(out, string(leaderboards.ByRanks), "places added up")
	if c.Goal != nil && c.Type != sport.RaceChallenge {
		out = append(out, string(leaderboards.ByGoals), "goals reached")
	}
	return out
}

// retype puts what was typed back where it can't be read as anything.
func retype(v *pages.ScoringView, form url.Values) {
	fields := []*ui.FieldView{&v.ResultOf, &v.Hours, &v.Attempts, &v.Uploads}
	for i := range v.Classes {
		c := &v.Classes[i]
		fields = append(fields, &c.Name, &c.Table, &c.Others, &c.Beaten, &c.Best, &c.AtLeast, &c.Penalty)
		for j := range c.Types {
			fields = append(fields, &c.Types[j])
		}
		for j := range c.Bonuses {
			fields = append(fields, &c.Bonuses[j])
		}
		if w := c.Whom; w != nil {
			fields = append(fields, &w.TeamSize, &w.Promoted, &w.Relegated, &w.ToStay)
		}
	}
	if v.Reason != nil {
		fields = append(fields, v.Reason)
	}
	for _, f := range fields {
		if form.Has(f.Name) {
			f.Value = form.Get(f.Name)
		}
	}
}

// scoringExample writes what the scheme makes of a season that never was.
func scoringExample(s leaderboards.Scheme, c readmodel.Challenge) *pages.ScoringExample {
	category := sport.Open
	if len(c.Categories) > 0 {
		category = c.Categories[0]
	}
	e := s.Example(c.Type, category)
	out := &pages.ScoringExample{}
	for _, stage := range e.Stages {
		number := format.Number(stage.Number)
		out.Stages = append(out.Stages, pages.ScoringExampleStage{Number: number, Label: number + " · " + string(stage.Type)})
	}
	ids := slices.SortedFunc(maps.Keys(e.Riders), func(a, b uuid.UUID) int { return strings.Compare(e.Riders[a], e.Riders[b]) })
	for _, id := range ids {
		row := pages.ScoringExampleRow{Name: e.Riders[id]}
		rode := false
		for _, stage := range e.Stages {
			cell := "–"
			for _, r := range stage.Results {
				if r.AthleteID == id {
					cell, rode = valueWords(readmodel.Milli(r.Value), stage.Measure, sport.Metric, false), true
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		if rode {
			out.Results = append(out.Results, row)
		}
	}
	for _, t := range e.Tables {
		out.Tables = append(out.Tables, exampleTable(t, e, c))
	}
	return out
}

func exampleTable(t leaderboards.Standings, e leaderboards.Example, c readmodel.Challenge) pages.ScoringExampleTable {
	in := counted{t.Classification, e.Stages[0].Measure, boardSetting{challenge: c, units: sport.Metric}}
	out := pages.ScoringExampleTable{Name: t.Classification.Name, Unit: in.unit()}
	for _, r := range t.Rows {
		row := pages.ScoringExampleRow{Rank: r.Rank, Name: e.Riders[r.AthleteID], Total: in.words(readmodel.Milli(r.Total))}
		for _, stage := range e.Stages {
			cell := "–"
			for _, p := range r.Parts {
				if p.StageID == stage.ID {
					cell = in.words(readmodel.Milli(p.Score.Amount))
					if !p.Counts {
						cell = "(" + cell + ")"
					}
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
