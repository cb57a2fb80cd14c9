package notices

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/challenges"
	"segmentchallenge/internal/leaderboards/stageboard"
	"segmentchallenge/internal/sport"
	"segmentchallenge/internal/stages"
)

var (
	noon      = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	challenge = uuid.MustParse("c0000000-0000-0000-0000-000000000001")
	stage     = uuid.MustParse("50000000-0000-0000-0000-000000000001")
	ana       = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	ben       = uuid.MustParse("a0000000-0000-0000-0000-000000000002")
)

func lostPlace(athlete uuid.UUID, lost map[sport.Category]int, at time.Time) Notice {
	return Notice{Kind: athletes.LostPlace, Audience: ToAthlete, AthleteID: athlete, ChallengeID: challenge, StageID: stage,
		Lost: lost, HappenedAt: at, DueAt: at.Add(LostPlaceWait)}
}

func TestOf(t *testing.T) {
	ref := stages.Ref{StageID: stage, ChallengeID: challenge}
	board := stageboard.Ref{StageID: stage, ChallengeID: challenge, Category: sport.Women}
	of := func(kind athletes.Notification, to Audience, stage uuid.UUID, wait time.Duration) []Notice {
		return []Notice{{Kind: kind, Audience: to, ChallengeID: challenge, StageID: stage, HappenedAt: noon, DueAt: noon.Add(wait)}}
	}
	for _, c := range []struct {
		name  string
		event any
		want  []Notice
	}{
		{"created", challenges.Created{ChallengeID: challenge}, of(athletes.HostChallenge, ToOrganiser, uuid.Nil, time.Hour)},
		{"started", stages.Started{Ref: ref}, of(athletes.StageStarted, ToCompetitors, stage, 0)},
		{"ended", stages.Ended{Ref: ref}, of(athletes.ApproveStage, ToOrganiser, stage, 0)},
		{"stage published", stages.Published{Ref: ref}, of(athletes.ResultsPublished, ToCompetitors, stage, 0)},
		{"challenge published", challenges.ResultsPublished{ChallengeID: challenge}, of(athletes.ResultsPublished, ToCompetitors, uuid.Nil, 0)},
		{"two passed", stageboard.Placed{Ref: board, To: 2, Passed: []uuid.UUID{ana, ben}, PassedFrom: []int{2, 3}},
			[]Notice{lostPlace(ana, map[sport.Category]int{sport.Women: 2}, noon), lostPlace(ben, map[sport.Category]int{sport.Women: 3}, noon)}},
		{"far down", stageboard.Placed{Ref: board, To: 100, Passed: []uuid.UUID{ana, ben}, PassedFrom: []int{100, 101}},
			[]Notice{lostPlace(ana, map[sport.Category]int{sport.Women: 100}, noon)}},
		{"nobody passed", stageboard.Placed{Ref: board, To: 1}, nil},
		{"of the first version", stageboard.Placed{Ref: board, To: 2, Passed: []uuid.UUID{ana}}, nil},
		{"something else", stages.Revealed{Ref: ref}, nil},
	} {
		if diff := cmp.Diff(c.want, Of(c.event, noon)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	for _, e := range Events {
		if p, ok := e.(stageboard.Placed); ok {
			p.Passed, p.PassedFrom = []uuid.UUID{ana}, []int{1}
			e = p
		}
		if len(Of(e, noon)) == 0 {
			t.Errorf("%T is listed, and nothing is told of it", e)
		}
	}
}

func TestMerge(t *testing.T) {
	first := lostPlace(ana, map[sport.Category]int{sport.Open: 2}, noon)
	second := lostPlace(ana, map[sport.Category]int{sport.Open: 3, sport.Women: 1}, noon.Add(5*time.Minute))
	want := lostPlace(ana, map[sport.Category]int{sport.Open: 2, sport.Women: 1}, noon)
	if diff := cmp.Diff(want, Merge(first, second)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(first.Lost) != 1 || len(second.Lost) != 2 {
		t.Error("what was merged has changed")
	}
}

// However losses that come within the wait are merged, the first rank and moment are told, and merging one twice changes
// nothing.
func TestMergeKeepsTheFirst(t *testing.T) {
	categories := []sport.Category{sport.Open, sport.Women, sport.Men}
	rapid.Check(t, func(t *rapid.T) {
		var merged Notice
		want := map[sport.Category]int{}
		for i := range rapid.IntRange(1, 8).Draw(t, "losses") {
			category := rapid.SampledFrom(categories).Draw(t, "category")
			rank := rapid.IntRange(1, 10).Draw(t, "rank")
			loss := lostPlace(ana, map[sport.Category]int{category: rank}, noon.Add(time.Duration(i)*time.Minute))
			if _, known := want[category]; !known {
				want[category] = rank
			}
			if i == 0 {
				merged = loss
			}
			merged = Merge(Merge(merged, loss), loss)
		}
		if diff := cmp.Diff(want, merged.Lost); diff != "" || !merged.HappenedAt.Equal(noon) || !merged.DueAt.Equal(noon.Add(LostPlaceWait)) {
			t.Fatalf("%v (-want +got):\n%s", merged, diff)
		}
	})
}

func TestJudge(t *testing.T) {
	of := func(kind athletes.Notification) Notice {
		return Notice{Kind: kind, Audience: ToAthlete, AthleteID: ana, ChallengeID: challenge, StageID: stage, HappenedAt: noon, DueAt: noon}
	}
	lost := lostPlace(ana, map[sport.Category]int{sport.Open: 5, sport.Women: 2}, noon.Add(-LostPlaceWait))
	due := Facts{Wanted: true, Competes: true, Challenge: sport.Active, Stage: sport.Active, StageEnds: noon.Add(time.Hour),
		Places: map[sport.Category]int{sport.Open: 10, sport.Women: 10},
		Ranks:  map[sport.Category]int{sport.Open: 6, sport.Women: 3}}
	with := func(change func(*Facts)) Facts { f := due; change(&f); return f }
	ranks := func(open, women int) Facts {
		return with(func(f *Facts) { f.Ranks = map[sport.Category]int{sport.Open: open, sport.Women: women} })
	}
	for _, c := range []struct {
		name   string
		notice Notice
		facts  Facts
		late   time.Duration
		moves  []Move
		why    Why
	}{
		{"lost twice, the own class first", lost, due, 0, []Move{{sport.Women, 2, 3}, {sport.Open, 5, 6}}, ""},
		{"lost more since", lost, ranks(9, 4), 0, []Move{{sport.Women, 2, 4}, {sport.Open, 5, 9}}, ""},
		{"one won back", lost, ranks(6, 2), 0, []Move{{sport.Open, 5, 6}}, ""},
		{"both won back", lost, ranks(5, 1), 0, nil, NotTrue},
		{"off the boards", lost, ranks(0, 0), 0, nil, NotTrue},
		{"not in the points", lost, with(func(f *Facts) { f.Places = map[sport.Category]int{sport.Open: 1, sport.Women: 1} }), 0, nil, NoPoints},
		{"one in the points", lost, with(func(f *Facts) { f.Places = map[sport.Category]int{sport.Open: 4, sport.Women: 4} }), 0, []Move{{sport.Women, 2, 3}}, ""},
		{"in the points of the own class alone", lost, with(func(f *Facts) { f.Places = map[sport.Category]int{sport.Women: 2} }), 0, []Move{{sport.Women, 2, 3}}, ""},
		{"a preview, or no segment stage", lost, with(func(f *Facts) { f.Places = map[sport.Category]int{sport.Open: 0, sport.Women: 0} }), 0, nil, NoPoints},
		{"the stage has ended", lost, with(func(f *Facts) { f.Stage = sport.Past }), 0, []Move{{sport.Women, 2, 3}, {sport.Open, 5, 6}}, ""},
		{"the stage is gone", lost, with(func(f *Facts) { f.Stage = sport.Deleted }), 0, nil, NotTrue},
		{"has left", lost, with(func(f *Facts) { f.Competes = false }), 0, nil, NotIn},
		{"isn't wanted", lost, with(func(f *Facts) { f.Wanted = false }), 0, nil, Unwanted},
		{"two hours late", lost, due, 2 * time.Hour, []Move{{sport.Women, 2, 3}, {sport.Open, 5, 6}}, ""},
		{"later than that", lost, due, 2*time.Hour + 1, nil, TooOld},

		{"not hosted yet", of(athletes.HostChallenge), with(func(f *Facts) { f.Challenge, f.Competes = sport.Pending, false }), 0, nil, ""},
		{"hosted meanwhile", of(athletes.HostChallenge), with(func(f *Facts) { f.Challenge = sport.Upcoming }), 0, nil, NotTrue},
		{"to be approved", of(athletes.ApproveStage), with(func(f *Facts) { f.Stage, f.Competes = sport.Past, false }), 0, nil, ""},
		{"approved meanwhile", of(athletes.ApproveStage), with(func(f *Facts) { f.Stage = sport.Approved }), 0, nil, NotTrue},
		{"started", of(athletes.StageStarted), due, 0, nil, ""},
		{"started and ended", of(athletes.StageStarted), with(func(f *Facts) { f.Stage = sport.Past }), 0, nil, NotTrue},
		{"entered late, about to end", of(athletes.StageStarted), with(func(f *Facts) { f.StageEnds = noon }), 0, nil, NotTrue},
		{"started, but has left", of(athletes.StageStarted), with(func(f *Facts) { f.Competes = false }), 0, nil, NotIn},
		{"published", of(athletes.ResultsPublished), with(func(f *Facts) { f.Stage = sport.Approved }), 0, nil, ""},
		{"published, too late", of(athletes.ResultsPublished), due, 3 * time.Hour, nil, TooOld},
		{"cancelled", of(athletes.ResultsPublished), with(func(f *Facts) { f.Challenge = sport.Cancelled }), 0, nil, NotTrue},
		{"of an unknown kind", of("newsletter"), due, 0, nil, NotTrue},
	} {
		moves, why := c.notice.Judge(c.facts, noon.Add(c.late))
		if diff := cmp.Diff(c.moves, moves); diff != "" || why != c.why {
			t.Errorf("%s: %q, want %q (-want +got):\n%s", c.name, why, c.why, diff)
		}
	}
}

func TestAgain(t *testing.T) {
	got := ""
	for attempts := range 8 {
		got += fmt.Sprint(Again(attempts), " ")
	}
	if want := "1m0s 1m0s 2m0s 4m0s 8m0s 15m0s 15m0s 15m0s "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := Again(1 << 30); got != 15*time.Minute {
		t.Errorf("after very many attempts %v", got)
	}
}
