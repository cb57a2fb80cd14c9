package leaderboards

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Scheme is how a challenge is scored: data that its organiser picks or edits. The zero value stands for the default of
// the challenge's type (see Default).
type Scheme struct {
	Template        string            `json:"template,omitempty"` // that it was made from, for people
	Result          sport.StageResult `json:"result,omitzero"`    // how efforts become the result of a stage
	Classifications []Classification  `json:"classifications,omitempty"`
	Admission       sport.Admission   `json:"admission,omitzero"`
	Groups          []Group           `json:"groups,omitempty"`    // divisions and teams
	Handicaps       []Handicap        `json:"handicaps,omitempty"` // for the classifications that take them
}

// By is what a classification adds up.
type By string

const (
	ByPoints By = "points" // for places, by a table, and bonuses; most first
	ByTimes  By = "times"  // the results of stages; least first, and who has more of them before who has fewer
	ByTotals By = "totals" // the results of stages; most first
	ByRanks  By = "ranks"  // places; least first, and who has more of them before who has fewer
	ByGoals  By = "goals"  // stages on which the goal was reached; equal ones by their totals
)

// Ascending says whether less is better.
func (b By) Ascending() bool { return b == ByTimes || b == ByRanks }

// Missed is what a stage counts for an athlete without a result on it, once it is confirmed.
type Missed string

const (
	MissedNothing Missed = ""        // it isn't there
	MissedZero    Missed = "zero"    // it is there, with nothing
	MissedSlowest Missed = "slowest" // as the slowest of the category (or its last place), and the penalty
)

// Ties is what athletes with equal results on a stage get.
type Ties string

const (
	TiesShared  Ties = ""        // all get the points of their placing, and the next placing follows on: 15 15 12
	TiesSkipped Ties = "skipped" // all get the points of their placing, and as many placings are skipped: 15 15 10
	TiesSplit   Ties = "split"   // they share the points of the placings they take up: 13.5 13.5 10
	TiesEarlier Ties = "earlier" // who achieved it first is placed first: 15 12 10
)

// Equals is who comes first among athletes with equal totals.
type Equals string

const (
	EqualsShared    Equals = ""          // they share the rank
	EqualsCountBack Equals = "countback" // more first places, then more second ones, and so on
	EqualsEarlier   Equals = "earlier"   // who had it together first
)

// BonusFor is what earns points beside the table.
type BonusFor string

const (
	ForParticipation BonusFor = "participation" // a result on the stage
	ForPersonalBest  BonusFor = "personalBest"  // better than one's own on all earlier stages over the same course
	ForRecord        BonusFor = "record"        // better than anybody's on all earlier stages over the same course
	ForWin           BonusFor = "win"           // the best result of the stage
	ForFirst         BonusFor = "first"         // the first to bring a result at all
	ForMonth         BonusFor = "month"         // a result on all stages of a month, where there are several; given on the last
)

// BonusesFor lists them in the order in which people are offered them.
var BonusesFor = []BonusFor{ForParticipation, ForPersonalBest, ForRecord, ForWin, ForFirst, ForMonth}

// Bonus is what something earns, or has earned.
type Bonus struct {
	For    BonusFor `json:"for"`
	Points Amount   `json:"points"`
}

// Points of a table are those of the first place, the second, and so on.
type Points []Amount

// Of returns the points of a place, counted from 1; what isn't in the table is others.
func (p Points) Of(place int, others Amount) Amount {
	if place >= 1 && place <= len(p) {
		return p[place-1]
	}
	return others
}

// Classification is one table of the challenge: whom it ranks, by what, over which stages.
type Classification struct {
	Key   string `json:"key,omitempty"`   // in addresses: GC; made of the name when left out
	Name  string `json:"name"`            // General
	Short string `json:"short,omitempty"` // KOM

	// Who.
	Categories []sport.Category `json:"categories,omitempty"` // none: each of the challenge's
	Division   string           `json:"division,omitempty"`   // only the members of this group
	Teams      bool             `json:"teams,omitempty"`      // ranks groups of the kind team, by what their members get
	TeamSize   int              `json:"teamSize,omitempty"`   // so many members count on a stage; 0: all of them

	// How.
	By     By     `json:"by"`
	Table  Points `json:"table,omitempty"`
	Others Amount `json:"others,omitempty"` // for each place behind the table
	Beaten Amount `json:"beaten,omitempty"` // for each athlete with a worse result
	// Tables are those of stage types that have another one; a type whose table is empty takes no part.
	Tables           map[sport.StageType]Points `json:"tables,omitempty"`
	Bonuses          []Bonus                    `json:"bonuses,omitempty"`
	HighestBonusOnly bool                       `json:"highestBonusOnly,omitempty"`
	Queen            bool                       `json:"queen,omitempty"` // a queen stage counts double here
	Handicap         bool                       `json:"handicap,omitempty"`
	Ties             Ties                       `json:"ties,omitempty"`

	// Which stages.
	Best    int    `json:"best,omitempty"`    // only the best so many count; 0: all
	AtLeast int    `json:"atLeast,omitempty"` // stages with a result to be classified in the end
	Missed  Missed `json:"missed,omitempty"`
	Penalty Amount `json:"penalty,omitempty"` // seconds or places on top of the slowest

	Equals Equals `json:"equals,omitempty"`

	// Divisions, when the challenge is over.
	Promoted  int `json:"promoted,omitempty"`  // the first so many move up
	Relegated int `json:"relegated,omitempty"` // the last so many move down
	ToStay    int `json:"toStay,omitempty"`    // who has fewer stages with a result moves down too
}

// GroupKind is what a group is for.
type GroupKind string

const (
	Division GroupKind = "division"
	Team     GroupKind = "team"
)

// Group is some of the challenge's athletes.
type Group struct {
	Kind    GroupKind   `json:"kind"`
	Key     string      `json:"key,omitempty"` // made of the name when left out
	Name    string      `json:"name"`
	Members []uuid.UUID `json:"members,omitempty"`
}

// teamSpace is what ids of teams derive in.
var teamSpace = uuid.MustParse("7ea00000-0000-5000-8000-000000000001")

// ID is that of a team where rows are named by the ids of athletes.
func (g Group) ID() uuid.UUID { return uuid.NewSHA1(teamSpace, []byte(strings.ToLower(g.Key))) }

// Handicap is what is taken off an athlete's times: first the percentage, then the seconds. Negative ones are put on.
type Handicap struct {
	AthleteID uuid.UUID `json:"athleteId"`
	Seconds   Amount    `json:"seconds,omitempty"`
	Percent   Amount    `json:"percent,omitempty"`
}

// apply returns the value (milliseconds) that counts.
func (h Handicap) apply(value int64) int64 {
	return max(0, value-value*int64(h.Percent)/(100*int64(Whole))-int64(h.Seconds))
}

// IsZero says that nothing was chosen: the default of the challenge's type counts.
func (s Scheme) IsZero() bool {
	return len(s.Classifications) == 0 && s.Result == (sport.StageResult{}) && len(s.Admission.Hours) == 0 &&
		s.Admission.MaxAttempts == 0 && s.Admission.UploadHours == 0 && len(s.Groups) == 0 && len(s.Handicaps) == 0
}

// Same says whether two schemes are stored as the same.
func (s Scheme) Same(o Scheme) bool {
	a, errA := json.Marshal(s)
	b, errB := json.Marshal(o)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// Find returns the classification of a category by its key or name, however it is capitalised, or by the short name that
// cyclists have for it.
func (s Scheme) Find(category sport.Category, called string) (Classification, bool) {
	for _, c := range s.For(category) {
		for _, name := range []string{c.Key, c.Name, c.Label(category)} {
			if strings.EqualFold(name, called) {
				return c, true
			}
		}
	}
	return Classification{}, false
}

// For lists the classifications that a category has.
func (s Scheme) For(category sport.Category) []Classification {
	var out []Classification
	for _, c := range s.Classifications {
		if len(c.Categories) == 0 || slices.Contains(c.Categories, category) {
			out = append(out, c)
		}
	}
	return out
}

// Label is the short name: the Mountains are KOM, and QOM among women.
func (c Classification) Label(category sport.Category) string {
	switch {
	case c.Short == "":
		return c.Name
	case c.Short == "KOM" && strings.HasPrefix(string(category), string(sport.Women)):
		return "QOM"
	}
	return c.Short
}

// table is that of a stage, and whether the stage takes part.
func (c Classification) table(s Stage) (Points, bool) {
	if s.Adjustment == sport.Preview {
		return nil, false
	}
	if table, own := c.Tables[s.Type]; own {
		return table, len(table) > 0
	}
	return c.Table, true
}

// Takes says whether a stage takes part in the classification.
func (c Classification) Takes(s Stage) bool { _, in := c.table(s); return in }

// factor is how often a stage's points count.
func (c Classification) factor(s Stage) int {
	if c.By == ByPoints && (s.Adjustment == sport.Double || s.Adjustment == sport.Queen && c.Queen) {
		return 2
	}
	return 1
}

// Depth is how many different results at the head of a stage's board can make a difference by their place; what is behind
// them gets the same wherever it stands. False: every place may. It tells what has to be looked at when somebody moves.
func (s Scheme) Depth(category sport.Category) (int, bool) {
	depth := 0
	for _, c := range s.For(category) {
		of, bounded := c.depth()
		if !bounded {
			return 0, false
		}
		depth = max(depth, of)
	}
	return depth, true
}

func (c Classification) depth() (int, bool) {
	depth := 0
	if c.By == ByPoints {
		depth = max(len(c.Table), min(1, len(c.Bonuses)))
		for _, table := range c.Tables {
			depth = max(depth, len(table))
		}
	}
	if c.Equals == EqualsCountBack {
		depth = max(depth, countedPlaces)
	}
	elsewhere := c.Handicap || c.Division != "" // places that aren't those of the board
	return depth, c.By != ByRanks && c.Beaten == 0 && (depth == 0 || !elsewhere)
}

// everybody says whether all who have a result on a stage have a line there, also one that gives nothing.
func (c Classification) everybody() bool { return c.By != ByPoints || c.AtLeast > 0 || c.ToStay > 0 }
