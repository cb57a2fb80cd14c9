package clubs

import (
	"errors"
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

func run(t *testing.T, cases []testCase) { aggregatetest.Run[State](t, cases) }

var (
	clubID   = uuid.MustParse("b0000000-0000-0000-0000-000000000001")
	founder  = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	ana      = uuid.MustParse("a0000000-0000-0000-0000-000000000002")
	ben      = uuid.MustParse("a0000000-0000-0000-0000-000000000003")
	noon     = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	open     = Definition{Name: "Wheelers", Description: "Sundays.", Website: "https://example.org/wheelers"}
	closed   = Definition{Name: "Wheelers", Private: true}
	created  = Created{clubID, founder, "wheelers", open}
	privates = Created{clubID, founder, "wheelers", closed}
	withAna  = []Event{created, MemberAdded{clubID, ana}}
	askedAna = []Event{privates, MembershipRequested{clubID, ana}}
)

func by(athlete uuid.UUID) Head { return Head{clubID, actor.Athlete(athlete), noon} }

func sentinel(code string) error { return refusal.New(code, "any words") }

func TestCreateAndEdit(t *testing.T) {
	with := func(change func(*Definition)) Definition { d := open; change(&d); return d }
	other := with(func(d *Definition) { d.Name = "Climbers" })
	run(t, []testCase{
		{Name: "create", When: Create{by(founder), "wheelers", open}, Then: []Event{created}},
		{Name: "create twice is once", Given: []Event{created}, When: Create{by(founder), "wheelers", open}},
		{Name: "create over another's", Given: []Event{created}, When: Create{by(ana), "wheelers", open}, Refused: ErrExists},
		{Name: "create without an address", When: Create{by(founder), "", open}, Refused: ErrSlugMissing},
		{Name: "create by a visitor", When: Create{by(uuid.Nil), "wheelers", open}, Refused: ErrSignIn},
		{Name: "create by nobody", When: Create{Head{clubID, actor.System, noon}, "wheelers", open}, Refused: ErrSignIn},
		{Name: "everything wrong at once", When: Create{by(founder), "x", Definition{Description: strings.Repeat("x", sport.MaxText+1), Website: "example.org"}},
			Refused: errors.Join(sentinel("name_missing"), sentinel("description_too_long"), ErrWebsite)},
		{Name: "edit", Given: []Event{created}, When: Edit{by(founder), with(func(d *Definition) { d.Name = " Climbers " })}, Then: []Event{Edited{clubID, other}}},
		{Name: "edit to the same", Given: []Event{created}, When: Edit{by(founder), open}},
		{Name: "edit to a bad name", Given: []Event{created}, When: Edit{by(founder), with(func(d *Definition) { d.Name = "" })}, Refused: sentinel("name_missing")},
	})
	for _, website := range []string{"javascript:alert(1)", "ftp://example.org", "https://", "https://me:secret@example.org", "//example.org", "https://" + strings.Repeat("x", 300), "http://[::1", "https:example.org"} {
		run(t, []testCase{{Name: website, When: Create{by(founder), "x", Definition{Name: "X", Website: website}}, Refused: ErrWebsite}})
	}
}

func TestChangeAvatar(t *testing.T) {
	shown := []Event{created, AvatarChanged{clubID, "cafe"}}
	run(t, []testCase{
		{Name: "choose", Given: []Event{created}, When: ChangeAvatar{by(founder), "cafe"}, Then: shown[1:]},
		{Name: "the same again", Given: shown, When: ChangeAvatar{by(founder), "cafe"}},
		{Name: "another", Given: shown, When: ChangeAvatar{by(founder), "beef"}, Then: []Event{AvatarChanged{clubID, "beef"}}},
		{Name: "take away", Given: shown, When: ChangeAvatar{by(founder), ""}, Then: []Event{AvatarChanged{clubID, ""}}},
		{Name: "take away what isn't there", Given: []Event{created}, When: ChangeAvatar{by(founder), ""}},
	})
}

func TestJoining(t *testing.T) {
	run(t, []testCase{
		{Name: "a public club", Given: []Event{created}, When: Join{by(ana)}, Then: []Event{MemberAdded{clubID, ana}}},
		{Name: "twice is once", Given: withAna, When: Join{by(ana)}},
		{Name: "a private club", Given: []Event{privates}, When: Join{by(ana)}, Then: []Event{MembershipRequested{clubID, ana}}},
		{Name: "asked twice is once", Given: askedAna, When: Join{by(ana)}},
		{Name: "asked again after a no", Given: append(askedAna[:2:2], MembershipDeclined{clubID, ana}), When: Join{by(ana)}, Then: []Event{MembershipRequested{clubID, ana}}},
		{Name: "a yes", Given: askedAna, When: AddMember{by(founder), ana}, Then: []Event{MemberAdded{clubID, ana}}},
		{Name: "a yes unasked", Given: []Event{privates}, When: AddMember{by(founder), ana}, Then: []Event{MemberAdded{clubID, ana}}},
		{Name: "a second yes", Given: withAna, When: AddMember{by(founder), ana}},
		{Name: "a yes to nobody", Given: withAna, When: AddMember{by(founder), uuid.Nil}, Refused: ErrAthleteMissing},
		{Name: "a no", Given: askedAna, When: DeclineMember{by(founder), ana}, Then: []Event{MembershipDeclined{clubID, ana}}},
		{Name: "a no unasked", Given: withAna, When: DeclineMember{by(founder), ben}, Refused: ErrNoRequest},
		{Name: "not by nobody", Given: []Event{created}, When: Join{Head{clubID, actor.System, noon}}, Refused: ErrSignIn},
	})
}

func TestLeavingAndAdministering(t *testing.T) {
	two := append(withAna[:2:2], AdministratorAppointed{clubID, ana, true})
	run(t, []testCase{
		{Name: "leave", Given: withAna, When: RemoveMember{by(ana), ana}, Then: []Event{MemberRemoved{clubID, ana}}},
		{Name: "take a request back", Given: askedAna, When: RemoveMember{by(ana), ana}, Then: []Event{MembershipDeclined{clubID, ana}}},
		{Name: "throw out", Given: withAna, When: RemoveMember{by(founder), ana}, Then: []Event{MemberRemoved{clubID, ana}}},
		{Name: "not a stranger", Given: withAna, When: RemoveMember{by(founder), ben}, Refused: ErrNotMember},
		{Name: "not the last administrator", Given: withAna, When: RemoveMember{by(founder), founder}, Refused: ErrLastAdministrator},
		{Name: "the last but one", Given: two, When: RemoveMember{by(founder), founder}, Then: []Event{MemberRemoved{clubID, founder}}},
		{Name: "an administrator who left is none", Given: append(two[:3:3], MemberRemoved{clubID, founder}), When: Edit{by(founder), closed}, Refused: ErrNotAdministrator},
		{Name: "appoint", Given: withAna, When: AppointAdministrator{by(founder), ana, true}, Then: []Event{AdministratorAppointed{clubID, ana, true}}},
		{Name: "appoint twice is once", Given: two, When: AppointAdministrator{by(founder), ana, true}},
		{Name: "not a stranger as administrator", Given: withAna, When: AppointAdministrator{by(founder), ben, true}, Refused: ErrNotMember},
		{Name: "dismiss", Given: two, When: AppointAdministrator{by(ana), founder, false}, Then: []Event{AdministratorAppointed{clubID, founder, false}}},
		{Name: "dismiss a plain member", Given: withAna, When: AppointAdministrator{by(founder), ana, false}},
		{Name: "not the last one", Given: withAna, When: AppointAdministrator{by(founder), founder, false}, Refused: ErrLastAdministrator},
	})
	s := aggregatetest.Fold[State, Command](append(two[:3:3], AdministratorAppointed{clubID, ana, false})...)
	if s.IsAdministrator(ana) || !s.IsMember(ana) || s.Members() != 2 {
		t.Errorf("dismissed, ana is administrator %v, member %v of %d", s.IsAdministrator(ana), s.IsMember(ana), s.Members())
	}
}

func TestWhoMay(t *testing.T) {
	commands := map[string]struct {
		when func(Head) Command
		all  bool // everybody signed in
	}{
		"Edit":                 {func(h Head) Command { return Edit{h, closed} }, false},
		"ChangeAvatar":         {func(h Head) Command { return ChangeAvatar{h, "cafe"} }, false},
		"Join":                 {func(h Head) Command { return Join{h} }, true},
		"AddMember":            {func(h Head) Command { return AddMember{h, ben} }, false},
		"DeclineMember":        {func(h Head) Command { return DeclineMember{h, uuid.UUID{1}} }, false},
		"RemoveMember":         {func(h Head) Command { return RemoveMember{h, ana} }, false},
		"AppointAdministrator": {func(h Head) Command { return AppointAdministrator{h, ana, true} }, false},
	}
	given := append(withAna[:2:2], MembershipRequested{clubID, uuid.UUID{1}})
	for name, c := range commands {
		for who, a := range map[string]actor.Actor{"visitor": {}, "athlete": actor.Athlete(ben), "administrator": actor.Athlete(founder),
			"site administrator": {AthleteID: ben, Admin: true}, "another club's administrator": {AthleteID: ben, ClubAdmin: true}, "program": actor.System} {
			var want error
			switch {
			case who == "visitor" || name == "Join" && who == "program":
				want = ErrSignIn
			case !c.all && (who == "athlete" || who == "another club's administrator"):
				want = ErrNotAdministrator
			}
			if _, err := aggregatetest.Fold[State, Command](given...).Decide(c.when(Head{clubID, a, noon})); err != want {
				t.Errorf("%s by %s: %v, want %v", name, who, err, want)
			}
		}
		run(t, []testCase{{Name: name + " of nothing", When: c.when(Head{clubID, actor.Actor{AthleteID: ben, Admin: true}, noon}), Refused: ErrNotFound}})
	}
}

func TestStoredShapes(t *testing.T) {
	full := open
	full.Private = true
	aggregatetest.Golden(t, Events, []Event{
		Created{clubID, founder, "wheelers", full}, Edited{clubID, full}, AvatarChanged{clubID, "cafe"}, MembershipRequested{clubID, ana}, MembershipDeclined{clubID, ana},
		MemberAdded{clubID, ana}, MemberRemoved{clubID, ana}, AdministratorAppointed{clubID, ana, true},
	})
}
