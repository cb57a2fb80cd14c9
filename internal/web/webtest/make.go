package webtest

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/gpx"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/importer"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/registration"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/slugs"
	"segmentchallenge/internal/sport"
)

// TimeZone is where everything happens.
const TimeZone = "Europe/Brussels"

// Zone is TimeZone, loaded.
var Zone = func() *time.Location {
	zone, err := time.LoadLocation(TimeZone)
	if err != nil {
		panic(err)
	}
	return zone
}()

// Day is the wall clock at midnight n days from today, plus d.
func Day(n int, d time.Duration) sport.Local {
	y, m, day := time.Now().In(Zone).Date()
	return sport.LocalOf(time.Date(y, m, day+n, 0, 0, 0, 0, Zone)).Add(d)
}

// Days is a window from the midnight that begins day from to the last second of day to, counted from today.
func Days(from, to int) sport.Window {
	return sport.Window{Start: Day(from, 0), End: Day(to, 24*time.Hour-time.Second)}
}

// Athlete is somebody who has registered.
type Athlete struct {
	ID    uuid.UUID
	Name  string
	Email string
	Actor actor.Actor
}

// Athlete registers somebody, by the name that is given: "Ana de Smet". change may be nil.
func (s *Site) Athlete(name string, gender sport.Gender, change func(*athletes.Profile)) Athlete {
	s.Helper()
	first, last, _ := strings.Cut(name, " ")
	p := athletes.Profile{FirstName: first, LastName: last, Gender: gender, Units: sport.Metric, TimeZone: TimeZone, Visibility: athletes.Everyone}
	if change != nil {
		change(&p)
	}
	email := strings.ToLower(fmt.Sprintf("%s-%s@example.org", slugs.Base("athlete", name), uuid.NewString()[:8]))
	id, err := registration.Register(s.Context(), s.Accounts, s.Dispatch, email, p)
	if err != nil {
		s.Fatalf("register %s: %v", name, err)
	}
	return Athlete{ID: id, Name: name, Email: email, Actor: actor.Athlete(id)}
}

// Admin makes an athlete an administrator of the site.
func (s *Site) Admin(a Athlete) Athlete {
	s.Helper()
	s.Send(athletes.AppointAdmin{Head: athletes.Head{ID: a.ID, By: actor.System, Now: time.Now()}, Admin: true})
	a.Actor.Admin = true
	return a
}

// Club founds a club with members.
func (s *Site) Club(by Athlete, name string, members ...Athlete) readmodel.Club {
	s.Helper()
	id := uuid.Must(uuid.NewV7())
	s.Send(clubs.Create{Head: clubs.Head{ID: id, By: by.Actor, Now: time.Now()}, Slug: s.slug("club", name, id),
		Definition: clubs.Definition{Name: name, Website: "https://example.org", Description: "We *ride* on Sundays."}})
	for _, m := range members {
		s.Send(clubs.Join{Head: clubs.Head{ID: id, By: m.Actor, Now: time.Now()}})
	}
	club, err := readmodel.ClubByID(s.Context(), s.Pool, by.Actor, id)
	if err != nil {
		s.Fatal(err)
	}
	return club
}

func (s *Site) slug(kind, name string, owner uuid.UUID) string {
	s.Helper()
	slug, err := slugs.ReserveSlug(s.Context(), s.Pool, kind, name, owner)
	if err != nil {
		s.Fatal(err)
	}
	return slug
}

// Segment adds a line to the library, by way of a GPX file.
func (s *Site) Segment(by Athlete, name string, line activities.Track) readmodel.Segment {
	s.Helper()
	var file bytes.Buffer
	if err := gpx.Write(&file, name, sport.Ride, line); err != nil {
		s.Fatal(err)
	}
	geometry, _, err := importer.GeometryOfGPX(file.Bytes())
	if err != nil {
		s.Fatal(err)
	}
	id := uuid.Must(uuid.NewV7())
	s.Send(segments.Add{Head: segments.Head{ID: id, By: by.Actor, Now: time.Now()}, Name: name, ActivityType: sport.Ride,
		Geometry: geometry, Origin: "gpx"})
	segment, err := readmodel.SegmentByID(s.Context(), s.Pool, by.Actor, id)
	if err != nil {
		s.Fatal(err)
	}
	return segment
}

// Challenge creates a pending segment challenge over 40 days around today, for rides. change may be nil.
func (s *Site) Challenge(by Athlete, name string, change func(*challenges.Definition)) readmodel.Challenge {
	s.Helper()
	id := uuid.Must(uuid.NewV7())
	d := challenges.Definition{Type: sport.SegmentChallenge, Name: name, Description: "Best time counts. **Ride safely.**",
		Window: Days(-20, 20), TimeZone: TimeZone, IncludedActivityTypes: []sport.ActivityType{sport.Ride, sport.GravelRide}}
	if change != nil {
		change(&d)
	}
	s.Send(challenges.Create{Head: challengeHead(by, id), Slug: s.slug("challenge", d.Name, id), Definition: d})
	return s.Reload(by, id)
}

// Reload reads a challenge and its stages, as somebody sees them.
func (s *Site) Reload(by Athlete, challenge uuid.UUID) readmodel.Challenge {
	s.Helper()
	c, err := readmodel.ChallengeByID(s.Context(), s.Pool, by.Actor, challenge)
	if err == nil {
		c.Stages, err = readmodel.Stages(s.Context(), s.Pool, by.Actor, challenge)
	}
	if err != nil {
		s.Fatal(err)
	}
	return c
}

// Stage adds a stage over a segment. change may be nil: then it begins behind the stage before and ends with the challenge.
func (s *Site) Stage(by Athlete, c readmodel.Challenge, name string, segment readmodel.Segment, change func(*challenges.StageDefinition)) readmodel.Stage {
	s.Helper()
	id := uuid.Must(uuid.NewV7())
	d := challenges.StageDefinition{Type: sport.Mountain, SegmentID: segment.ID, Name: name}
	if change != nil {
		change(&d)
	}
	s.Send(challenges.AddStage{Head: challengeHead(by, c.ID), StageID: id, StageDefinition: d})
	stage, err := readmodel.StageByID(s.Context(), s.Pool, by.Actor, id)
	if err != nil {
		s.Fatal(err)
	}
	return stage
}

// Host opens a challenge to athletes; one whose start has passed is active then, with the stages that are due.
func (s *Site) Host(by Athlete, c readmodel.Challenge) {
	s.Helper()
	s.Send(challenges.Host{Head: challengeHead(by, c.ID)})
	s.Tick(time.Now())
}

func challengeHead(by Athlete, id uuid.UUID) challenges.Head {
	return challenges.Head{ID: id, By: by.Actor, Now: time.Now()}
}

// Join lets athletes into a challenge.
func (s *Site) Join(c readmodel.Challenge, all ...Athlete) {
	s.Helper()
	for _, a := range all {
		s.Send(competitors.Join{Head: competitors.Head{ChallengeID: c.ID, AthleteID: a.ID, By: a.Actor, Now: time.Now()}})
	}
}
