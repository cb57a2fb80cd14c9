package activities

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/aggregate/aggregatetest"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

type testCase = aggregatetest.Case[Command, Event]

func runCases(t *testing.T, cases []testCase) { aggregatetest.Run[State](t, cases) }

var (
	rideID   = uuid.MustParse("ac000000-0000-0000-0000-000000000001")
	rider    = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	noon     = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	rideRef  = Ref{rideID, rider}
	theRider = Head{rideID, actor.Athlete(rider), noon}
	program  = Head{rideID, actor.System, noon}
)

func facts(change ...func(*Facts)) Facts {
	f := Facts{AthleteID: rider, Name: "Morning ride", Type: sport.Ride, StartUTC: noon.Add(-4 * time.Hour),
		StartLocal: sport.LocalOf(noon.Add(-2 * time.Hour)), ElapsedMs: 3_600_000, MovingMs: 3_500_000, DistanceM: 30_000, GainM: 400,
		HasTrack: true, Points: 3600, Source: "fit", File: "ride.fit", SHA256: "ab"}
	for _, fn := range change {
		fn(&f)
	}
	return f
}

func TestRecord(t *testing.T) {
	recorded := []Event{Recorded{rideID, facts()}}
	deleted := append(recorded[:1:1], Removed{rideRef})
	other := Head{rideID, actor.Athlete(uuid.MustParse("a0000000-0000-0000-0000-000000000002")), noon}
	anothers := facts(func(f *Facts) { f.AthleteID = other.By.AthleteID })
	runCases(t, []testCase{
		{Name: "one's own", When: Record{theRider, facts()}, Then: recorded},
		{Name: "by the program", When: Record{program, facts()}, Then: recorded},
		{Name: "twice is once", Given: recorded, When: Record{theRider, facts()}},
		{Name: "again after deleting", Given: deleted, When: Record{theRider, facts()}, Then: recorded},
		{Name: "not over another's", Given: recorded, When: Record{other, anothers}, Refused: ErrExists},
		{Name: "not for another", When: Record{other, facts()}, Refused: ErrNotYours},
		{Name: "for another by an administrator", When: Record{Head{rideID, actor.Actor{AthleteID: other.By.AthleteID, Admin: true}, noon}, facts()}, Then: recorded},
		{Name: "not by a visitor", When: Record{Head{ID: rideID}, facts()}, Refused: ErrSignIn},
		{Name: "not for nobody", When: Record{program, facts(func(f *Facts) { f.AthleteID = uuid.Nil })}, Refused: ErrNotYours},
		{Name: "not of an unknown type", When: Record{theRider, facts(func(f *Facts) { f.Type = "Napping" })}, Refused: ErrTypeUnknown},
		{Name: "not without start", When: Record{theRider, facts(func(f *Facts) { f.StartUTC = time.Time{} })}, Refused: ErrStartMissing},
		{Name: "not without local start", When: Record{theRider, facts(func(f *Facts) { f.StartLocal = sport.Local{} })}, Refused: ErrStartMissing},
		{Name: "not in negative time", When: Record{theRider, facts(func(f *Facts) { f.ElapsedMs = -1 })}, Refused: ErrFigures},
		{Name: "not over an infinite distance", When: Record{theRider, facts(func(f *Facts) { f.DistanceM = math.Inf(1) })}, Refused: ErrFigures},
		{Name: "not up what isn't a number", When: Record{theRider, facts(func(f *Facts) { f.GainM = math.NaN() })}, Refused: ErrFigures},
		{Name: "a name as files have them", When: Record{theRider, facts(func(f *Facts) {
			f.Name, f.File, f.Device = " Evening\x00 \x1b[1mride\xff\n", strings.Repeat("é", 300), "\x00\x00"
		})}, Then: []Event{Recorded{rideID, facts(func(f *Facts) {
			f.Name, f.File, f.Device = "Evening [1mride", strings.Repeat("é", sport.MaxName), ""
		})}}},
		{Name: "nameless", When: Record{theRider, facts(func(f *Facts) { f.Name = "\x00" })}, Then: []Event{Recorded{rideID, facts(func(f *Facts) { f.Name = "Ride" })}}},
	})
}

func TestEdit(t *testing.T) {
	recorded := []Event{Recorded{rideID, facts()}}
	edit := func(name string, typ sport.ActivityType, private, commute bool) Edit {
		return Edit{theRider, name, typ, private, commute}
	}
	runCases(t, []testCase{
		{Name: "its name", Given: recorded, When: edit(" Col  and back", sport.Ride, false, false), Then: []Event{Edited{Ref: rideRef, Name: "Col and back", Type: sport.Ride}}},
		{Name: "commute", Given: recorded, When: edit("Morning ride", sport.Ride, false, true), Then: []Event{Edited{Ref: rideRef, Name: "Morning ride", Type: sport.Ride, Commute: true}}},
		{Name: "type: matched again", Given: recorded, When: edit("Morning ride", sport.GravelRide, false, false), Then: []Event{Edited{Ref: rideRef, Name: "Morning ride", Type: sport.GravelRide, Rematch: true}}},
		{Name: "privacy: matched again", Given: recorded, When: edit("Morning ride", sport.Ride, true, false), Then: []Event{Edited{Ref: rideRef, Name: "Morning ride", Type: sport.Ride, Private: true, Rematch: true}}},
		{Name: "the same is nothing", Given: recorded, When: edit("Morning ride", sport.Ride, false, false)},
		{Name: "not nameless", Given: recorded, When: edit(" ", sport.Ride, false, false), Refused: refusal.New("name_missing", "any words")},
		{Name: "not to an unknown type", Given: recorded, When: edit("Morning ride", "Napping", false, false), Refused: ErrTypeUnknown},
		{Name: "not when deleted", Given: append(recorded[:1:1], Removed{rideRef}), When: edit("Other", sport.Ride, false, false), Refused: ErrNotFound},
		{Name: "not what isn't there", When: edit("Other", sport.Ride, false, false), Refused: ErrNotFound},
	})
	guessed := aggregatetest.Fold[State, Command]([]Event{Recorded{rideID, facts(func(f *Facts) { f.TypeGuessed = true })}, Edited{Ref: rideRef, Type: sport.Ride}}...)
	if told := guessed.Evolve(Edited{Ref: rideRef, Type: sport.Run}); !guessed.TypeGuessed || told.TypeGuessed {
		t.Error("a guessed type is one until another is given")
	}
}

func TestDeleteAndNoteMatching(t *testing.T) {
	recorded := []Event{Recorded{rideID, facts()}}
	deleted := append(recorded[:1:1], Removed{rideRef})
	found := []Finding{{StageID: rideID, Traversals: 2, Misses: []Miss{{Code: "hole", Detail: "A hole of 110 m."}}}}
	matched := Matched{rideRef, 3, found}
	runCases(t, []testCase{
		{Name: "delete", Given: recorded, When: Delete{theRider}, Then: []Event{Removed{rideRef}}},
		{Name: "delete twice is once", Given: deleted, When: Delete{theRider}},
		{Name: "delete what isn't there", When: Delete{theRider}, Refused: ErrNotFound},
		{Name: "erase", Given: recorded, When: Erase{program}, Then: []Event{Erased{rideRef}}},
		{Name: "erase twice is once", Given: append(recorded[:1:1], Erased{rideRef}), When: Erase{program}},
		{Name: "erase what was deleted", Given: deleted, When: Erase{program}},
		{Name: "erase what isn't there", When: Erase{program}, Refused: ErrNotFound},
		{Name: "note", Given: recorded, When: NoteMatching{program, 3, found}, Then: []Event{matched}},
		{Name: "note nothing found", Given: recorded, When: NoteMatching{program, 3, nil}, Then: []Event{Matched{Ref: rideRef, Method: 3}}},
		{Name: "note the same again", Given: append(recorded[:1:1], matched), When: NoteMatching{program, 3, found}},
		{Name: "note by a newer engine", Given: append(recorded[:1:1], matched), When: NoteMatching{program, 4, found}, Then: []Event{Matched{rideRef, 4, found}}},
		{Name: "note when deleted", Given: deleted, When: NoteMatching{program, 3, found}},
		{Name: "note what isn't there", When: NoteMatching{program, 3, found}, Refused: ErrNotFound},
	})
}

func TestWhoMay(t *testing.T) {
	recorded := []Event{Recorded{rideID, facts()}}
	stranger := uuid.MustParse("a0000000-0000-0000-0000-000000000002")
	commands := map[string]func(Head) Command{
		"Edit":   func(h Head) Command { return Edit{h, "Other", sport.Run, true, true} },
		"Delete": func(h Head) Command { return Delete{h} },
		"Erase":  func(h Head) Command { return Erase{h} },
		"Note":   func(h Head) Command { return NoteMatching{Head: h, Method: 1} },
	}
	for name, when := range commands {
		for _, c := range []struct {
			who     string
			by      actor.Actor
			refused error
		}{
			{"visitor", actor.Actor{}, ErrSignIn}, {"stranger", actor.Athlete(stranger), ErrNotYours}, {"athlete", actor.Athlete(rider), nil},
			{"club administrator", actor.Actor{AthleteID: stranger, ClubAdmin: true}, ErrNotYours},
			{"administrator", actor.Actor{AthleteID: stranger, Admin: true}, nil}, {"program", actor.System, nil},
		} {
			want := c.refused
			if name == "Note" && want != ErrSignIn && c.who != "program" {
				want = ErrProgramOnly
			}
			if name == "Erase" && want != ErrSignIn && c.who != "program" {
				want = ErrErasing
			}
			got, err := aggregatetest.Fold[State, Command](recorded...).Decide(when(Head{rideID, c.by, noon}))
			if err != want || (want == nil) != (len(got) == 1) {
				t.Errorf("%s by %s: %v, %v; want %v", name, c.who, got, err, want)
			}
		}
	}
}

func TestStoredShapes(t *testing.T) {
	full := facts(func(f *Facts) {
		f.TypeGuessed, f.HeartRate, f.Power, f.Box, f.Device = true, 150, 220, [4]float64{45, 6, 46, 7}, "Edge 530"
		f.Private, f.Commute, f.Trainer = true, true, true
	})
	aggregatetest.Golden(t, Events, []Event{
		Recorded{rideID, full},
		Edited{rideRef, "Col and back", sport.GravelRide, true, true, true},
		Removed{rideRef}, Erased{rideRef},
		Matched{rideRef, 3, []Finding{{rideID, rider, rideID, 2, []Miss{{"hole", "A hole of 110 m.", 45.5, 6.5, 1400}}}}},
	})
}
