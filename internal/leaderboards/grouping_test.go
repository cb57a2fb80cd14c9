package leaderboards

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

func TestParseHandicap(t *testing.T) {
	for typed, want := range map[string]Handicap{
		"": {}, " ": {}, "20": {Seconds: 20 * Whole}, "20 s": {Seconds: 20 * Whole}, "20s": {Seconds: 20 * Whole}, "1:30": {Seconds: 90 * Whole}, "1:00:05,5": {Seconds: 3605500},
		"-0:10": {Seconds: -10 * Whole}, "−10 s": {Seconds: -10 * Whole}, "5%": {Percent: 5 * Whole}, "2,5 %": {Percent: 2500}, "5 % and 10 s": {Percent: 5 * Whole, Seconds: 10 * Whole},
		"5%+1:00": {Percent: 5 * Whole, Seconds: 60 * Whole},
	} {
		if got, err := ParseHandicap(typed); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", typed, got, err, want)
		}
	}
	for _, typed := range []string{"fast", "5 % and 5 %", "10 s and 5 %", "1:99", "5 %%", "1 2", "1.2345 s", "+", "9999999999 s", "5 % and", "1e3"} {
		if got, err := ParseHandicap(typed); !errors.Is(err, ErrHandicapUnreadable) {
			t.Errorf("%q is read as %v, %v", typed, got, err)
		}
	}
}

func FuzzParseHandicap(f *testing.F) {
	for _, seed := range []string{"5 % and 10 s", "1:30", "-2,5 %", "99999:59"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		h, err := ParseHandicap(typed)
		if err != nil {
			return
		}
		if again, err := ParseHandicap(h.String()); err != nil || again != h {
			t.Errorf("%q is %v, written %q, read %v %v", typed, h, h, again, err)
		}
	})
}

var ana, bram = uuid.MustParse("a0000000-0000-0000-0000-000000000001"), uuid.MustParse("b0000000-0000-0000-0000-000000000002")

func grouped() Scheme {
	return Scheme{Groups: []Group{{Kind: Division, Key: "A", Name: "A", Members: []uuid.UUID{ana}}, {Kind: Division, Key: "B", Name: "B"},
		{Kind: Team, Key: "Reds", Name: "Reds", Members: []uuid.UUID{ana, bram}}}, Handicaps: []Handicap{{AthleteID: bram, Seconds: 20 * Whole}},
		Classifications: []Classification{{Key: "A", Name: "Division A", By: ByTimes, Division: "A"}, {Key: "Teams", Name: "Teams", By: ByTimes, Teams: true, TeamSize: 2}}}
}

func TestGrouped(t *testing.T) {
	in := func(id uuid.UUID, division, team string, seconds Amount) Placement {
		return Placement{Handicap{AthleteID: id, Seconds: seconds * Whole}, division, team}
	}
	for _, c := range []struct {
		name   string
		change Grouping
		placed []Placement // since before
		want   *refusal.Error
	}{
		{name: "nothing"},
		{name: "as it is", change: Grouping{Placed: []Placement{in(ana, "A", "Reds", 0), in(bram, "", "Reds", 20)}}},
		{name: "to another division", change: Grouping{Placed: []Placement{in(ana, "B", "Reds", 0)}}, placed: []Placement{in(ana, "B", "Reds", 0)}},
		{name: "out of everything", change: Grouping{Placed: []Placement{in(ana, "", "", 0), in(bram, "", "", 0)}}, placed: []Placement{in(ana, "", "", 0), in(bram, "", "", 0)}},
		{name: "another handicap", change: Grouping{Placed: []Placement{in(bram, "", "Reds", -5)}}, placed: []Placement{in(bram, "", "Reds", -5)}},
		{name: "into a division that isn't there", change: Grouping{Placed: []Placement{in(ana, "C", "", 0)}}, want: at0(ErrDivision, "division", ana)},
		{name: "into a team that isn't there", change: Grouping{Placed: []Placement{in(ana, "", "A", 0)}}, want: at0(ErrTeam, "team", ana)},
		{name: "a handicap of two days", change: Grouping{Placed: []Placement{in(bram, "", "", 200_000)}}, want: at0(ErrHandicaps, "handicap", bram)},
		{name: "a new division", change: Grouping{Named: []Group{{Kind: Division, Name: " C "}}}},
		{name: "of a name that is there", change: Grouping{Named: []Group{{Kind: Division, Name: "a"}}}, want: ErrGroupTwice},
		{name: "without a name", change: Grouping{Named: []Group{{Kind: Team, Name: " "}}}, want: refusal.All(errOf(sport.CleanName("name", " ")))[0]},
		{name: "of another kind", change: Grouping{Named: []Group{{Kind: "gang", Name: "X"}}}, want: ErrGroupKind},
		{name: "renamed", change: Grouping{Named: []Group{{Kind: Team, Key: "Reds", Name: "Blues"}}}},
		{name: "to another's name", change: Grouping{Named: []Group{{Kind: Division, Key: "A", Name: "b"}}}, want: renamed(ErrGroupTwice, Group{Kind: Division, Key: "A"})},
		{name: "that has gone", change: Grouping{Named: []Group{{Kind: Team, Key: "Greys", Name: "Blues"}}}, want: renamed(ErrGroupUnknown, Group{Kind: Team, Key: "Greys"})},
		{name: "dissolved", change: Grouping{Dissolved: []Group{{Kind: Division, Key: "B"}}}},
		{name: "dissolved twice", change: Grouping{Dissolved: []Group{{Kind: Division, Key: "C"}}}, want: ErrGroupUnknown},
		{name: "dissolved while it is ranked", change: Grouping{Dissolved: []Group{{Kind: Division, Key: "A"}}}, want: ErrGroupRanked},
		{name: "the last team dissolved while teams are ranked", change: Grouping{Dissolved: []Group{{Kind: Team, Key: "Reds"}}}, want: ErrGroupRanked},
	} {
		before := grouped()
		after, err := before.Grouped(c.change)
		if diff := cmp.Diff(grouped(), before); diff != "" {
			t.Errorf("%s changes what it was made of:\n%s", c.name, diff)
		}
		if c.want != nil {
			if all := refusal.All(err); len(all) != 1 || !all[0].Is(c.want) || all[0].Field != c.want.Field {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.placed, after.PlacedSince(before)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if _, err := after.Cleaned(Terms{Type: sport.SegmentChallenge, Categories: sport.DefaultCategories}); err != nil {
			t.Errorf("%s can't be kept: %v", c.name, err)
		}
	}
	after, _ := grouped().Grouped(Grouping{Dissolved: []Group{{Kind: Division, Key: "B"}}, Named: []Group{{Kind: Division, Name: "Élite"}, {Kind: Division, Name: "lite!"}, {Kind: Team, Name: "山"}, {Kind: Team, Name: "川"}}})
	var keys []string
	for _, g := range after.Groups {
		keys = append(keys, string(g.Kind)+" "+g.Key)
	}
	if diff := cmp.Diff([]string{"division A", "team Reds", "division lite", "division lite-2", "team team", "team team-2"}, keys); diff != "" {
		t.Error(diff)
	}
}

func at0(e *refusal.Error, field string, id uuid.UUID) *refusal.Error {
	c := *e
	c.Field = field + "." + id.String()
	return &c
}

func errOf[T any](_ T, err error) error { return err }

func TestPlacementWords(t *testing.T) {
	s := grouped()
	s.Groups[0].Name = "First division"
	for id, want := range map[uuid.UUID]string{ana: "First division, Team Reds", bram: "Team Reds, handicap 20 s", {}: ""} {
		if got := s.Placements()[id].Words(s.Groups); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// However groupings follow each other, everybody is where they were put last, and the scheme can be kept.
func TestGroupingsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Scheme{Groups: []Group{{Kind: Division, Key: "A", Name: "A"}, {Kind: Division, Key: "B", Name: "B"}, {Kind: Team, Key: "X", Name: "X"}}}
		want := map[uuid.UUID]Placement{}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			p := Placement{Handicap{AthleteID: uuid.NewSHA1(teamSpace, fmt.Append(nil, rapid.IntRange(1, 5).Draw(t, "who"))), Seconds: Amount(rapid.IntRange(-3, 3).Draw(t, "seconds"))},
				rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "division"), rapid.SampledFrom([]string{"", "X"}).Draw(t, "team")}
			next, err := s.Grouped(Grouping{Placed: []Placement{p}})
			if err != nil {
				t.Fatal(err)
			}
			s = next
			want[p.AthleteID] = p
			if p == (Placement{Handicap: Handicap{AthleteID: p.AthleteID}}) {
				delete(want, p.AthleteID)
			}
		}
		if diff := cmp.Diff(want, s.Placements()); diff != "" {
			t.Fatal(diff)
		}
		if _, err := s.Cleaned(Terms{Type: sport.SegmentChallenge, Categories: sport.DefaultCategories}); err != nil {
			t.Fatal(err)
		}
	})
}
