package web

import (
	"fmt"
	"slices"
	"strings"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/web/format"
	"segmentchallenge/web/templates/pages"
)

// withScoring adds to the rules card how points come about, behind how stages are ranked.
func withScoring(rules []pages.Rule, s leaderboards.Scheme) []pages.Rule {
	var more []pages.Rule
	for _, c := range s.Classifications {
		more = append(more, pages.Rule{Icon: "trophy", Title: c.Name, Text: classWords(c, s.Groups)})
	}
	if words := s.GroupWords(); words != "" {
		more = append(more, pages.Rule{Icon: "users", Title: "Divisions, teams, handicaps", Text: words})
	}
	if words := admissionWords(s); words != "" {
		more = append(more, pages.Rule{Icon: "clock", Title: "What is let in", Text: words})
	}
	at := slices.IndexFunc(rules, func(r pages.Rule) bool { return r.Title == "Ranking" }) + 1
	return slices.Insert(rules, at, more...)
}

// classWords say how a classification is made, as a sentence of its own.
func classWords(c leaderboards.Classification, groups []leaderboards.Group) string {
	words := strings.TrimPrefix(strings.TrimSpace(c.Words(groups)), ": ")
	return strings.ToUpper(words[:1]) + words[1:]
}

func admissionWords(s leaderboards.Scheme) string {
	var said []string
	if a := s.Admission; len(a.Hours) > 0 {
		said = append(said, "Only efforts count that start at these times, by your own clock: "+a.HoursWords()+".")
	}
	if n := s.Admission.MaxAttempts; n > 0 {
		said = append(said, "On a stage your first "+format.Count(n, "attempt counts", "attempts count")+".")
	}
	if h := s.Admission.UploadHours; h > 0 {
		said = append(said, fmt.Sprintf("Rides have to be here %s after the end of their stage.", format.Count(h, "hour", "hours")))
	}
	if s.Result.Kind == sport.SumOfBest || s.Result.Kind == sport.EffortCount {
		said = append(said, s.Words()[0])
	}
	return strings.Join(said, " ")
}
