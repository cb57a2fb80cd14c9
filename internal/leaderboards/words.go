package leaderboards

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"segmentchallenge/internal/sport"
)

// Words are the rules in plain sentences, generated from the scheme alone: what athletes are told is what the program does.
// First how results are made, if there is something to be said about it, then one paragraph a classification.
func (s Scheme) Words() []string {
	var out []string
	switch s.Result.Kind {
	case sport.SumOfBest:
		out = append(out, fmt.Sprintf("The result of a stage is the sum of your %d best efforts; with fewer there is none yet.", s.Result.Of))
	case sport.EffortCount:
		out = append(out, "The result of a stage is how many efforts you bring: the most comes first.")
	case sport.TotalOfAll:
		out = append(out, "The result of a stage is all of your efforts added up.")
	case sport.BestEffort:
	}
	for _, c := range s.Classifications {
		out = append(out, c.Name+c.Words(s.Groups))
	}
	if words := s.GroupWords(); words != "" {
		out = append(out, words)
	}
	return out
}

// Words says how a classification is made, to be read after its name.
func (c Classification) Words(groups []Group) string {
	said := []string{c.whom(groups) + ": " + c.what() + "."}
	for _, more := range []string{c.tableWords(), c.bonusWords(), c.tieWords(), c.whichWords(), c.equalWords(), c.moveWords()} {
		if more != "" {
			said = append(said, more)
		}
	}
	return strings.Join(said, " ")
}

// whom says who is ranked, where that isn't everybody.
func (c Classification) whom(groups []Group) string {
	var words []string
	for _, category := range c.Categories {
		words = append(words, string(category))
	}
	out := ""
	if len(words) > 0 {
		out = " (" + listed(words) + ")"
	}
	for _, g := range groups {
		if g.Kind == Division && g.Key == c.Division && g.Name != c.Name {
			out += " of " + g.Label()
		}
	}
	return out
}

func (c Classification) what() string {
	out := map[By]string{
		ByPoints: "points for each stage, added up; the most comes first",
		ByTimes:  "the times of the stages added up; the least comes first, and who has ridden more stages before who has ridden fewer",
		ByTotals: "the results of the stages added up; the most comes first",
		ByRanks:  "the places on the stages added up; the least comes first, and who has ridden more stages before who has ridden fewer",
		ByGoals:  "the stages on which the goal was reached; equal ones are ranked by everything added up",
	}[c.By]
	if c.Handicap {
		out += "; each athlete's handicap is taken off first"
	}
	if c.Teams {
		out += "; teams are ranked by what their members get"
		if c.TeamSize > 0 {
			out += ", the best " + strconv.Itoa(c.TeamSize) + " on each stage"
		}
	}
	return out
}

// tableWords also tells of stage types that have a table of their own, or take no part.
func (c Classification) tableWords() string {
	if c.By != ByPoints {
		return ""
	}
	var said []string
	if len(c.Table) > 0 || len(c.Tables) == 0 && c.Others > 0 {
		said = append(said, "Places give "+c.pointsWords(c.Table)+".")
	}
	for _, t := range sport.SegmentStageTypes {
		switch table, own := c.Tables[t]; {
		case own && len(table) == 0:
			said = append(said, capital(string(t))+" stages don't count here.")
		case own:
			said = append(said, capital(string(t))+" stages give "+c.pointsWords(table)+".")
		}
	}
	if c.Beaten > 0 {
		said = append(said, "Each athlete behind you gives "+pointsOf(c.Beaten)+".")
	}
	if c.Queen {
		said = append(said, "A queen stage counts double.")
	}
	return strings.Join(said, " ")
}

// pointsWords writes a table; long ones that count down by one are told shortly.
func (c Classification) pointsWords(p Points) string {
	words := make([]string, len(p))
	countdown := len(p) > 12
	for i, points := range p {
		words[i] = points.String()
		countdown = countdown && points == p[0]-Amount(i)*Whole
	}
	out := listed(words)
	if countdown {
		out = p[0].String() + ", " + p[1].String() + ", " + p[2].String() + " … down to " + p[len(p)-1].String()
	}
	switch {
	case c.Others > 0 && len(p) > 0:
		out += " points, and everybody else " + c.Others.String()
	case c.Others > 0:
		out = pointsOf(c.Others) + " to everybody"
	default:
		out += " points"
	}
	return out
}

var bonusWords = map[BonusFor]string{ForParticipation: "for a result", ForPersonalBest: "for a best of your own over the same course",
	ForRecord: "for beating the record of the course", ForWin: "for the win", ForFirst: "for who is the first to bring a result",
	ForMonth: "for a result on all stages of a month"}

func (c Classification) bonusWords() string {
	if len(c.Bonuses) == 0 {
		return ""
	}
	words := make([]string, len(c.Bonuses))
	for i, b := range c.Bonuses {
		words[i] = pointsOf(b.Points) + " " + bonusWords[b.For]
	}
	out := "Bonus: " + listed(words) + "."
	if c.HighestBonusOnly && len(words) > 1 {
		out += " Of these the highest counts."
	}
	return out
}

func (c Classification) tieWords() string {
	if c.By != ByPoints && c.By != ByRanks {
		return ""
	}
	return map[Ties]string{
		TiesShared:  map[By]string{ByPoints: "Equal results each get the points of their place, and the next place follows on."}[c.By],
		TiesSkipped: map[By]string{ByPoints: "Equal results each get the points of their place, and as many places are skipped."}[c.By],
		TiesSplit:   "Equal results share the places that they take up.",
		TiesEarlier: "Of equal results the earlier one is placed first.",
	}[c.Ties]
}

func (c Classification) whichWords() string {
	var said []string
	if c.Best > 0 {
		said = append(said, "Your best "+count(c.Best, "stage counts", "stages count")+".")
	}
	if c.AtLeast > 0 {
		said = append(said, "To be classified in the end you need "+count(c.AtLeast, "stage", "stages")+".")
	}
	switch c.Missed {
	case MissedSlowest:
		missed, unit := "A missed stage counts as the slowest time in the category", " s"
		if c.By == ByRanks {
			missed, unit = "A missed stage counts as the last place in the category", ""
		}
		if c.Penalty > 0 {
			missed += " + " + c.Penalty.String() + unit
		}
		said = append(said, missed+".")
	case MissedZero:
		said = append(said, "A missed stage counts as zero.")
	case MissedNothing:
	}
	return strings.Join(said, " ")
}

func (c Classification) equalWords() string {
	return map[Equals]string{EqualsCountBack: "With equal totals more wins decide, then more second places, and so on.",
		EqualsEarlier: "With equal totals whoever had it together first is ahead."}[c.Equals]
}

func (c Classification) moveWords() string {
	var said []string
	said = append(said, manyMove("first", "up", c.Promoted)...)
	said = append(said, manyMove("last", "down", c.Relegated)...)
	if c.ToStay > 0 {
		said = append(said, "Who has ridden fewer than "+count(c.ToStay, "stage", "stages")+" moves down too.")
	}
	return strings.Join(said, " ")
}

func manyMove(which, where string, n int) []string {
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"The " + which + " moves " + where + "."}
	}
	return []string{"The " + which + " " + strconv.Itoa(n) + " move " + where + "."}
}

// GroupWords tell of divisions, teams and handicaps; "" where there are none.
func (s Scheme) GroupWords() string {
	var said []string
	for _, kind := range []GroupKind{Division, Team} {
		var names []string
		for _, g := range s.Groups {
			if g.Kind == kind {
				names = append(names, g.Name)
			}
		}
		switch len(names) {
		case 0:
		case 1:
			said = append(said, "There is one "+string(kind)+": "+names[0]+".")
		default:
			said = append(said, "There are "+strconv.Itoa(len(names))+" "+string(kind)+"s: "+listed(names)+".")
		}
	}
	if len(said) > 0 {
		said = append(said, "The organiser puts athletes into them.")
	}
	if slices.ContainsFunc(s.Classifications, func(c Classification) bool { return c.Handicap }) {
		said = append(said, "A handicap is time that is taken off an athlete's times where the classification says so; "+count(len(s.Handicaps), "athlete has one", "athletes have one")+".")
	}
	return strings.Join(said, " ")
}

func pointsOf(a Amount) string {
	if a == Whole {
		return "1 point"
	}
	return a.String() + " points"
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
