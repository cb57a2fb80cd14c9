package web

import (
	"strings"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
)

// typeWords names a type of challenge as its card does.
func typeWords(c readmodel.Challenge, units sport.Units) string {
	switch c.Type {
	case sport.SegmentChallenge:
		return "Segments"
	case sport.DistanceChallenge:
		return "Distance"
	case sport.DurationChallenge:
		return "Moving time"
	case sport.ElevationChallenge:
		return "Elevation"
	case sport.RaceChallenge:
		if c.Goal != nil {
			return "Race over " + format.Distance(c.Goal.Base(), units)
		}
		return "Race"
	}
	return string(c.Type)
}

// sportWords lists activity types: "Ride, gravel ride"; many are counted, none is every sport.
func sportWords(types []sport.ActivityType) string {
	if len(types) == 0 {
		return "Every sport"
	}
	shown := types[:min(3, len(types))]
	words := make([]string, len(shown))
	for i, t := range shown {
		words[i] = t.Label()
		if i > 0 {
			words[i] = lower(words[i])
		}
	}
	out := strings.Join(words, ", ")
	if more := len(types) - len(shown); more > 0 {
		out += " and " + format.Number(more) + " more"
	}
	return out
}

// lower takes the capital from the first letter, but not from a word that is all capitals or hyphenated with one: E-bike.
func lower(s string) string {
	if len(s) > 1 && s[1] == '-' {
		return s
	}
	return strings.ToLower(s[:min(1, len(s))]) + s[min(1, len(s)):]
}

// listed joins words as in a sentence: "a, b and c".
func listed(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}

// climbWords names a climb's category; "" for none.
func climbWords(category string) string {
	switch category {
	case "":
		return ""
	case "HC":
		return "HC"
	}
	return "Cat " + category
}

// stageTypeWords names a type of stage in its head.
func stageTypeWords(t sport.StageType) string {
	switch t {
	case sport.Mountain:
		return "Mountain stage"
	case sport.Rolling:
		return "Rolling stage"
	case sport.Flat:
		return "Flat stage"
	case sport.DistanceStage:
		return "Distance"
	case sport.DurationStage:
		return "Moving time"
	case sport.ElevationStage:
		return "Elevation"
	case sport.RaceStage:
		return "Race"
	}
	return string(t)
}

// goalWords is a goal as its organiser gave it: "100 km", "5 hours".
func goalWords(g sport.Goal) string {
	value := format.Points(g.Value)
	switch g.Units {
	case "kilometres":
		return value + "\u00a0km"
	case "metres":
		return value + "\u00a0m"
	case "miles":
		return value + "\u00a0mi"
	case "feet":
		return value + "\u00a0ft"
	}
	if g.Value == 1 {
		return value + "\u00a0" + strings.TrimSuffix(g.Units, "s")
	}
	return value + "\u00a0" + g.Units
}

// valueWords writes what a stage ranks by, to the tenth where the challenge counts them.
func valueWords(v readmodel.Milli, m sport.Measure, units sport.Units, tenths bool) string {
	return format.Value(int64(v), m, units, tenths && m.Ascending())
}
