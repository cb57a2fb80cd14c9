package challenges

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// mayCreate: a person creates, for a club only as one of its own.
func mayCreate(c Create) error {
	switch {
	case c.By.AthleteID == uuid.Nil:
		return ErrSignIn
	case c.ClubID != uuid.Nil && !c.ClubMember && !c.By.ClubAdmin && !c.By.Admin:
		return ErrNotClub
	}
	return nil
}

// create makes a pending challenge. Where no segments are chosen its stages follow from the goal and come with it.
// Creating the same again (a form sent twice) changes nothing.
func (s State) create(c Create) ([]Event, error) {
	if s.Exists {
		if s.OrganiserID == c.By.AthleteID {
			return nil, nil
		}
		return nil, ErrExists
	}
	definition, err := c.Definition.cleaned(c.Now)
	if c.Slug == "" && err == nil {
		err = ErrSlugMissing
	}
	if err != nil {
		return nil, err
	}
	created := Created{ChallengeID: c.ID, OrganiserID: c.By.AthleteID, Slug: c.Slug, Definition: definition}
	d := decision{state: s}
	d.then(created)
	if err := d.fitPeriods(definition.Window); err != nil {
		return nil, err
	}
	return d.events, nil
}

// cleaned returns the definition as it is kept, or everything that is wrong with it.
func (d Definition) cleaned(now time.Time) (Definition, error) {
	var bad []error
	note := func(err error) {
		if err != nil {
			bad = append(bad, err)
		}
	}
	var err error
	d.Name, err = sport.CleanName("name", d.Name)
	note(err)
	d.Description, err = sport.CleanText("description", d.Description)
	note(err)
	if !d.Type.Valid() {
		note(ErrTypeUnknown)
	}
	note(checkWindow(d.Window, d.TimeZone, now))
	if d.RestrictedToClubMembers && d.ClubID == uuid.Nil {
		note(ErrClubMissing)
	}
	d.IncludedActivityTypes, err = cleanTypes(d.IncludedActivityTypes)
	note(err)
	d.Categories, err = cleanCategories(d.Categories)
	note(err)
	if d.AccumulateActivities && (d.Type == sport.SegmentChallenge || d.Type == sport.RaceChallenge) {
		note(ErrAccumulate)
	}
	d.Goal, err = cleanGoal(d.Type, d.Goal)
	note(err)
	d.Scoring, err = d.cleanScoring(d.Scoring)
	note(err)
	return d, errors.Join(bad...)
}

// checkWindow sees to a start, an end after it and after now, and a zone that exists.
func checkWindow(w sport.Window, zone string, now time.Time) error {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" { // LoadLocation takes these two for the machine's own idea
		return ErrZoneUnknown
	}
	switch {
	case w.Start.IsZero():
		return ErrStartMissing
	case w.End.IsZero():
		return ErrEndMissing
	case !w.End.After(w.Start):
		return ErrEndsFirst
	case !w.End.In(loc).After(now):
		return ErrEndPast
	}
	return nil
}

// cleanTypes returns each type once, in the order in which people know them.
func cleanTypes(types []sport.ActivityType) ([]sport.ActivityType, error) {
	var out []sport.ActivityType
	for _, t := range sport.ActivityTypes() {
		if slices.Contains(types, t) {
			out = append(out, t)
		}
	}
	for _, t := range types {
		if !t.Valid() {
			return nil, ErrActivityType.Because(quoted("%s is not a known activity type.", string(t)))
		}
	}
	return out, nil
}

// maxCategories bounds the boards of a stage.
const maxCategories = 30

// cleanCategories returns each category once, wide ones first; none given means the default ones.
func cleanCategories(categories []sport.Category) ([]sport.Category, error) {
	if len(categories) == 0 {
		return slices.Clone(sport.DefaultCategories), nil
	}
	var out []sport.Category
	for _, c := range categories {
		known, ok := sport.ParseCategory(string(c))
		if !ok {
			return nil, ErrCategory.Because(quoted("%s is not a category. There are Open, Women and Men, and age groups such as U23, 50+ or Women 40-49.", string(c)))
		}
		if !slices.Contains(out, known) {
			out = append(out, known)
		}
	}
	if len(out) > maxCategories {
		return nil, ErrTooManyCategories
	}
	sport.SortCategories(out)
	return out, nil
}

// maxGoal is more than anybody rides or waits: a million kilometres in metres, 31 years in seconds.
const maxGoal = 1e9

func cleanGoal(t sport.ChallengeType, g *sport.Goal) (*sport.Goal, error) {
	if g == nil {
		if t == sport.RaceChallenge {
			return nil, ErrGoalMissing
		}
		return nil, nil
	}
	goal := *g
	if goal.Recurrence == "" {
		goal.Recurrence = sport.Once
	}
	switch {
	case t == sport.SegmentChallenge:
		return nil, ErrGoalUnused
	case !(goal.Value > 0) || math.IsInf(goal.Value, 0): // not a number is not more than zero either
		return nil, ErrGoalNotPositive
	case !slices.Contains(unitsOf(t), goal.Units):
		return nil, ErrGoalUnits
	case goal.Base() > maxGoal:
		return nil, ErrGoalTooLarge
	case !slices.Contains([]sport.Recurrence{sport.Once, sport.Daily, sport.Weekly, sport.Monthly}, goal.Recurrence):
		return nil, ErrGoalRecurrence
	case t == sport.RaceChallenge && goal.Recurrence != sport.Once:
		return nil, ErrRaceRecurs
	}
	return &goal, nil
}

func unitsOf(t sport.ChallengeType) []string {
	if t == sport.DurationChallenge {
		return []string{"seconds", "minutes", "hours", "days"}
	}
	return []string{"metres", "kilometres", "feet", "miles"}
}

// edit changes what is given, all of it or nothing, and tells of everything that is wrong.
func (s State) edit(c Edit) ([]Event, error) {
	if err := s.mustRun(); err != nil {
		return nil, err
	}
	d := decision{state: s}
	var bad []error
	then := func(events []Event, err error) {
		bad = append(bad, err)
		for _, e := range events {
			d.then(e)
		}
	}
	if c.Name != nil {
		then(d.state.rename(Rename{c.Head, *c.Name, c.Slug}))
	}
	if c.Description != nil {
		then(d.state.describe(Describe{c.Head, *c.Description}))
	}
	if c.Window != nil {
		then(d.state.adjustWindow(AdjustWindow{c.Head, *c.Window}))
	}
	if c.Types != nil {
		then(d.state.adjustActivityTypes(AdjustActivityTypes{c.Head, *c.Types}))
	}
	if err := errors.Join(bad...); err != nil {
		return nil, err
	}
	return d.events, nil
}

// rename gives a pending challenge a new address too; the address of a hosted one has been handed round.
func (s State) rename(c Rename) ([]Event, error) {
	if err := s.mustRun(); err != nil {
		return nil, err
	}
	name, err := sport.CleanName("name", c.Name)
	if err != nil {
		return nil, err
	}
	if name == s.Name {
		return nil, nil
	}
	slug := s.Slug
	if s.Status == sport.Pending && c.Slug != "" {
		slug = c.Slug
	}
	return []Event{Renamed{ChallengeID: s.ID, Name: name, Slug: slug}}, nil
}

func (s State) describe(c Describe) ([]Event, error) {
	if err := s.mustRun(); err != nil {
		return nil, err
	}
	description, err := sport.CleanText("description", c.Description)
	if err != nil || description == s.Description {
		return nil, err
	}
	return []Event{Described{ChallengeID: s.ID, Description: description}}, nil
}

func (s State) adjustActivityTypes(c AdjustActivityTypes) ([]Event, error) {
	if err := s.mustRun(); err != nil {
		return nil, err
	}
	types, err := cleanTypes(c.Types)
	if err != nil || slices.Equal(types, s.IncludedActivityTypes) {
		return nil, err
	}
	return []Event{ActivityTypesAdjusted{ChallengeID: s.ID, Types: types, Stages: s.refs()}}, nil
}
