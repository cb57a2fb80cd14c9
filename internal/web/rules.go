package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
)

// rulesOf are the rules of a challenge in plain words, from its settings alone: what athletes are told is what the program
// does. The stages are as the reader may see them.
func rulesOf(c readmodel.Challenge, stages []readmodel.Stage, units sport.Units) []pages.Rule {
	rules := []pages.Rule{
		{Icon: "timer", Title: "What counts", Text: whatCounts(c, units)},
		{Icon: "bike", Title: "Which rides", Text: whichRides(c)},
		{Icon: "calendar", Title: "When", Text: whenRidden(c)},
		{Icon: "scale", Title: "Ranking", Text: howRanked(c)},
		{Icon: "users", Title: "Who", Text: whoMayJoin(c)},
		{Icon: "circle-check", Title: "Results", Text: "Results are provisional until the organiser has looked at them. Left alone, they are final three days after a stage has ended. Whatever doesn't count is told its reason."},
	}
	if special := specialStages(stages); special != "" {
		rules = slices.Insert(rules, 4, pages.Rule{Icon: "sparkles", Title: "Special stages", Text: special})
	}
	return rules
}

func whatCounts(c readmodel.Challenge, units sport.Units) string {
	switch c.Type {
	case sport.SegmentChallenge:
		return "Your fastest time over the segment of each stage, from gate to gate, in its direction and over its whole length. Ride it as often as you like while the stage is open, also several times in one activity. Pauses count as time."
	case sport.DistanceChallenge:
		return summed(c, "The distance of your activities", "The distance of your longest activity") + goalSentence(c)
	case sport.DurationChallenge:
		return summed(c, "The moving time of your activities", "The moving time of your longest activity") + goalSentence(c)
	case sport.ElevationChallenge:
		return summed(c, "The metres climbed in your activities", "The climb of your hilliest activity") + goalSentence(c)
	case sport.RaceChallenge:
		if c.Goal == nil {
			return "Your fastest time over the distance of the race."
		}
		return "Your fastest " + format.Distance(c.Goal.Base(), units) + " in one go, anywhere, within any activity: the fastest part of its track that covers the distance. Pauses count as time."
	}
	return ""
}

func summed(c readmodel.Challenge, all, best string) string {
	if c.AccumulateActivities {
		return all + " while a stage is open, added up."
	}
	return best + " while a stage is open."
}

var recurrenceWords = map[sport.Recurrence]string{sport.Daily: " every day", sport.Weekly: " every week", sport.Monthly: " every month"}

func goalSentence(c readmodel.Challenge) string {
	if c.Goal == nil {
		return ""
	}
	return " The goal is " + goalWords(*c.Goal) + recurrenceWords[c.Goal.Recurrence] + "."
}

func whichRides(c readmodel.Challenge) string {
	out := "Activities of any type"
	if len(c.IncludedActivityTypes) > 0 {
		words := make([]string, len(c.IncludedActivityTypes))
		for i, t := range c.IncludedActivityTypes {
			words[i] = lower(t.Label())
		}
		out = "Activities of these types: " + listed(words)
	}
	out += ", recorded by a device and brought as a file. Entries by hand don't count, unless the organiser makes them."
	if c.AllowPrivateActivities {
		return out + " Private activities count: the result shows, the track never does."
	}
	return out + " Private activities don't count."
}

func whenRidden(c readmodel.Challenge) string {
	zone := zoneOf(c.TimeZone)
	return fmt.Sprintf("From %s to %s. An activity belongs to the stage in whose dates it starts, by the clocks where you ride.",
		format.DateTime(c.StartAt, zone), format.DateTime(c.EndAt, zone))
}

func howRanked(c readmodel.Challenge) string {
	names := make([]string, len(c.Categories))
	for i, category := range c.Categories {
		names[i] = string(category)
	}
	out := "Each stage has a board for " + listed(names) + "."
	if len(c.Categories) == 1 {
		out = "Each stage has one board, " + names[0] + "."
	}
	if slices.Contains(c.Categories, sport.Women) || slices.Contains(c.Categories, sport.Men) {
		out += " Who hasn't disclosed a gender is ranked in Open alone."
	}
	if slices.ContainsFunc(c.Categories, sport.Category.AgeGroup) {
		out += " Age groups go by the age in " + strconv.Itoa(c.StartLocal.AsUTC().Year()) + ", the year of the start; who hasn't disclosed a year of birth is in none."
	}
	switch c.Type {
	case sport.SegmentChallenge, sport.RaceChallenge:
		unit := "second"
		if c.Tenths {
			unit = "tenth of a second"
		}
		out += " Times are compared to the " + unit + "; equal times share a place, and the earlier one is listed first."
	case sport.DistanceChallenge, sport.DurationChallenge, sport.ElevationChallenge:
		out += " The most comes first; equal results share a place."
	}
	return out
}

func whoMayJoin(c readmodel.Challenge) string {
	who, late := "Everybody with an account may join", ""
	if c.RestrictedToClubMembers {
		who = "Members of " + c.ClubName + " may join"
		late = " Who leaves the club stays in the challenge, but couldn't join it again."
	}
	return who + " until the challenge ends. Who joins late gets everything since the running stage began, and whoever leaves takes their results out of stages that aren't final." + late
}

func specialStages(stages []readmodel.Stage) string {
	secret := 0
	byKind := map[sport.PointsAdjustment][]string{}
	for _, s := range stages {
		if s.SegmentSecret {
			secret++
		}
		byKind[s.Adjustment] = append(byKind[s.Adjustment], format.Number(s.Number))
	}
	out := ""
	for _, kind := range []struct {
		is        sport.PointsAdjustment
		one, many string
	}{
		{sport.Double, "counts double", "count double"},
		{sport.Queen, "is the queen stage: its mountain points count double", "are queen stages: their mountain points count double"},
		{sport.Preview, "is a preview and scores nothing", "are previews and score nothing"},
	} {
		switch numbers := byKind[kind.is]; len(numbers) {
		case 0:
		case 1:
			out += "Stage " + numbers[0] + " " + kind.one + ". "
		default:
			out += "Stages " + listed(numbers) + " " + kind.many + ". "
		}
	}
	switch secret {
	case 0:
	case 1:
		out += "One stage is a mystery: its segment is shown when it is revealed or starts. "
	default:
		out += format.Number(secret) + " stages are mysteries: their segments are shown when they are revealed or start. "
	}
	return strings.TrimSpace(out)
}

// becomesPublic is what joining shows to others, one sentence each.
func becomesPublic(c readmodel.Challenge) []string {
	whom := "everybody"
	if c.Private {
		whom = "everybody who has the link"
	}
	out := []string{
		"Your name and category, and that you joined and when, to " + whom + ".",
		"Your results with their date, speed, and heart rate and power where your device recorded them, on the boards, in the feed and in downloads.",
	}
	if c.AllowPrivateActivities {
		out = append(out, "The results of your private activities too. Their tracks stay yours alone.")
	} else {
		out = append(out, "Nothing of your private activities: they don't count here.")
	}
	if slices.ContainsFunc(c.Categories, sport.Category.AgeGroup) {
		out = append(out, "Your age group, where you have disclosed your year of birth. The year itself isn't shown.")
	}
	return append(out, "The tracks of your other activities can be seen by others, as without the challenge. Make an activity private to keep its track to yourself.")
}
