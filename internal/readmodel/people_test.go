package readmodel_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/sport"
)

func TestAthletes(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana María", "Silva-Costa", sport.Female)
	ben := w.athlete(2, "Ben", "Adler", sport.Male)
	cy := w.athlete(3, "Cy", "Adler", sport.Undisclosed)
	w.record(eventstore.StreamName("athlete", ben), athletes.ProfileChanged{AthleteID: ben, Profile: athletes.Profile{FirstName: "Benno",
		LastName: "Adler", Gender: sport.Male, BirthYear: 1990, Town: "Ulm", Country: "DE", Units: sport.Imperial, TimeZone: "UTC",
		Visibility: athletes.Members}},
		athletes.AdminAppointed{AthleteID: ben, Admin: true})
	w.settle()

	got := ok(readmodel.AthleteByID(t.Context(), w.pool, ben))
	expect(t, "profile", got, readmodel.Athlete{ID: ben, FirstName: "Benno", LastName: "Adler", Name: "Benno Adler", Gender: sport.Male,
		BirthYear: 1990, Town: "Ulm", Country: "DE", Units: sport.Imperial, TimeZone: "UTC", Visibility: athletes.Members, Admin: true,
		RegisteredAt: got.RegisteredAt})
	if _, err := readmodel.AthleteByID(t.Context(), w.pool, id("nobody", 1)); !errors.Is(err, readmodel.ErrNoAthlete) {
		t.Errorf("an unknown athlete: %v", err)
	}
	for query, want := range map[string]string{
		"": "Benno Adler, Cy Adler, Ana María Silva-Costa", "adler": "Benno Adler, Cy Adler", "sil an": "Ana María Silva-Costa",
		"maría": "Ana María Silva-Costa", "adler & | ! ' ( :*": "Benno Adler, Cy Adler", "nobody": "",
	} {
		rows, _ := page(readmodel.Athletes(t.Context(), w.pool, readmodel.AthleteFilter{Query: query}))
		expect(t, query, names(rows, func(a readmodel.Athlete) string { return a.Name }), want)
	}
	first, next := page(readmodel.Athletes(t.Context(), w.pool, readmodel.AthleteFilter{Limit: 2}))
	rest, end := page(readmodel.Athletes(t.Context(), w.pool, readmodel.AthleteFilter{Limit: 2, Cursor: next}))
	expect(t, "pages", []int{len(first), len(rest), len(end)}, []int{2, 1, 0})
	if _, _, err := readmodel.Athletes(t.Context(), w.pool, readmodel.AthleteFilter{Cursor: "garbage"}); !errors.Is(err, readmodel.ErrCursor) {
		t.Errorf("a garbled cursor: %v", err)
	}
	expect(t, "names", len(ok(readmodel.People(t.Context(), w.pool, []uuid.UUID{ana, cy, id("nobody", 1)}))), 2)
}

// A picture stands beside a name where everyone may see the profile, and goes with the account.
func TestPictures(t *testing.T) {
	w := newWorld(t)
	ana := w.athlete(1, "Ana", "Silva-Costa", sport.Female)
	stream, club := eventstore.StreamName("athlete", ana), id("club", 1)
	shown := func(want readmodel.Person, own avatars.Ref) {
		t.Helper()
		w.settle()
		expect(t, "beside results", ok(readmodel.People(t.Context(), w.pool, []uuid.UUID{ana}))[ana], want)
		expect(t, "on the profile", ok(readmodel.AthleteByID(t.Context(), w.pool, ana)).Avatar, own)
	}
	w.record(stream, athletes.AvatarChanged{AthleteID: ana, Avatar: "cafe"})
	shown(readmodel.Person{Name: "Ana Silva-Costa", Avatar: "cafe"}, "cafe")
	profile := athletes.Profile{FirstName: "Ana", LastName: "Silva-Costa", TimeZone: "UTC", Visibility: athletes.Members}
	w.record(stream, athletes.ProfileChanged{AthleteID: ana, Profile: profile})
	shown(readmodel.Person{Name: "Ana Silva-Costa"}, "cafe")
	profile.Visibility = athletes.Everyone
	w.record(stream, athletes.ProfileChanged{AthleteID: ana, Profile: profile}, athletes.Deleted{AthleteID: ana})
	shown(readmodel.Person{Name: "Deleted athlete", Deleted: true}, "")

	w.record(eventstore.StreamName("club", club), clubs.Created{ClubID: club, FounderID: ana, Slug: "velo", Definition: clubs.Definition{Name: "Velo"}},
		clubs.AvatarChanged{ClubID: club, Avatar: "beef"})
	w.settle()
	expect(t, "of the club", ok(readmodel.ClubByID(t.Context(), w.pool, actor.Actor{}, club)).Avatar, avatars.Ref("beef"))
}

func TestVisibility(t *testing.T) {
	a := readmodel.Athlete{ID: id("athlete", 1)}
	visitor, other := actor.Actor{}, actor.Athlete(id("athlete", 2))
	tests := []struct {
		visibility athletes.Visibility
		viewer     actor.Actor
		want       bool
	}{
		{athletes.Everyone, visitor, true}, {athletes.Members, visitor, false}, {athletes.Nobody, visitor, false},
		{athletes.Everyone, other, true}, {athletes.Members, other, true}, {athletes.Nobody, other, false},
		{athletes.Nobody, actor.Athlete(a.ID), true}, {athletes.Nobody, actor.Actor{Admin: true}, true},
	}
	for _, tt := range tests {
		a.Visibility = tt.visibility
		if got := a.VisibleTo(tt.viewer); got != tt.want {
			t.Errorf("%s seen by %v: %t", tt.visibility, tt.viewer, got)
		}
	}
}

func TestClubs(t *testing.T) {
	w := newWorld(t)
	ana, ben, cy := w.athlete(1, "Ana", "A", sport.Female), w.athlete(2, "Ben", "B", sport.Male), w.athlete(3, "Cy", "C", sport.Male)
	club := id("club", 1)
	stream := eventstore.StreamName("club", club)
	w.record(stream, clubs.Created{ClubID: club, FounderID: ana, Slug: "hill-riders", Definition: clubs.Definition{Name: "Hill Riders", Private: true}},
		clubs.MemberAdded{ClubID: club, AthleteID: ana}, clubs.AdministratorAppointed{ClubID: club, AthleteID: ana, Administrator: true})
	w.record(stream, clubs.MembershipRequested{ClubID: club, AthleteID: ben}, clubs.MembershipRequested{ClubID: club, AthleteID: cy})
	w.record(stream, clubs.MemberAdded{ClubID: club, AthleteID: ben}, clubs.MembershipDeclined{ClubID: club, AthleteID: cy})
	w.record(stream, clubs.Edited{ClubID: club, Definition: clubs.Definition{Name: "Hill Riders", Website: "https://hills.example", Private: true}})
	w.settle()
	seen := func(viewer actor.Actor) readmodel.Club {
		t.Helper()
		return ok(readmodel.ClubBySlug(t.Context(), w.pool, viewer, "hill-riders"))
	}
	expect(t, "founder", seen(actor.Athlete(ana)).Membership, "administrator")
	expect(t, "member", seen(actor.Athlete(ben)).Membership, "member")
	expect(t, "declined", seen(actor.Athlete(cy)).Membership, "")
	expect(t, "count", seen(actor.Actor{}).MemberCount, 2)
	members, _ := page(readmodel.ClubMembers(t.Context(), w.pool, club, readmodel.ClubMemberFilter{}))
	expect(t, "members", names(members, func(m readmodel.ClubMember) string { return m.Name + " " + m.Role }), "Ana A administrator, Ben B member")

	w.record(stream, clubs.MembershipRequested{ClubID: club, AthleteID: cy}, clubs.MemberRemoved{ClubID: club, AthleteID: ben})
	w.settle()
	expect(t, "count after one left", seen(actor.Actor{}).MemberCount, 1)
	expect(t, "requested", seen(actor.Athlete(cy)).Membership, "requested")
	asking, _ := page(readmodel.ClubMembers(t.Context(), w.pool, club, readmodel.ClubMemberFilter{Status: "requested"}))
	expect(t, "requests", names(asking, func(m readmodel.ClubMember) string { return m.Name }), "Cy C")

	for _, f := range []struct {
		readmodel.ClubFilter
		want int
	}{{readmodel.ClubFilter{}, 1}, {readmodel.ClubFilter{Query: "hil"}, 1}, {readmodel.ClubFilter{Query: "x"}, 0},
		{readmodel.ClubFilter{Member: ana}, 1}, {readmodel.ClubFilter{Member: cy}, 0}, {readmodel.ClubFilter{Administered: ana}, 1},
		{readmodel.ClubFilter{Administered: cy}, 0}} {
		rows, _ := page(readmodel.Clubs(t.Context(), w.pool, f.ClubFilter))
		expect(t, "clubs", len(rows), f.want)
	}
	if _, err := readmodel.ClubByID(t.Context(), w.pool, actor.Actor{}, id("club", 2)); !errors.Is(err, readmodel.ErrNoClub) {
		t.Errorf("an unknown club: %v", err)
	}
}
