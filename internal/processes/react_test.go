package processes_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/competitors"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/dispatch/dispatchtest"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/processes"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

var (
	challenge, stage, second = uuid.New(), uuid.New(), uuid.New()
	athlete, segment         = uuid.New(), uuid.New()
	cause                    = processes.Cause{Position: 42, Time: dispatchtest.At(7, 12)}
	window                   = dispatchtest.Days(1, 10)
	ref                      = competitors.Ref{ChallengeID: challenge, AthleteID: athlete}
	standing                 = competitors.Standing{Value: 600_000, EffortID: uuid.New(), AchievedAt: dispatchtest.At(6, 9), Attempts: 2}
	mixed                    = []sport.Category{sport.Open, sport.Women}
)

func stageHead(id uuid.UUID) stages.Head {
	return stages.Head{ID: id, By: actor.System, Now: cause.Time}
}

func boardHead(stage uuid.UUID, c sport.Category) stageboard.Head {
	return stageboard.Head{ID: stageboard.IDOf(stage, c), By: actor.System, Now: cause.Time}
}

func placed(stage uuid.UUID, c sport.Category) dispatch.Command {
	return stageboard.Place{Head: boardHead(stage, c), AthleteID: athlete, Standing: stageboard.Standing(standing), Seq: cause.Position}
}

func withdrawn(stage uuid.UUID, c sport.Category, reason string) dispatch.Command {
	return stageboard.Withdraw{Head: boardHead(stage, c), AthleteID: athlete, Seq: cause.Position, Reason: reason}
}

func opened(c sport.Category, m sport.Measure, precision int64) dispatch.Command {
	return stageboard.Open{Head: boardHead(stage, c), StageID: stage, ChallengeID: challenge, Category: c, Measure: m, Precision: precision}
}

type reaction struct {
	event eventstore.Event
	want  []dispatch.Command
}

// what follows, for every event that something follows from.
func reactions() map[string]reaction {
	organiser := uuid.New()
	refs := []challenges.StageRef{{StageID: stage, Number: 1, Window: window}, {StageID: second, Number: 2, Window: window}}
	added := challenges.StageAdded{ChallengeID: challenge, OrganiserID: organiser, StageID: stage, Number: 3, Slug: "the-wall",
		StageDefinition: challenges.StageDefinition{Type: sport.Mountain, SegmentID: segment, Name: "The wall", Description: "Steep.",
			Window: window, Adjustment: sport.Queen, Hidden: true}, Categories: mixed, TimeZone: "Europe/Brussels"}
	created := stages.Create{Head: stageHead(stage), Definition: stages.Definition{ChallengeID: challenge, OrganiserID: organiser, Number: 3,
		Slug: "the-wall", Type: sport.Mountain, SegmentID: segment, Name: "The wall", Description: "Steep.", Window: window,
		Adjustment: sport.Queen, Hidden: true, Categories: mixed, TimeZone: "Europe/Brussels"}}
	running, runningCreated := added, created
	running.UnderWay, runningCreated.UnderWay = true, true
	tenths, distance := added, added
	tenths.Tenths = true
	distance.Type, distance.Categories = sport.DistanceStage, []sport.Category{sport.Men}
	distanceCreated := created
	distanceCreated.Type, distanceCreated.Categories = sport.DistanceStage, []sport.Category{sport.Men}
	return withStandings(map[string]reaction{
		"stage added":           {added, []dispatch.Command{created, opened(sport.Open, sport.ElapsedTime, 1000), opened(sport.Women, sport.ElapsedTime, 1000)}},
		"stage added late":      {running, []dispatch.Command{runningCreated, opened(sport.Open, sport.ElapsedTime, 1000), opened(sport.Women, sport.ElapsedTime, 1000)}},
		"stage with tenths":     {tenths, []dispatch.Command{created, opened(sport.Open, sport.ElapsedTime, 100), opened(sport.Women, sport.ElapsedTime, 100)}},
		"stage over a distance": {distance, []dispatch.Command{distanceCreated, opened(sport.Men, sport.Distance, sport.Distance.Precision(false))}},
		"stage moved": {challenges.StageRescheduled{ChallengeID: challenge, StageID: stage, Window: window},
			[]dispatch.Command{stages.Reschedule{Head: stageHead(stage), Window: window}}},
		"stage dropped": {challenges.StageRemoved{ChallengeID: challenge, StageID: stage, Number: 1},
			[]dispatch.Command{stages.Delete{Head: stageHead(stage)}}},
		"challenge started": {challenges.Started{ChallengeID: challenge, Stages: refs, Starting: []uuid.UUID{second}},
			[]dispatch.Command{stages.Start{Head: stageHead(second), WithChallenge: true}}},
		"challenge started before its stages": {challenges.Started{ChallengeID: challenge, Stages: refs}, nil},
		"challenge ended": {challenges.Ended{ChallengeID: challenge, Stages: refs}, []dispatch.Command{
			stages.End{Head: stageHead(stage), WithChallenge: true}, stages.End{Head: stageHead(second), WithChallenge: true}}},
		"challenge cancelled": {challenges.Cancelled{ChallengeID: challenge, Stages: refs}, []dispatch.Command{
			stages.Delete{Head: stageHead(stage), WithChallenge: true}, stages.Delete{Head: stageHead(second), WithChallenge: true}}},
		"stage approved": {stages.Approved{Ref: stages.Ref{StageID: stage, ChallengeID: challenge}, Categories: mixed}, []dispatch.Command{
			stageboard.Finalise{Head: boardHead(stage, sport.Open)}, stageboard.Finalise{Head: boardHead(stage, sport.Women)}}},
		"joined": {competitors.Joined{Ref: ref, Categories: mixed}, []dispatch.Command{competitors.Reclassify{
			Head: competitors.Head{ChallengeID: challenge, AthleteID: athlete, By: actor.System, Now: cause.Time}}}},
		"stage reopened": {stages.Reopened{Ref: stages.Ref{StageID: stage, ChallengeID: challenge}, Categories: mixed},
			[]dispatch.Command{stageboard.Reopen{Head: boardHead(stage, sport.Open)}, stageboard.Reopen{Head: boardHead(stage, sport.Women)}}},
		"standing restated": {competitors.StandingRestated{Ref: ref, StageID: stage, Now: []sport.Category{sport.Open}, Not: []sport.Category{sport.Women}, Standing: &standing},
			[]dispatch.Command{placed(stage, sport.Open), withdrawn(stage, sport.Women, "The category changed.")}},
		"effort accepted": {competitors.EffortAccepted{Ref: ref, StageID: stage, Categories: mixed, Standing: &standing},
			[]dispatch.Command{placed(stage, sport.Open), placed(stage, sport.Women)}},
		"effort removed, others left": {competitors.EffortRemoved{Ref: ref, StageID: stage, Categories: mixed, Standing: &standing, Detail: "Gone."},
			[]dispatch.Command{placed(stage, sport.Open), placed(stage, sport.Women)}},
		"only effort removed": {competitors.EffortRemoved{Ref: ref, StageID: stage, Categories: mixed, Detail: "Gone."},
			[]dispatch.Command{withdrawn(stage, sport.Open, "Gone."), withdrawn(stage, sport.Women, "Gone.")}},
		"effort flagged, others left": {competitors.EffortFlagged{Ref: ref, StageID: stage, Categories: mixed, Standing: &standing, Reason: "Car."},
			[]dispatch.Command{placed(stage, sport.Open), placed(stage, sport.Women)}},
		"only effort flagged": {competitors.EffortFlagged{Ref: ref, StageID: stage, Categories: mixed, Reason: "Car."},
			[]dispatch.Command{withdrawn(stage, sport.Open, "Car."), withdrawn(stage, sport.Women, "Car.")}},
		"reclassified": {competitors.Reclassified{Ref: ref, Gained: []sport.Category{sport.Women}, Lost: []sport.Category{sport.Men},
			Standings: []competitors.StageStanding{{StageID: stage, Standing: standing}, {StageID: second, Standing: standing}}},
			[]dispatch.Command{placed(stage, sport.Women), withdrawn(stage, sport.Men, "The category changed."),
				placed(second, sport.Women), withdrawn(second, sport.Men, "The category changed.")}},
		"reclassified before any effort": {competitors.Reclassified{Ref: ref, Gained: []sport.Category{sport.Women}}, nil},
	})
}

// silent are the events that nothing follows from, whatever they hold.
var silent = []eventstore.Event{
	challenges.Created{}, challenges.Hosted{Stages: []challenges.StageRef{{StageID: stage}}}, challenges.ResultsApproved{}, challenges.ResultsPublished{},
	challenges.Renamed{}, challenges.Described{}, challenges.WindowAdjusted{}, challenges.ActivityTypesAdjusted{Stages: []challenges.StageRef{{StageID: stage}}},
	stages.Created{Definition: stages.Definition{Categories: mixed}}, stages.Rescheduled{}, stages.Described{}, stages.SegmentChanged{},
	stages.PointsAdjusted{}, stages.Revealed{}, stages.Started{}, stages.Ended{}, stages.Published{}, stages.Deleted{},
	competitors.Left{}, competitors.Excluded{}, competitors.Limited{}, competitors.Allowed{}, competitors.EffortRefused{},
	competitors.EffortHeld{}, competitors.EffortRejected{}, stages.HiddenChanged{}, challenges.Reopened{}, stageboard.Reopened{}, challenges.StartYearChanged{}, // the runner answers the last
	stageboard.Opened{}, stageboard.Placed{}, stageboard.Withdrawn{}, stageboard.Reopened{},
}

func TestReact(t *testing.T) {
	for name, r := range reactions() {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(r.want, processes.React(r.event, cause), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
			targets := map[uuid.UUID]bool{}
			for _, cmd := range r.want {
				if targets[cmd.Target()] {
					t.Errorf("two commands are for %v: their order would matter", cmd.Target())
				}
				targets[cmd.Target()] = true
			}
		})
	}
	for _, e := range silent {
		if got := processes.React(e, cause); len(got) != 0 {
			t.Errorf("%T: %+v", e, got)
		}
	}
}

// Every event of the domain is either in the tables above, or of an aggregate that nothing follows from; and those that
// something follows from are just those which the runner asks the log for.
func TestReactKnowsEveryEvent(t *testing.T) {
	answered, known := map[string]bool{}, map[string]bool{}
	for _, r := range reactions() {
		known[r.event.EventType()] = true
		answered[r.event.EventType()] = true
	}
	for _, e := range silent {
		known[e.EventType()] = true
	}
	var all []eventstore.Event
	all = add(add(add(add(all, challenges.Events), stages.Events), competitors.Events), stageboard.Events)
	for _, e := range all {
		if !known[e.EventType()] {
			t.Errorf("nobody says what follows from %s", e.EventType())
		}
	}
	for _, e := range add(add(add(add(nil, athletes.Events), clubs.Events), segments.Events), activities.Events) {
		if got := processes.React(e, cause); got != nil {
			t.Errorf("%s: %+v", e.EventType(), got)
		}
	}
	asked := map[string]bool{}
	for _, e := range processes.Events {
		asked[e.EventType()] = true
	}
	if diff := cmp.Diff(answered, asked); diff != "" {
		t.Errorf("events that something follows from (-) and that the runner asks for (+):\n%s", diff)
	}
}

func add[E eventstore.Event](all []eventstore.Event, more []E) []eventstore.Event {
	for _, e := range more {
		all = append(all, e)
	}
	return all
}

// The same event gives the same command ids at each delivery, and other ids for each command and subscriber.
func TestFollowing(t *testing.T) {
	rec := eventstore.Recorded{ID: uuid.New(), CorrelationID: uuid.New(), Time: time.Now()}
	m := processes.Following(rec, "processes", 1)
	if diff := cmp.Diff(m, processes.Following(rec, "processes", 1)); diff != "" {
		t.Error(diff)
	}
	if m.CorrelationID != rec.CorrelationID || m.CausationID != rec.ID || m.Actor != "system" {
		t.Errorf("%+v", m)
	}
	for _, other := range []eventstore.Meta{processes.Following(rec, "processes", 2), processes.Following(rec, "notify", 1),
		processes.Following(eventstore.Recorded{ID: uuid.New()}, "processes", 1)} {
		if other.CommandID == m.CommandID {
			t.Error("two commands have the same id")
		}
	}
}
