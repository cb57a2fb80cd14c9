package leaderboards

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// Standings is the table of one classification, best first.
type Standings struct {
	Classification Classification
	Rows           []Row
}

// Row is where an athlete (or a team) stands, with all that the number is made of.
type Row struct {
	Rank       int       // equal ones share it and the next is skipped; 0: not classified
	AthleteID  uuid.UUID // or Group.ID
	Total      Amount    // of the parts that count, and what was adjusted
	Confirmed  Amount    // the same without the stages that are under way
	Adjusted   Amount    // by hand; in both
	Goals      int       // stages on which the goal was reached
	Value      int64     // the results of the stages that count: milliseconds or millimetres
	Stages     int       // with a result
	Parts      []Part    // by number
	AchievedAt time.Time // when the last result that counts was
	Key        []int64   // rows are ordered by it, and equal ones share a rank
}

// Provisional is by how much the stages under way would change the confirmed total.
func (r Row) Provisional() Amount { return r.Total - r.Confirmed }

// Part is what one stage gives to a row.
type Part struct {
	StageID     uuid.UUID `json:"stageId"`
	Number      int       `json:"number"`
	Score       Score     `json:"score"`
	Value       int64     `json:"value,omitempty"`
	AchievedAt  time.Time `json:"achievedAt,omitzero"`
	Goal        bool      `json:"goal,omitempty"`
	Provisional bool      `json:"provisional,omitempty"`
	Missed      bool      `json:"missed,omitempty"` // no result: it counts as the classification says
	Counts      bool      `json:"counts"`           // false: better ones do
}

// Tabulate adds up what the stages gave. With lines of some athletes alone it gives the rows of those, all but the ranks
// as they are in the whole: rows depend on each other by nothing else.
func Tabulate(c Classification, groups []Group, scored []Scored, adjustments []Adjustment, final bool) Standings {
	if c.Teams {
		scored = ofTeams(c, groups, scored)
	}
	scored = slices.DeleteFunc(slices.Clone(scored), func(s Scored) bool { return !c.Takes(s.Stage) })
	slices.SortFunc(scored, func(a, b Scored) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), bytes.Compare(a.ID[:], b.ID[:]))
	})
	rows := collect(c, scored, adjustments)
	out := make([]Row, 0, len(rows))
	for _, r := range rows {
		r.Parts = withMissed(c, r.Parts, scored)
		r.sum(c)
		if c.By == ByPoints && r.Total <= 0 {
			continue
		}
		r.Key = c.key(*r, precisionOf(scored), final)
		out = append(out, *r)
	}
	return Standings{c, ranked(out)}
}

// collect gathers what each athlete got in a classification.
func collect(c Classification, scored []Scored, adjustments []Adjustment) map[uuid.UUID]*Row {
	rows := map[uuid.UUID]*Row{}
	of := func(id uuid.UUID) *Row {
		if rows[id] == nil {
			rows[id] = &Row{AthleteID: id, Parts: make([]Part, 0, len(scored))}
		}
		return rows[id]
	}
	for _, stage := range scored {
		for _, line := range stage.Lines {
			for _, score := range line.Scores {
				if score.Classification != c.Key {
					continue
				}
				r := of(line.AthleteID)
				r.Stages++
				r.Parts = append(r.Parts, Part{StageID: stage.ID, Number: stage.Number, Score: score, Value: line.Value,
					AchievedAt: line.AchievedAt, Goal: line.Goal, Provisional: stage.Phase == Running})
			}
		}
	}
	for _, a := range adjustments {
		if a.Classification == c.Key {
			of(a.AthleteID).Adjusted += a.Points
		}
	}
	return rows
}

// withMissed adds the confirmed stages on which there is no result, where they count for something.
func withMissed(c Classification, parts []Part, scored []Scored) []Part {
	if c.Missed == MissedNothing {
		return parts
	}
	all := make([]Part, 0, len(scored))
	for _, stage := range scored {
		if len(parts) > 0 && parts[0].StageID == stage.ID {
			all, parts = append(all, parts[0]), parts[1:]
			continue
		}
		worst, any := stage.worst(c)
		if stage.Phase == Confirmed && (c.Missed == MissedZero || any) {
			score := Score{Classification: c.Key, Base: worst, Amount: worst}
			all = append(all, Part{StageID: stage.ID, Number: stage.Number, Missed: true, Score: score})
		}
	}
	return all
}

// worst is what a missed stage counts; false where nobody has a result.
func (s Scored) worst(c Classification) (Amount, bool) {
	if c.Missed != MissedSlowest {
		return 0, false
	}
	for _, w := range s.Worst {
		if w.Classification == c.Key {
			return w.Amount + c.Penalty, true
		}
	}
	return 0, false
}

// sum chooses the parts that count and adds them up.
func (r *Row) sum(c Classification) {
	r.Confirmed = r.Adjusted
	for _, i := range chosen(c, r.Parts, false) {
		r.Confirmed += r.Parts[i].Score.Amount
	}
	r.Total = r.Adjusted
	for _, i := range chosen(c, r.Parts, true) {
		p := &r.Parts[i]
		p.Counts = true
		r.Total += p.Score.Amount
		r.Value += p.Value
		if p.Goal {
			r.Goals++
		}
		if p.AchievedAt.After(r.AchievedAt) {
			r.AchievedAt = p.AchievedAt
		}
	}
}

// chosen are the indices of the best parts, as many as count.
func chosen(c Classification, parts []Part, provisional bool) []int {
	var is []int
	for i, p := range parts {
		if provisional || !p.Provisional {
			is = append(is, i)
		}
	}
	if c.Best == 0 || len(is) <= c.Best {
		return is
	}
	slices.SortStableFunc(is, func(i, j int) int {
		a, b := parts[i], parts[j]
		if !c.By.Ascending() {
			a, b = b, a
		}
		return cmp.Or(cmp.Compare(a.Score.Amount, b.Score.Amount), cmp.Compare(a.Value, b.Value))
	})
	return is[:c.Best]
}

// countedPlaces is how many places a count-back goes through.
const countedPlaces = 10

// key puts better rows first; equal keys share a rank.
func (c Classification) key(r Row, precision int64, final bool) []int64 {
	key := []int64{0}
	if final && r.Stages < c.AtLeast {
		key[0] = 1
	}
	counting := int64(0)
	for _, p := range r.Parts {
		if p.Counts {
			counting++
		}
	}
	switch c.By {
	case ByTimes, ByRanks:
		key = append(key, -counting, int64(r.Total))
	case ByPoints:
		key = append(key, -int64(r.Total))
	case ByTotals:
		key = append(key, -int64(r.Total)/precision)
	case ByGoals:
		key = append(key, -int64(r.Total), -r.Value/precision)
	}
	switch c.Equals {
	case EqualsCountBack:
		key = append(key, countBack(r.Parts)...)
	case EqualsEarlier:
		key = append(key, r.AchievedAt.UnixMilli())
	case EqualsShared:
	}
	return key
}

// countBack counts the first places, the second, and so on; more are better.
func countBack(parts []Part) []int64 {
	counts := make([]int64, countedPlaces)
	for _, p := range parts {
		if p.Counts && p.Score.Place >= 1 && p.Score.Place <= countedPlaces {
			counts[p.Score.Place-1]--
		}
	}
	return counts
}

func precisionOf(scored []Scored) int64 {
	for _, s := range scored {
		return max(1, s.Precision)
	}
	return 1
}

// ranked sorts rows and ranks them. Equal ones are listed by who had it together first.
func ranked(rows []Row) []Row {
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(slices.Compare(a.Key, b.Key), a.AchievedAt.Compare(b.AchievedAt), bytes.Compare(a.AthleteID[:], b.AthleteID[:]))
	})
	for i := range rows {
		switch {
		case rows[i].Key[0] > 0: // with too few stages
		case i > 0 && slices.Equal(rows[i].Key, rows[i-1].Key):
			rows[i].Rank = rows[i-1].Rank
		default:
			rows[i].Rank = i + 1
		}
	}
	return rows
}
