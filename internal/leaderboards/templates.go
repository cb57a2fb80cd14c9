package leaderboards

import (
	"slices"

	"segmentchallenge/internal/sport"
)

// Template is a scheme to start from.
type Template struct {
	Name   string
	Words  string // whom it suits
	Types  []sport.ChallengeType
	Scheme Scheme
}

// whole makes points of whole numbers.
func whole(points ...int) Points {
	out := make(Points, len(points))
	for i, p := range points {
		out[i] = Amount(p) * Whole
	}
	return out
}

// CountDown is a table from first points down to 1: 20 19 18 …
func CountDown(first int) Points {
	out := make(Points, first)
	for i := range out {
		out[i] = Amount(first-i) * Whole
	}
	return out
}

// Tour is the three classifications of a stage race, and the default of a challenge over segments.
func Tour() Scheme {
	small, large := whole(5, 4, 3, 2, 1), whole(10, 8, 6, 4, 2)
	return Scheme{Template: "Tour", Classifications: []Classification{
		{Key: "GC", Name: "General", Short: "GC", By: ByPoints, Table: whole(15, 12, 10, 8, 6, 5, 4, 3, 2, 1)},
		{Key: "Mountains", Name: "Mountains", Short: "KOM", By: ByPoints, Queen: true,
			Tables: map[sport.StageType]Points{sport.Mountain: large, sport.Rolling: small, sport.Flat: {}}},
		{Key: "Sprint", Name: "Sprint", By: ByPoints,
			Tables: map[sport.StageType]Points{sport.Flat: large, sport.Rolling: small, sport.Mountain: {}}},
	}}
}

var (
	onSegments = []sport.ChallengeType{sport.SegmentChallenge}
	measured   = []sport.ChallengeType{sport.DistanceChallenge, sport.DurationChallenge, sport.ElevationChallenge}
)

// Templates are what an organiser is offered, in this order.
func Templates() []Template {
	return []Template{
		{"Tour", "A stage race: general, mountains and sprint classifications with points for the first ten or five.", onSegments, Tour()},
		{"Monthly league", "A segment a month: 20 points down to 1 and at least 1 for everybody, the best six months count, and a point for who rides first.", onSegments,
			Scheme{Classifications: []Classification{{Key: "League", Name: "League", By: ByPoints, Table: CountDown(20), Others: Whole,
				Best: 6, Ties: TiesSplit, Equals: EqualsCountBack, Bonuses: []Bonus{{ForFirst, Whole}}}}}},
		{"Total time", "Times added up over all stages. A missed stage costs the slowest time and a second.", onSegments,
			Scheme{Classifications: []Classification{{Key: "Time", Name: "Total time", By: ByTimes, Missed: MissedSlowest, Penalty: Whole}}}},
		{"Hill-climb series", "Two climbs a month: points for the first ten, one for everybody else, and five more for riding both.", onSegments,
			Scheme{Classifications: []Classification{{Key: "Series", Name: "Series", By: ByPoints, Table: whole(15, 10, 9, 8, 7, 6, 5, 4, 3, 2),
				Others: Whole, Equals: EqualsCountBack, Bonuses: []Bonus{{ForMonth, 5 * Whole}}}}}},
		{"Distance month", "What everybody does, added up: the most comes first.", measured,
			Scheme{Classifications: []Classification{{Key: "Total", Name: "Total", By: ByTotals}}}},
		{"Virtual 5k", "One distance, anywhere: the fastest time comes first, and there is one table with handicaps.", []sport.ChallengeType{sport.RaceChallenge},
			Scheme{Classifications: []Classification{{Key: "Race", Name: "Race", By: ByTimes}, {Key: "Handicap", Name: "Handicap", By: ByTimes, Handicap: true}}}},
	}
}

// TemplatesFor are those that suit a challenge type.
func TemplatesFor(t sport.ChallengeType) []Template {
	var out []Template
	for _, template := range Templates() {
		if slices.Contains(template.Types, t) {
			template.Scheme.Template = template.Name
			out = append(out, template)
		}
	}
	return out
}

// Default is the scheme of a challenge whose organiser chose none.
func Default(t sport.ChallengeType, recurs bool) Scheme {
	switch {
	case t == sport.SegmentChallenge:
		return Tour()
	case t == sport.RaceChallenge:
		return Scheme{Classifications: []Classification{{Key: "Race", Name: "Race", By: ByTimes}}}
	case recurs:
		return Scheme{Classifications: []Classification{{Key: "Goals", Name: "Goals", By: ByGoals}}}
	}
	return Scheme{Classifications: []Classification{{Key: "Total", Name: "Total", By: ByTotals}}}
}

// Or is the scheme itself, or the default of a challenge where nothing was chosen.
func (s Scheme) Or(t sport.ChallengeType, recurs bool) Scheme {
	if len(s.Classifications) > 0 {
		return s
	}
	full := Default(t, recurs)
	s.Template, s.Classifications = full.Template, full.Classifications
	return s
}
