package readmodel_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

func TestChallengeLife(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana", "A", sport.Female)
	c := w.challenge(1, ana, "Spring tour", func(e *challenges.Created) {
		e.Goal = &sport.Goal{Value: 500, Units: "kilometres", Recurrence: sport.Monthly}
	})
	see := func() readmodel.Challenge {
		t.Helper()
		w.settle()
		return ok(readmodel.ChallengeBySlug(t.Context(), w.pool, actor.Actor{}, "challenge-1"))
	}
	got := see()
	expect(t, "created", got, readmodel.Challenge{ID: c, Slug: "challenge-1", Type: sport.SegmentChallenge, Name: "Spring tour",
		Description: "Up *and* down.", Status: sport.Pending, StartLocal: local("2026-05-01"), EndLocal: local("2026-05-31T23:59:59"),
		TimeZone: "Europe/Berlin", StartAt: got.StartAt, EndAt: got.EndAt, OrganiserID: ana, OrganiserName: "Ana A",
		IncludedActivityTypes: []sport.ActivityType{sport.Ride}, Goal: &sport.Goal{Value: 500, Units: "kilometres", Recurrence: sport.Monthly},
		Categories: sport.DefaultCategories, CreatedAt: got.CreatedAt, Version: got.Version})
	expect(t, "start as a moment", got.StartAt.UTC(), time.Date(2026, 4, 30, 22, 0, 0, 0, time.UTC))

	stage := w.stage(c, 1, w.segment(1, ana, "Col", 46, 7), nil)
	w.host(c, stage)
	expect(t, "hosted", see().Status, sport.Upcoming)
	stream := eventstore.StreamName("challenge", c)
	w.record(stream, challenges.Renamed{ChallengeID: c, Name: "Spring Tour 2026", Slug: "challenge-1"},
		challenges.Described{ChallengeID: c, Description: "Down."},
		challenges.ActivityTypesAdjusted{ChallengeID: c},
		challenges.WindowAdjusted{ChallengeID: c, Window: window("2026-05-02T00:00:00", "2026-06-01T00:00:00")})
	got = see()
	expect(t, "edited", []any{got.Name, got.Description, len(got.IncludedActivityTypes), got.EndLocal, got.EndAt.UTC()},
		[]any{"Spring Tour 2026", "Down.", 0, local("2026-06-01"), time.Date(2026, 5, 31, 22, 0, 0, 0, time.UTC)})
	w.run(c, stage)
	expect(t, "started", see().Status, sport.Active)
	w.record(stream, challenges.Ended{ChallengeID: c, Early: true, Window: window("2026-05-01", "2026-05-03T10:00:00")})
	got = see()
	expect(t, "ended", []any{got.Status, got.EndLocal, got.EndedAt != nil}, []any{sport.Past, local("2026-05-03T10:00:00"), true})
	w.record(eventstore.StreamName("stage", stage), stages.Ended{Ref: stages.Ref{StageID: stage, ChallengeID: c}, Window: window("2026-05-01", "2026-05-03T10:00:00")},
		stages.Approved{Ref: stages.Ref{StageID: stage, ChallengeID: c}, Number: 1, Message: "Well ridden."})
	w.record(stream, challenges.ResultsApproved{ChallengeID: c}, challenges.ResultsPublished{ChallengeID: c, Message: "Thanks!"})
	got = see()
	expect(t, "approved", []any{got.Status, got.ResultsMessage, got.StageCount, got.StagesOver}, []any{sport.Approved, "Thanks!", 1, 1})
	s := ok(readmodel.StageBySlug(t.Context(), w.pool, actor.Actor{}, c, "stage-1"))
	expect(t, "stage", []any{s.Status, s.ResultsMessage, s.EndLocal}, []any{sport.Approved, "Well ridden.", local("2026-05-03T10:00:00")})
	for _, slug := range []string{"nowhere", "", "a\x00b", "\xff"} {
		if _, err := readmodel.ChallengeBySlug(t.Context(), w.pool, actor.Actor{}, slug); !errors.Is(err, readmodel.ErrNoChallenge) {
			t.Errorf("an unknown challenge %q: %v", slug, err)
		}
	}
}

func TestChallengeLists(t *testing.T) {
	w := newWorld(t)
	ana, ben, cy := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male), w.athlete(3, "Cy", "C", sport.Male)
	club := id("club", 1)
	w.record(eventstore.StreamName("club", club), clubs.Created{ClubID: club, FounderID: cy, Slug: "hill-riders", Definition: clubs.Definition{Name: "Hill Riders"}})
	from := func(day string) func(*challenges.Created) {
		return func(e *challenges.Created) { e.Window = window(day, "2026-06-30") }
	}
	open1, open2 := w.challenge(1, ana, "Open one", from("2026-05-01")), w.challenge(2, ana, "Open two", from("2026-05-03"))
	hidden := w.challenge(3, ana, "Unlisted", func(e *challenges.Created) { e.Private, e.Window = true, window("2026-05-02", "2026-06-30") })
	ofClub := w.challenge(4, ana, "Club run", func(e *challenges.Created) {
		e.ClubID, e.Type, e.Window, e.IncludedActivityTypes = club, sport.DistanceChallenge, window("2026-05-04", "2026-06-30"), nil
	})
	w.challenge(5, ana, "A draft", from("2026-05-05"))
	for _, c := range []uuid.UUID{open1, open2, hidden, ofClub} {
		w.host(c)
	}
	w.record(eventstore.StreamName("challenge", open2), challenges.Started{ChallengeID: open2, Window: window("2026-05-03", "2026-06-30")})
	w.join(open1, ben, sport.Male)
	w.join(hidden, ben, sport.Male)
	w.settle()
	visitor := actor.Actor{}
	for name, tt := range map[string]struct {
		f    readmodel.ChallengeFilter
		want string
	}{
		"visitor":                       {readmodel.ChallengeFilter{Viewer: visitor}, "Club run, Open two, Open one"},
		"soonest first":                 {readmodel.ChallengeFilter{Viewer: visitor, SoonestFirst: true}, "Open one, Open two, Club run"},
		"competitor":                    {readmodel.ChallengeFilter{Viewer: actor.Athlete(ben)}, "Club run, Open two, Unlisted, Open one"},
		"own":                           {readmodel.ChallengeFilter{Viewer: actor.Athlete(ben), Mine: true}, "Unlisted, Open one"},
		"organiser":                     {readmodel.ChallengeFilter{Viewer: actor.Athlete(ana)}, "A draft, Club run, Open two, Unlisted, Open one"},
		"site admin":                    {readmodel.ChallengeFilter{Viewer: actor.Actor{Admin: true}}, "A draft, Club run, Open two, Unlisted, Open one"},
		"status":                        {readmodel.ChallengeFilter{Statuses: []sport.Status{sport.Active}}, "Open two"},
		"statuses":                      {readmodel.ChallengeFilter{Statuses: []sport.Status{sport.Active, sport.Upcoming}}, "Club run, Open two, Open one"},
		"type":                          {readmodel.ChallengeFilter{Type: sport.DistanceChallenge}, "Club run"},
		"activity type":                 {readmodel.ChallengeFilter{ActivityType: sport.Run}, "Club run"},
		"activity type2":                {readmodel.ChallengeFilter{ActivityType: sport.Ride}, "Club run, Open two, Open one"},
		"club":                          {readmodel.ChallengeFilter{ClubID: club}, "Club run"},
		"words":                         {readmodel.ChallengeFilter{Query: "open"}, "Open two, Open one"},
		"of a competitor, for visitors": {readmodel.ChallengeFilter{Competitor: ben}, "Open one"},
		"of an organiser":               {readmodel.ChallengeFilter{Organiser: ben}, ""},
	} {
		rows, _ := page(readmodel.Challenges(t.Context(), w.pool, tt.f))
		expect(t, name, names(rows, func(c readmodel.Challenge) string { return c.Name }), tt.want)
		var paged []readmodel.Challenge // the same in pages of one
		for next := "-"; next != ""; {
			f := tt.f
			f.Limit, f.Cursor = 1, ""
			if next != "-" {
				f.Cursor = next
			}
			var rows []readmodel.Challenge
			rows, next = page(readmodel.Challenges(t.Context(), w.pool, f))
			paged = append(paged, rows...)
		}
		expect(t, name+", paged", names(paged, func(c readmodel.Challenge) string { return c.Name }), tt.want)
	}
	mayRun := func(viewer uuid.UUID, challenge uuid.UUID) bool {
		return ok(readmodel.ChallengeByID(t.Context(), w.pool, actor.Athlete(viewer), challenge)).MayRun
	}
	expect(t, "who may run what", []bool{mayRun(ana, ofClub), mayRun(cy, ofClub), mayRun(cy, open1), mayRun(ben, ofClub)},
		[]bool{true, true, false, false})
	of := ok(readmodel.ChallengeByID(t.Context(), w.pool, actor.Athlete(cy), ofClub))
	expect(t, "club", []any{of.ClubID, of.ClubName, of.ClubSlug, of.ClubMember}, []any{club, "Hill Riders", "hill-riders", true})
	expect(t, "the club's challenges", ok(readmodel.ClubByID(t.Context(), w.pool, visitor, club)).ChallengeCount, 1)

	home := ok(readmodel.Home(t.Context(), w.pool, visitor, 10))
	name := func(c readmodel.Challenge) string { return c.Name }
	expect(t, "home", []string{names(home.Running, name), names(home.Next, name), names(home.Past, name)},
		[]string{"Open two", "Open one, Club run", ""})
}

func TestCompetitors(t *testing.T) {
	w := newWorld(t)
	ana, ben, cy, dan := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male), w.athlete(3, "Cy", "C", sport.Undisclosed), w.athlete(4, "Dan", "D", sport.Male)
	c := w.challenge(1, ana, "Tour", nil)
	w.host(c)
	ref := func(a uuid.UUID) competitors.Ref { return competitors.Ref{ChallengeID: c, AthleteID: a} }
	for _, a := range []uuid.UUID{ana, ben, cy} {
		w.join(c, a, map[uuid.UUID]sport.Gender{ana: sport.Female, ben: sport.Male}[a])
	}
	w.record(competitorStream(c, ben), competitors.Left{Ref: ref(ben)})
	w.record(competitorStream(c, cy), competitors.Limited{Ref: ref(cy), Reason: "motor"})
	w.record(competitorStream(c, dan), competitors.Excluded{Ref: ref(dan), Reason: "car"})
	w.settle()
	list := func(f readmodel.CompetitorFilter) string {
		rows, _ := page(readmodel.Competitors(t.Context(), w.pool, c, f))
		return names(rows, func(k readmodel.Competitor) string {
			return k.Name + " " + string(k.Category) + " " + k.Status + " " + k.Reason
		})
	}
	count := func() int {
		return ok(readmodel.ChallengeByID(t.Context(), w.pool, actor.Actor{}, c)).CompetitorCount
	}
	expect(t, "list", list(readmodel.CompetitorFilter{}), "Ana A Women joined , Cy C Open joined motor, Dan D Open excluded car")
	expect(t, "joined", list(readmodel.CompetitorFilter{Joined: true}), "Ana A Women joined , Cy C Open joined motor")
	expect(t, "by name", list(readmodel.CompetitorFilter{Query: "ana"}), "Ana A Women joined ")
	expect(t, "count", count(), 2)

	// Everything at once, in one batch of the projection perhaps: the count follows each change.
	w.record(competitorStream(c, ben), competitors.Joined{Ref: ref(ben), Gender: sport.Male, Categories: []sport.Category{sport.Open, sport.Men}},
		competitors.Left{Ref: ref(ben)}, competitors.Joined{Ref: ref(ben), Gender: sport.Male, Categories: []sport.Category{sport.Open, sport.Men}})
	w.record(competitorStream(c, ana), competitors.Left{Ref: ref(ana)}, competitors.Excluded{Ref: ref(ana), Reason: "late"},
		competitors.Left{Ref: ref(ana)}) // it's no leaving to be thrown out
	w.record(competitorStream(c, cy), competitors.Allowed{Ref: ref(cy)}, competitors.Reclassified{Ref: ref(cy), Gender: sport.Male,
		Now: []sport.Category{sport.Open, sport.Men}})
	w.record(competitorStream(c, dan), competitors.Allowed{Ref: ref(dan)})
	w.settle()
	expect(t, "list", list(readmodel.CompetitorFilter{}), "Ana A Women excluded late, Cy C Men joined , Ben B Men joined ")
	expect(t, "count", count(), 2)
	expect(t, "ids", ok(readmodel.CompetitorsOf(t.Context(), w.pool, c)), []uuid.UUID{cy, ben})
	expect(t, "challenges of an athlete", [][]uuid.UUID{ok(readmodel.ChallengesOf(t.Context(), w.pool, ben)), ok(readmodel.ChallengesOf(t.Context(), w.pool, ana))},
		[][]uuid.UUID{{c}, nil})
	k, found, err := readmodel.CompetitorOf(t.Context(), w.pool, c, dan)
	expect(t, "one", []any{k.Status, k.Excluded, found, err}, []any{"left", false, true, nil})
	_, found, err = readmodel.CompetitorOf(t.Context(), w.pool, c, id("athlete", 9))
	expect(t, "none", []any{found, err}, []any{false, nil})
	mine := ok(readmodel.ChallengeByID(t.Context(), w.pool, actor.Athlete(ana), c))
	expect(t, "own standing", []any{mine.Joined, mine.Standing, mine.Reason}, []any{false, "excluded", "late"})
}

func TestStages(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana", "A", sport.Female)
	c := w.challenge(1, ana, "Tour", nil)
	col, wall := w.segment(1, ana, "Col", 46, 7), w.segment(2, ana, "Wall", 47, 7)
	first := w.stage(c, 1, col, func(d *stages.Definition) { d.Adjustment = sport.Queen })
	second := w.stage(c, 2, col, nil)
	third := w.stage(c, 3, col, nil)
	ref := stages.Ref{StageID: second, ChallengeID: c}
	w.record(eventstore.StreamName("stage", second), stages.Described{Ref: ref, Name: "Over the wall", Description: "d", Type: sport.Flat},
		stages.SegmentChanged{Ref: ref, SegmentID: wall, Status: sport.Upcoming}, stages.PointsAdjusted{Ref: ref, Adjustment: sport.Preview},
		stages.Rescheduled{Ref: ref, Window: window("2026-05-10", "2026-05-12")})
	w.record(eventstore.StreamName("challenge", c), challenges.StageRescheduled{ChallengeID: c, StageID: first, Window: window("2026-05-01", "2026-05-09")},
		challenges.StageRemoved{ChallengeID: c, StageID: third, Number: 3})
	w.record(eventstore.StreamName("stage", third), stages.Deleted{Ref: stages.Ref{StageID: third, ChallengeID: c}})
	w.settle()
	all := ok(readmodel.Stages(t.Context(), w.pool, actor.Actor{}, c))
	expect(t, "stages", names(all, func(s readmodel.Stage) string { return s.Name }), "Stage 1, Over the wall")
	s1, s2 := all[0], all[1]
	expect(t, "first", []any{s1.ID, s1.Number, s1.Adjustment, s1.EndLocal, s1.SegmentName, s1.Measure(), s1.Status, s1.ChallengeSlug},
		[]any{first, 1, sport.Queen, local("2026-05-09"), "Col", sport.ElapsedTime, sport.Upcoming, "challenge-1"})
	expect(t, "second", []any{s2.ID, s2.Type, s2.Adjustment, s2.SegmentID, s2.SegmentName, s2.StartAt.UTC()},
		[]any{second, sport.Flat, sport.Preview, wall, "Wall", time.Date(2026, 5, 9, 22, 0, 0, 0, time.UTC)})
	if _, err := readmodel.StageBySlug(t.Context(), w.pool, actor.Actor{}, c, "stage-3"); !errors.Is(err, readmodel.ErrNoStage) {
		t.Errorf("a removed stage: %v", err)
	}
	// A cancelled challenge still tells what its stages were.
	w.record(eventstore.StreamName("challenge", c), challenges.Cancelled{ChallengeID: c})
	w.record(eventstore.StreamName("stage", first), stages.Deleted{Ref: stages.Ref{StageID: first, ChallengeID: c}})
	w.settle()
	expect(t, "cancelled", ok(readmodel.StageByID(t.Context(), w.pool, actor.Actor{}, first)).Status, sport.Deleted)
}
