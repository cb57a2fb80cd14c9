package leaderboards

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Bounds of a scheme: far beyond what leagues use, and small enough to be kept in an event.
const (
	MaxClassifications = 20
	MaxTable           = 500 // places
	MaxGroups          = 100
	MaxMembers         = 5000 // of all groups together, and athletes with a handicap
	maxPoints          = 1_000_000 * Whole
	maxStages          = 400
)

// What a scheme can't be. The field is filled in: scoring.classifications.0.table.
var (
	ErrTooMany          = refusal.Field("scoring.classifications", "too_many_classifications", "Scoring can have at most 20 classifications.")
	ErrKey              = refusal.Field("key", "classification_key_invalid", "The key of a classification is short and made of letters, digits and hyphens, such as GC.")
	ErrKeyTwice         = refusal.Field("key", "classification_key_twice", "Two classifications have the same key or name.")
	ErrBy               = refusal.Field("by", "classification_by_unknown", "A classification goes by points, times, totals, ranks or goals.")
	ErrByUnfit          = refusal.Field("by", "classification_by_not_possible", "This challenge's stages don't bring what the classification would add up.")
	ErrCategories       = refusal.Field("categories", "classification_category_unknown", "The challenge has no such category.")
	ErrPointsMissing    = refusal.Field("table", "points_missing", "Say what is scored: a points table, points for others or for riders beaten, or a bonus.")
	ErrPointsUnused     = refusal.Field("table", "points_not_possible", "Only a classification by points has points tables and bonuses.")
	ErrPointsNegative   = refusal.Field("table", "points_negative", "Points can't be negative.")
	ErrPointsUnreadable = refusal.Field("table", "points_table_unreadable", "Write a points table like 15 12 10 8, or 20-1.")
	ErrPointsHole       = refusal.Field("table", "points_table_hole", "The points table has a hole: a place without points stands before one that has some.")
	ErrPointsRise       = refusal.Field("table", "points_table_rises", "The points table gives a later place more than an earlier one.")
	ErrPointsTooMany    = refusal.Field("table", "points_table_too_long", "A points table has at most 500 places of at most 1,000,000 points.")
	ErrStageTypeUnknown = refusal.Field("tables", "points_table_stage_type", "Points tables are for mountain, rolling and flat stages.")
	ErrBonus            = refusal.Field("bonuses", "bonus_invalid", "A bonus is for participation, a personal best, a record, the win, the first result or a whole month, each once, and more than zero.")
	ErrTies             = refusal.Field("ties", "ties_unknown", "Equal results share the points, skip placings, split the points, or go by who was earlier.")
	ErrEquals           = refusal.Field("equals", "equals_unknown", "Equal totals share the rank, or go by wins counted back, or by who was earlier.")
	ErrBest             = refusal.Field("best", "best_invalid", "The number of stages that count is between 1 and 400, or 0 for all of them.")
	ErrAtLeast          = refusal.Field("atLeast", "at_least_invalid", "The number of stages needed to be classified is between 0 and 400.")
	ErrMissed           = refusal.Field("missed", "missed_invalid", "A missed stage counts for nothing, for zero, or, where times or ranks are added up, as the slowest.")
	ErrPenalty          = refusal.Field("penalty", "penalty_invalid", "A penalty goes with missed stages that count as the slowest, and can't be negative.")
	ErrHandicap         = refusal.Field("handicap", "handicap_not_possible", "Only times can have a handicap.")
	ErrDivision         = refusal.Field("division", "division_unknown", "There is no such division.")
	ErrTeams            = refusal.Field("teams", "teams_invalid", "A classification of teams needs teams, how many of each count where times or ranks are added up, and no division.")
	ErrMoves            = refusal.Field("relegated", "moves_invalid", "Only members of a division can move up or down, at most 400 at once.")
	ErrGroups           = refusal.Field("scoring.groups", "groups_invalid", "Groups have different names, and an athlete is in at most one division and one team.")
	ErrTooManyMembers   = refusal.Field("scoring.groups", "groups_too_large", "Scoring can name at most 100 groups, 5,000 members and 5,000 handicaps.")
	ErrHandicaps        = refusal.Field("scoring.handicaps", "handicaps_invalid", "A handicap is given once an athlete, below 100 percent and of at most a day.")
	ErrResult           = refusal.Field("scoring.result", "stage_result_invalid", "The result of a stage is the best effort, the sum of 2 to 100 efforts, the number of efforts, or the total where more is better.")
)

// Terms is what a scheme has to fit.
type Terms struct {
	Type       sport.ChallengeType
	Categories []sport.Category
	Goal       bool // the challenge has one
}

var keyWords = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,28}[A-Za-z0-9])?$`)

// Cleaned returns the scheme as it is kept, or everything that is wrong with it. One without classifications has those of
// the challenge's type.
func (s Scheme) Cleaned(t Terms) (Scheme, error) {
	if s.IsZero() {
		return Scheme{}, nil
	}
	s.Classifications, s.Groups = slices.Clone(s.Classifications), slices.Clone(s.Groups)
	bad := s.Admission.Check()
	if err := s.checkResult(t.Type); err != nil {
		bad = append(bad, err)
	}
	bad = append(bad, s.checkGroups()...)
	bad = append(bad, s.checkHandicaps()...)
	if len(s.Classifications) > MaxClassifications {
		return s, errors.Join(append(bad, ErrTooMany)...)
	}
	names := map[string]bool{}
	for i := range s.Classifications {
		c := &s.Classifications[i]
		for _, wrong := range c.clean(s, t) {
			bad = append(bad, at(i, wrong))
		}
		for _, name := range slices.Compact([]string{strings.ToLower(c.Key), strings.ToLower(c.Name)}) {
			if names[name] {
				bad = append(bad, at(i, ErrKeyTwice))
				break
			}
			names[name] = true
		}
	}
	return s, errors.Join(bad...)
}

// at puts the classification that it is about before the field of a refusal.
func at(i int, e *refusal.Error) error {
	c := *e
	c.Field = fmt.Sprintf("scoring.classifications.%d.%s", i, e.Field)
	return &c
}

func (s Scheme) checkResult(t sport.ChallengeType) error {
	measured := t != sport.SegmentChallenge && t != sport.RaceChallenge // more is better
	switch r := s.Result; r.Kind {
	case "", sport.BestEffort:
		if r.Of == 0 {
			return nil
		}
	case sport.SumOfBest:
		if r.Of >= 2 && r.Of <= 100 && t != sport.RaceChallenge {
			return nil
		}
	case sport.EffortCount:
		if r.Of == 0 && t != sport.RaceChallenge {
			return nil
		}
	case sport.TotalOfAll:
		if r.Of == 0 && measured {
			return nil
		}
	}
	return ErrResult
}

// Measure is what the boards of a stage rank by.
func (s Scheme) Measure(t sport.StageType) sport.Measure {
	if s.Result.Kind == sport.EffortCount {
		return sport.Efforts
	}
	return t.RankedBy()
}

// clean makes a classification as it is kept, and returns what is wrong with it.
func (c *Classification) clean(s Scheme, t Terms) (bad []*refusal.Error) {
	note := func(wrong bool, e *refusal.Error) {
		if wrong {
			bad = append(bad, e)
		}
	}
	name, err := sport.CleanName("name", c.Name)
	bad = append(bad, refusal.All(err)...)
	c.Name, c.Short = name, strings.TrimSpace(c.Short)
	if c.Key == "" {
		c.Key = keyOf(c.Name)
	}
	note(!keyWords.MatchString(c.Key) || len([]rune(c.Short)) > 12, ErrKey)
	for _, category := range c.Categories {
		note(!slices.Contains(t.Categories, category), ErrCategories.Because(fmt.Sprintf("The challenge has no category “%.40s”.", category)))
	}
	bad = append(bad, c.checkBy(s, t)...)
	bad = append(bad, c.checkPoints()...)
	note(!slices.Contains([]Ties{TiesShared, TiesSkipped, TiesSplit, TiesEarlier}, c.Ties), ErrTies)
	note(!slices.Contains([]Equals{EqualsShared, EqualsCountBack, EqualsEarlier}, c.Equals), ErrEquals)
	note(c.Best < 0 || c.Best > maxStages, ErrBest)
	note(c.AtLeast < 0 || c.AtLeast > maxStages, ErrAtLeast)
	slowest := c.Missed == MissedSlowest && c.By.Ascending()
	note(!slowest && c.Missed != MissedNothing && (c.Missed != MissedZero || c.By.Ascending()), ErrMissed)
	note(c.Penalty < 0 || c.Penalty > maxPoints || c.Penalty > 0 && !slowest, ErrPenalty)
	return append(bad, c.checkWho(s)...)
}

// keyOf makes a key of a name: what isn't a letter or digit of English becomes a hyphen.
func keyOf(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return r > 'z' || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", r)
	})
	key := strings.Join(words, "-")
	return strings.Trim(key[:min(len(key), 30)], "-")
}

func (c Classification) checkBy(s Scheme, t Terms) []*refusal.Error {
	timed := (t.Type == sport.SegmentChallenge || t.Type == sport.RaceChallenge) && s.Result.Kind != sport.EffortCount
	switch c.By {
	case ByPoints, ByRanks:
	case ByTimes:
		if !timed {
			return []*refusal.Error{ErrByUnfit.Because("The results of this challenge aren't times of which less is better: add up totals instead.")}
		}
	case ByTotals:
		if timed {
			return []*refusal.Error{ErrByUnfit.Because("The results of this challenge are times of which less is better: add up times instead.")}
		}
	case ByGoals:
		if !t.Goal || timed {
			return []*refusal.Error{ErrByUnfit.Because("This challenge has no goal to be reached on its stages.")}
		}
	default:
		return []*refusal.Error{ErrBy}
	}
	if c.Handicap && !timed {
		return []*refusal.Error{ErrHandicap}
	}
	return nil
}

func (c Classification) checkPoints() (bad []*refusal.Error) {
	scores := len(c.Table) > 0 || len(c.Bonuses) > 0 || c.Others != 0 || c.Beaten != 0
	for _, stage := range slices.Sorted(maps.Keys(c.Tables)) {
		scores = scores || len(c.Tables[stage]) > 0
		if !stage.OnSegment() {
			bad = append(bad, ErrStageTypeUnknown)
		} else if e := c.Tables[stage].check(c.Others); e != nil {
			e.Field = "tables." + string(stage)
			bad = append(bad, e)
		}
	}
	if c.By != ByPoints {
		if scores || c.Queen || c.HighestBonusOnly {
			bad = append(bad, ErrPointsUnused)
		}
		return bad
	}
	if !scores {
		bad = append(bad, ErrPointsMissing)
	}
	if e := c.Table.check(c.Others); e != nil {
		bad = append(bad, e)
	}
	for field, points := range map[string]Amount{"others": c.Others, "beaten": c.Beaten} {
		if points < 0 || points > maxPoints {
			e := *ErrPointsNegative
			e.Field = field
			bad = append(bad, &e)
		}
	}
	seen := map[BonusFor]bool{}
	for _, b := range c.Bonuses {
		if !slices.Contains(BonusesFor, b.For) || b.Points <= 0 || b.Points > maxPoints || seen[b.For] {
			bad = append(bad, ErrBonus)
		}
		seen[b.For] = true
	}
	return bad
}

// check returns a copy of what is wrong with a table.
func (p Points) check(others Amount) *refusal.Error {
	wrong := func(e *refusal.Error, detail string) *refusal.Error { return e.Because(detail) }
	if len(p) > MaxTable {
		return wrong(ErrPointsTooMany, ErrPointsTooMany.Detail)
	}
	for i, points := range p {
		switch {
		case points < 0:
			return wrong(ErrPointsNegative, fmt.Sprintf("Place %d has %s points. Points can't be negative.", i+1, points))
		case points > maxPoints:
			return wrong(ErrPointsTooMany, ErrPointsTooMany.Detail)
		case i > 0 && p[i-1] == 0 && points > 0, i == 0 && points == 0:
			hole := max(i, 1)
			return wrong(ErrPointsHole, fmt.Sprintf("The points table has a hole: place %d has no points.", hole))
		case i > 0 && points > p[i-1]:
			return wrong(ErrPointsRise, fmt.Sprintf("Place %d has more points (%s) than place %d (%s).", i+1, points, i, p[i-1]))
		}
	}
	if n := len(p); n > 0 && others > p[n-1] {
		return wrong(ErrPointsRise, fmt.Sprintf("All others have more points (%s) than place %d (%s).", others, n, p[n-1]))
	}
	return nil
}

func (c Classification) checkWho(s Scheme) (bad []*refusal.Error) {
	has := func(kind GroupKind, key string) bool {
		return slices.ContainsFunc(s.Groups, func(g Group) bool { return g.Kind == kind && (key == "" || g.Key == key) })
	}
	if c.Division != "" && !has(Division, c.Division) {
		bad = append(bad, ErrDivision.Because(fmt.Sprintf("There is no division “%.40s”.", c.Division)))
	}
	if c.TeamSize < 0 || c.TeamSize > maxStages || c.TeamSize > 0 && !c.Teams ||
		c.Teams && (!has(Team, "") || c.Division != "" || c.By.Ascending() && c.TeamSize == 0 || c.By == ByGoals) {
		bad = append(bad, ErrTeams)
	}
	moves := []int{c.Promoted, c.Relegated, c.ToStay}
	if slices.Min(moves) < 0 || slices.Max(moves) > maxStages || slices.Max(moves) > 0 && c.Division == "" {
		bad = append(bad, ErrMoves)
	}
	return bad
}

func (s Scheme) checkGroups() (bad []error) {
	type in struct {
		kind    GroupKind
		athlete uuid.UUID
	}
	names, members, twice := map[string]bool{}, map[in]bool{}, false
	for i := range s.Groups {
		g := &s.Groups[i]
		name, err := sport.CleanName("scoring.groups", g.Name)
		if err != nil {
			bad = append(bad, err)
		}
		g.Name = name
		if g.Key == "" {
			g.Key = keyOf(name)
		}
		id := string(g.Kind) + "/" + strings.ToLower(g.Key)
		twice = twice || names[id] || g.Kind != Division && g.Kind != Team || !keyWords.MatchString(g.Key)
		names[id] = true
		for _, athlete := range g.Members {
			twice = twice || members[in{g.Kind, athlete}]
			members[in{g.Kind, athlete}] = true
		}
	}
	if twice {
		bad = append(bad, ErrGroups)
	}
	if len(s.Groups) > MaxGroups || len(members) > MaxMembers {
		bad = append(bad, ErrTooManyMembers)
	}
	return bad
}

func (s Scheme) checkHandicaps() (bad []error) {
	seen := map[uuid.UUID]bool{}
	for _, h := range s.Handicaps {
		if seen[h.AthleteID] || !h.possible() {
			return append(bad, ErrHandicaps)
		}
		seen[h.AthleteID] = true
	}
	if len(s.Handicaps) > MaxMembers {
		bad = append(bad, ErrTooManyMembers)
	}
	return bad
}
