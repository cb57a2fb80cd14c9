// Package trophies has the rules of what an athlete is honoured for. All pure.
//
//	stage           first, second and third of a stage, in each category, when its board is final
//	classification  first, second and third of a challenge's classification, in each category, when its standings are final
//	goal            the challenge's goal reached on every stage of it
//	streak          weeks in a row with an effort that counts, at each of Milestones
//
// What a correction takes back is lost again: trophies say what stands.
package trophies

import (
	"slices"
	"time"
)

// Kind of a trophy.
type Kind string

const (
	Stage          Kind = "stage"
	Classification Kind = "classification"
	Goal           Kind = "goal"
	Streak         Kind = "streak"
)

// Milestones are the lengths of a streak, in weeks, that are honoured: a month, two, a quarter, half a year, a year.
var Milestones = []int{4, 8, 13, 26, 52}

// Week is the Monday that a day's week begins with (ISO 8601), as a date in UTC.
func Week(day time.Time) time.Time {
	y, m, d := day.Date()
	monday := d - (int(day.Weekday())+6)%7
	return time.Date(y, m, monday, 0, 0, 0, 0, time.UTC)
}

// Streaks are runs of weeks without a gap.
type Streaks struct {
	Current int // weeks up to this one; the present week may still be to come
	Longest int
	Reached []Reached // milestones, the shortest first, each when it was reached first
}

// Reached is a milestone and the week in which it was reached for the first time.
type Reached struct {
	Weeks int
	In    time.Time // its Monday
}

// StreaksOf finds the streaks in weeks with an effort, given as their Mondays in any order. today is the athlete's date:
// a streak goes on until a whole week has passed without an effort.
func StreaksOf(weeks []time.Time, today time.Time) Streaks {
	weeks = slices.Clone(weeks)
	slices.SortFunc(weeks, time.Time.Compare)
	weeks = slices.CompactFunc(weeks, time.Time.Equal)
	var s Streaks
	run := 0
	for i, week := range weeks {
		if i > 0 && !week.Equal(weeks[i-1].AddDate(0, 0, 7)) {
			run = 0
		}
		run++
		s.Longest = max(s.Longest, run)
		if next := len(s.Reached); next < len(Milestones) && run == Milestones[next] {
			s.Reached = append(s.Reached, Reached{run, week})
		}
	}
	if run > 0 && !weeks[len(weeks)-1].Before(Week(today).AddDate(0, 0, -7)) {
		s.Current = run
	}
	return s
}
