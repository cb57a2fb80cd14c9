package web

import (
	"fmt"
	"net/url"
	"strings"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// classField is the name of an input of the n-th classification: the field that a refusal names.
func classField(n int, name string) string {
	return fmt.Sprintf("scoring.classifications.%d.%s", n, name)
}

// schemeReader reads the form of a scheme. What can't be read is noted at its field; what the form doesn't have (who is in
// which group, and handicaps) stays as it was.
type schemeReader struct {
	form url.Values
	bad  []error
}

func (r *schemeReader) note(field string, err error) {
	for _, e := range refusal.All(err) {
		at := *e
		at.Field = field
		r.bad = append(r.bad, &at)
	}
}

func (r *schemeReader) number(field string) int {
	n, err := wholeNumber(field, r.form.Get(field))
	r.note(field, err)
	return n
}

func (r *schemeReader) amount(field string) leaderboards.Amount {
	typed := strings.TrimSpace(r.form.Get(field))
	if typed == "" {
		return 0
	}
	a, err := leaderboards.ParseAmount(typed)
	if err != nil {
		r.note(field, refusal.Field(field, "not_a_number", "Write a number with at most three decimals, such as 12.5."))
	}
	return a
}

func (r *schemeReader) points(field string) leaderboards.Points {
	p, err := leaderboards.ParsePoints(r.form.Get(field))
	r.note(field, err)
	return p
}

// scheme reads all of it. before is the scheme that the form was made from.
func (r *schemeReader) scheme(before leaderboards.Scheme) leaderboards.Scheme {
	s := before
	s.Classifications = nil
	for n := 0; r.form.Has(classField(n, "name")) && n < leaderboards.MaxClassifications+1; n++ {
		s.Classifications = append(s.Classifications, r.classification(n, before))
	}
	s.Result = sport.StageResult{Kind: sport.ResultKind(r.form.Get("scoring.result"))}
	if s.Result.Kind == sport.SumOfBest {
		s.Result.Of = r.number("scoring.resultOf")
	}
	hours, err := sport.ParseHours(r.form.Get("scoring.admission.hours"))
	r.note("scoring.admission.hours", err)
	s.Admission = sport.Admission{Hours: hours, MaxAttempts: r.number("scoring.admission.maxAttempts"), UploadHours: r.number("scoring.admission.uploadHours")}
	return s
}

func (r *schemeReader) classification(n int, before leaderboards.Scheme) leaderboards.Classification {
	field := func(name string) string { return classField(n, name) }
	var c leaderboards.Classification
	for _, old := range before.Classifications {
		if key := r.form.Get(field("key")); key != "" && old.Key == key {
			c = old
		}
	}
	c.Name, c.By = r.form.Get(field("name")), leaderboards.By(r.form.Get(field("by")))
	c.Categories = nil
	for _, category := range r.form[field("categories")] {
		c.Categories = append(c.Categories, sport.Category(category))
	}
	c.Best, c.AtLeast = r.number(field("best")), r.number(field("atLeast"))
	c.Missed, c.Penalty = leaderboards.Missed(r.form.Get(field("missed"))), r.amount(field("penalty"))
	c.Ties, c.Equals = leaderboards.Ties(r.form.Get(field("ties"))), leaderboards.Equals(r.form.Get(field("equals")))
	c.Handicap = r.form.Get(field("handicap")) != ""
	r.whom(&c, field)
	c.Table, c.Others, c.Beaten, c.Tables, c.Bonuses, c.Queen, c.HighestBonusOnly = nil, 0, 0, nil, nil, false, false
	if c.By != leaderboards.ByPoints { // what the form has for points means nothing then
		return c
	}
	c.Table, c.Others, c.Beaten = r.points(field("table")), r.amount(field("others")), r.amount(field("beaten"))
	c.Queen, c.HighestBonusOnly = r.form.Get(field("queen")) != "", r.form.Get(field("highestBonusOnly")) != ""
	for _, t := range sport.SegmentStageTypes {
		typed := strings.ToLower(strings.TrimSpace(r.form.Get(field("tables." + string(t)))))
		if typed == "" {
			continue
		}
		if c.Tables == nil {
			c.Tables = map[sport.StageType]leaderboards.Points{}
		}
		c.Tables[t] = leaderboards.Points{}
		if typed != noPoints {
			c.Tables[t] = r.points(field("tables." + string(t)))
		}
	}
	for _, b := range leaderboards.BonusesFor {
		if points := r.amount(field("bonus." + string(b))); points != 0 {
			c.Bonuses = append(c.Bonuses, leaderboards.Bonus{For: b, Points: points})
		}
	}
	return c
}

// noPoints is what is typed for a stage type that takes no part.
const noPoints = "none"

// whom reads whether the classification ranks everybody, a division or the teams, where the form asks.
func (r *schemeReader) whom(c *leaderboards.Classification, field func(string) string) {
	if !r.form.Has(field("division")) {
		return
	}
	whom := r.form.Get(field("division"))
	c.Division, c.Teams = "", whom == rankTeams
	c.TeamSize, c.Promoted, c.Relegated, c.ToStay = 0, 0, 0, 0
	if c.Teams {
		c.TeamSize = r.number(field("teamSize"))
		return
	}
	if key, division := strings.CutPrefix(whom, rankDivision); division {
		c.Division = key
		c.Promoted, c.Relegated, c.ToStay = r.number(field("promoted")), r.number(field("relegated")), r.number(field("toStay"))
	}
}

// What is chosen for a classification of the teams, and what stands before the key of a division.
const (
	rankTeams    = "teams"
	rankDivision = "division:"
)
