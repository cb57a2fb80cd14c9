package webtest

import (
	"fmt"
	"strings"
	"time"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

// Season is a challenge in the middle of its life, with those who are in it.
type Season struct {
	Organiser, Ana, Bram, Chloe, Dirk Athlete // Dirk competes and has no time; Chloe reads miles
	Stranger                          Athlete // is in no club and no challenge
	Club                              readmodel.Club
	Challenge                         readmodel.Challenge
	Past, Active, Mystery, Next       readmodel.Stage // as the organiser sees them
	Segments                          []readmodel.Segment
	Private, Missed, Twice            importer.Item // Ana's private ride over Past; Dirk's that turned off; Bram's over Active
}

// Season makes one. Active has Ana in 5:00, Bram in 5:20 and Chloe in 5:20, Past has Bram in 6:00 before Ana in 6:30.
func (s *Site) Season() Season {
	s.Helper()
	var v Season
	v.Organiser = s.Athlete("Ilse Maes", sport.Female, nil)
	v.Ana = s.Athlete("Ana de Smet", sport.Female, func(p *athletes.Profile) { p.Town, p.Country = "Bree", "Belgium" })
	v.Bram = s.Athlete("Bram Claes", sport.Male, nil)
	v.Chloe = s.Athlete("Chloé Martin", sport.Undisclosed, func(p *athletes.Profile) { p.Units, p.Visibility = sport.Imperial, athletes.Nobody })
	v.Dirk = s.Athlete("Dirk Aerts", sport.Male, nil)
	v.Stranger = s.Athlete("Zoë Janssens", sport.Female, nil)
	v.Club = s.Club(v.Organiser, "WTC De Kattenberg", v.Ana, v.Bram)
	for i, name := range []string{"Heideheuvel", "Kattenberg", "Geheime Muur", "Ring of Bree"} {
		v.Segments = append(v.Segments, s.Segment(v.Organiser, name, Hill(i)))
	}
	v.Challenge = s.Challenge(v.Organiser, "Five Hills", func(d *challenges.Definition) {
		d.ClubID, d.AllowPrivateActivities = v.Club.ID, true
	})
	v.Past = s.Stage(v.Organiser, v.Challenge, "Heideheuvel", v.Segments[0], slot(-20, -8, sport.Flat, nil))
	v.Active = s.Stage(v.Organiser, v.Challenge, "Kattenberg", v.Segments[1], slot(-7, 3, sport.Mountain, nil))
	v.Mystery = s.Stage(v.Organiser, v.Challenge, "Geheime Muur", v.Segments[2], slot(4, 10, sport.Mountain,
		func(d *challenges.StageDefinition) { d.Hidden, d.Description = true, "Behind the water tower." }))
	v.Next = s.Stage(v.Organiser, v.Challenge, "Ring of Bree", v.Segments[3], slot(11, 20, sport.Rolling,
		func(d *challenges.StageDefinition) { d.Adjustment = sport.Queen }))
	s.Host(v.Organiser, v.Challenge)
	s.Join(v.Challenge, v.Ana, v.Bram, v.Chloe, v.Dirk)
	s.rides(&v)
	v.Challenge = s.Reload(v.Organiser, v.Challenge.ID)
	v.Past, v.Active = v.Challenge.Stages[0], v.Challenge.Stages[1]
	return v
}

func slot(from, to int, t sport.StageType, change func(*challenges.StageDefinition)) func(*challenges.StageDefinition) {
	return func(d *challenges.StageDefinition) {
		d.Type, d.Window, d.Description = t, Days(from, to), "Up from the *canal* to the chapel."
		if change != nil {
			change(d)
		}
	}
}

func (s *Site) rides(v *Season) {
	at := func(day, hour int) time.Time { return Day(day, time.Duration(hour)*time.Hour).In(Zone) }
	s.Ride(v.Bram, Ride{Line: Hill(0), Start: at(-15, 9), Time: 6 * time.Minute})
	v.Private = s.Ride(v.Ana, Ride{Line: Hill(0), Start: at(-14, 9), Time: 390 * time.Second, Private: true, Name: "Secret training"})
	s.Ride(v.Bram, Ride{Line: Hill(1), Start: at(-4, 18), Time: 341 * time.Second})
	v.Twice = s.Ride(v.Bram, Ride{Line: Hill(1), Start: at(-3, 18), Time: 320 * time.Second, Name: "Evening spin"})
	s.Ride(v.Chloe, Ride{Line: Hill(1), Start: at(-2, 10), Time: 320 * time.Second})
	s.Ride(v.Ana, Ride{Line: Hill(1), Start: at(-1, 10), Time: 300 * time.Second, Name: "Sunday best"})
	v.Missed = s.Ride(v.Dirk, Ride{Line: Hill(1), Start: at(-1, 12), Time: 330 * time.Second, Until: 0.7, Name: "Turned off too early"})
}

// BoardWords is a board in a line: "Ana de Smet 300, Bram Claes 320", whole seconds or metres.
func BoardWords(b readmodel.Board) string {
	words := make([]string, len(b.Entries))
	for i, e := range b.Entries {
		words[i] = fmt.Sprintf("%s %.0f", e.Name, e.RankedValue.Float())
	}
	return strings.Join(words, ", ")
}
