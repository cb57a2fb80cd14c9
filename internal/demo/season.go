package demo

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/sport"
)

// kestrelID is the root from which all ids of the demo derive.
var kestrelID = uuid.MustParse("6f0c3a52-8f5e-5d0b-9a43-0d5b2f1c7e11")

func idOf(format string, args ...any) uuid.UUID {
	return uuid.NewSHA1(kestrelID, fmt.Appendf(nil, format, args...))
}

func (c *course) segmentID() uuid.UUID { return idOf("segment/%s", c.name) }

// society is a club.
type society struct {
	clubs.Definition
	id      uuid.UUID
	founder *person
	members []*person
}

// contest is a challenge with those who enter it at once; others may come later.
type contest struct {
	challenges.Definition
	id        uuid.UUID
	organiser *person
	stages    []leg
	entrants  []*person
	course    *course // of a race
	results   string  // what the organiser writes when it is over
}

// leg is a stage of a contest over segments.
type leg struct {
	challenges.StageDefinition
	id      uuid.UUID
	course  *course
	results string
}

// season is everything that goes on around one day.
type season struct {
	*cast
	number int
	day    time.Time // midnight on the island, of the day on which the season was made
	clubs  []society

	tour, league, race, distance, prologue, night *contest
}

func (s *season) contests() []*contest {
	return []*contest{s.tour, s.league, s.race, s.distance, s.prologue, s.night}
}

// at is the wall clock n days from the season's day, at an hour.
func (s *season) at(n, hour int) sport.Local {
	y, m, d := s.day.Date()
	return sport.LocalOf(time.Date(y, m, d+n, hour, 0, 0, 0, time.UTC))
}

// from is a window between two hours of two days; its last second is the one before the end.
func (s *season) from(day, hour, lastDay, lastHour int) sport.Window {
	return sport.Window{Start: s.at(day, hour), End: s.at(lastDay, lastHour).Add(-time.Second)}
}

var (
	rides = []sport.ActivityType{sport.Ride, sport.GravelRide, sport.MountainBikeRide}
	runs  = []sport.ActivityType{sport.Run, sport.TrailRun}
)

func tourID(season int) uuid.UUID { return idOf("season %d/tour", season) }

func newSeason(number int, day time.Time, people *cast) *season {
	s := &season{cast: people, number: number, day: day}
	s.makeClubs()
	s.makeTour()
	s.makeOthers()
	for key, c := range map[string]*contest{"tour": s.tour, "league": s.league, "race": s.race, "distance": s.distance,
		"prologue": s.prologue, "night": s.night} {
		c.id, c.TimeZone = idOf("season %d/%s", number, key), zone
		if number > 0 {
			c.Name += fmt.Sprintf(", season %d", number+1)
		}
		for i := range c.stages {
			l := &c.stages[i]
			l.id, l.SegmentID = idOf("season %d/%s/stage %d", number, key, i+1), l.course.segmentID()
		}
	}
	return s
}

func (s *season) makeClubs() {
	women := s.women()
	s.clubs = []society{
		{id: idOf("club/wheelers"), founder: s.organiser, members: append([]*person{s.visitor}, s.riders...),
			Definition: clubs.Definition{Name: "Kestrel Wheelers", Website: "https://wheelers.demo.example",
				Description: "We meet **every Sunday at nine** on the quay of Port Kestrel: one fast group, one that stops for cake."}},
		{id: idOf("club/gannets"), founder: women[0], members: women[1:],
			Definition: clubs.Definition{Name: "Gannet Women's Cycling", Website: "https://gannets.demo.example",
				Description: "Rides, a workshop and a winter league, by women for women. Beginners welcome."}},
		{id: idOf("club/harriers"), founder: s.runners[0], members: s.runners[1:],
			Definition: clubs.Definition{Name: "Harbour Harriers", Description: "Running along the water since the ferry stopped on Tuesdays."}},
	}
}

func (s *season) makeTour() {
	stage := func(kind sport.StageType, over *course, name, text string, w sport.Window) leg {
		return leg{course: over, StageDefinition: challenges.StageDefinition{Type: kind, Name: name, Description: text, Window: w}}
	}
	first := stage(sport.Flat, harbour, "Harbour Straight", "Flat out along the water, from the fish market to the mole. Mind the **cobbles at the end**.", s.from(-10, 20, -2, 20))
	first.results = "What a start: the wind stood in the west all week, and half of the field went faster than ever.\n\nThank you to everybody who *kept left at the ferry ramp*."
	second := stage(sport.Rolling, gannet, "Gannet Bends", "A time trial of a single day over the three bumps behind Gannet Quay.", s.from(-2, 20, -1, 20))
	third := stage(sport.Mountain, kestrel, "Kestrel Hill", "Up from the mill to the mast. The steep part comes **after** the chapel.", s.from(-1, 20, 3, 20))
	mystery := stage(sport.Mountain, beacon, "The Secret Wall", "Nobody knows yet. It is short, and it is not kind.", s.from(3, 20, 7, 20))
	mystery.Hidden = true
	queen := stage(sport.Mountain, highMoor, "High Moor Pass", "The longest climb of the island decides the tour. Mountain points count twice.", s.from(7, 20, 12, 20))
	queen.Adjustment = sport.Queen
	s.tour = &contest{organiser: s.organiser, stages: []leg{first, second, third, mystery, queen},
		entrants: append([]*person{s.visitor}, s.riders[:36]...),
		Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "Tour of the Kestrel Islands", Window: s.from(-10, 20, 12, 20),
			ClubID: s.clubs[0].id, IncludedActivityTypes: rides,
			Description: "Five stages around the island in three weeks. Ride each stage **as often as you like**: your best time counts.\n\n" +
				"- Points for the first ten of every stage\n- One stage is a mystery until it starts\n- The queen stage comes last"}}
}

func (s *season) makeOthers() {
	women := s.women()
	one := func(kind sport.StageType, over *course, name string, w sport.Window) leg {
		return leg{course: over, StageDefinition: challenges.StageDefinition{Type: kind, Name: name, Window: w}}
	}
	double := one(sport.Rolling, gannet, "Gannet Bends", s.from(9, 0, 24, 0))
	double.Adjustment = sport.Double
	s.league = &contest{organiser: women[0], entrants: women[:16], stages: []leg{one(sport.Mountain, lighthouse, "Lighthouse Lane", s.from(-5, 0, 9, 0)), double},
		Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "Lighthouse League", Window: s.from(-5, 0, 24, 0), ClubID: s.clubs[1].id,
			RestrictedToClubMembers: true, AllowPrivateActivities: true, Categories: []sport.Category{sport.Women}, IncludedActivityTypes: rides,
			Description: "Two short stages for members of Gannet Women's Cycling. The second counts double."}}
	s.race = &contest{organiser: s.runners[0], entrants: s.runners, course: millPark,
		Definition: challenges.Definition{Type: sport.RaceChallenge, Name: "Mill Park 5k", Window: s.from(-3, 0, 10, 0), ClubID: s.clubs[2].id,
			IncludedActivityTypes: runs, Goal: &sport.Goal{Value: 5, Units: "kilometres"},
			Description: "Your fastest five kilometres, wherever and whenever you run them."}}
	s.distance = &contest{organiser: s.organiser, entrants: append([]*person{s.visitor}, s.riders[:28]...),
		Definition: challenges.Definition{Type: sport.DistanceChallenge, Name: "Forty a Week", Window: s.from(-12, 0, 16, 0), ClubID: s.clubs[0].id,
			AllowPrivateActivities: true, AccumulateActivities: true, IncludedActivityTypes: append([]sport.ActivityType{sport.VirtualRide}, rides...),
			Goal:        &sport.Goal{Value: 40, Units: "kilometres", Recurrence: sport.Weekly},
			Description: "Forty kilometres each week, for four weeks. Every ride counts, indoors too."}}
	last := one(sport.Mountain, kestrel, "Kestrel Hill", s.from(-2, 8, -2, 20))
	last.results = "One day, one hill, and rain from the side."
	s.prologue = &contest{organiser: s.organiser, entrants: s.riders[4:32], stages: []leg{one(sport.Flat, harbour, "Evening Mile", s.from(-12, 20, -2, 8)), last},
		results: "That was the prologue. **Congratulations to everybody who dared**; see you at the Tour.",
		Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "Quayside Prologue", Window: s.from(-12, 20, -2, 20), ClubID: s.clubs[0].id,
			IncludedActivityTypes: rides, Description: "Two stages to open the season."}}
	s.night = &contest{organiser: s.organiser, entrants: s.riders[:9],
		stages: []leg{one(sport.Mountain, beacon, "Beacon Wall", s.from(14, 18, 15, 0)), one(sport.Mountain, highMoor, "High Moor at Dawn", s.from(15, 0, 15, 12))},
		Definition: challenges.Definition{Type: sport.SegmentChallenge, Name: "Night of the Hills", Window: s.from(14, 18, 15, 12), ClubID: s.clubs[0].id,
			IncludedActivityTypes: rides, Description: "Two climbs in one night. *Lights are a rule, not a recommendation.*"}}
}
