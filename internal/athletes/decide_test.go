package athletes

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
	ana     = uuid.MustParse("a0000000-0000-0000-0000-000000000001")
	ben     = uuid.MustParse("a0000000-0000-0000-0000-000000000002")
	segment = uuid.MustParse("5e000000-0000-0000-0000-000000000001")
	noon    = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	herself = Head{ana, actor.Athlete(ana), noon}
	program = Head{ana, actor.System, noon}
	anAdmin = Head{ana, actor.Actor{AthleteID: ben, Admin: true}, noon}
)

func profile(change ...func(*Profile)) Profile {
	p := Profile{FirstName: "Ana", LastName: "de Smet", Gender: sport.Female, BirthYear: 1990, Town: "Gent", Country: "Belgium",
		Units: sport.Metric, TimeZone: "Europe/Brussels", Visibility: Everyone}
	for _, f := range change {
		f(&p)
	}
	return p
}

func sentinel(code string) error { return refusal.New(code, "any words") }

func TestRegister(t *testing.T) {
	registered := []Event{Registered{ana, profile()}}
	bare := Profile{FirstName: " Ana ", LastName: "de  Smet", Town: " "}
	run(t, []testCase{
		{Name: "by the program", When: Register{program, profile()}, Then: registered},
		{Name: "by herself", When: Register{herself, profile()}, Then: registered},
		{Name: "twice is once", Given: registered, When: Register{program, profile(func(p *Profile) { p.FirstName = "Other" })}},
		{Name: "what is left open", When: Register{program, bare}, Then: []Event{Registered{ana, Profile{FirstName: "Ana", LastName: "de Smet", Units: sport.Metric, TimeZone: "UTC", Visibility: Everyone}}}},
		{Name: "not another", When: Register{Head{ana, actor.Athlete(ben), noon}, profile()}, Refused: ErrNotYourself},
		{Name: "everything wrong at once", When: Register{program, Profile{FirstName: " ", LastName: strings.Repeat("x", 121), Gender: "Q", BirthYear: 1066,
			Town: "a\x00b", Country: strings.Repeat("x", 121), Units: "cubits", TimeZone: "Mars", Visibility: "some"}},
			Refused: errors.Join(sentinel("first_name_missing"), sentinel("last_name_too_long"), sentinel("town_invalid"), sentinel("country_too_long"),
				ErrGender, ErrBirthYear, ErrUnits, ErrZoneUnknown, ErrVisibility)},
	})
}

func TestProfiles(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Profile)
		want   error
	}{
		"five years old":        {func(p *Profile) { p.BirthYear = 2021 }, nil},
		"four":                  {func(p *Profile) { p.BirthYear = 2022 }, ErrBirthYear},
		"120":                   {func(p *Profile) { p.BirthYear = 1906 }, nil},
		"121":                   {func(p *Profile) { p.BirthYear = 1905 }, ErrBirthYear},
		"born in the future":    {func(p *Profile) { p.BirthYear = 2027 }, ErrBirthYear},
		"born before Christ":    {func(p *Profile) { p.BirthYear = -44 }, ErrBirthYear},
		"undisclosed":           {func(p *Profile) { p.Gender, p.BirthYear = "", 0 }, nil},
		"X":                     {func(p *Profile) { p.Gender = sport.NonBinary }, nil},
		"imperial":              {func(p *Profile) { p.Units = sport.Imperial }, nil},
		"the machine's zone":    {func(p *Profile) { p.TimeZone = "Local" }, ErrZoneUnknown},
		"for members":           {func(p *Profile) { p.Visibility = Members }, nil},
		"for nobody":            {func(p *Profile) { p.Visibility = Nobody }, nil},
		"no last name":          {func(p *Profile) { p.LastName = "" }, sentinel("last_name_missing")},
		"letters of any script": {func(p *Profile) { p.FirstName = "Ólafía 雪" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := (State{}).Decide(Register{program, profile(c.change)}); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestChangeProfile(t *testing.T) {
	given := []Event{Registered{ana, profile()}}
	moved := profile(func(p *Profile) { p.Town = "Brugge" })
	older := profile(func(p *Profile) { p.BirthYear = 1970 })
	man := profile(func(p *Profile) { p.Gender = sport.Male })
	run(t, []testCase{
		{Name: "one's own", Given: given, When: ChangeProfile{herself, moved}, Then: []Event{ProfileChanged{AthleteID: ana, Profile: moved}}},
		{Name: "the gender", Given: given, When: ChangeProfile{herself, man}, Then: []Event{ProfileChanged{AthleteID: ana, Profile: man, GenderChanged: true}}},
		{Name: "the year of birth", Given: given, When: ChangeProfile{herself, older}, Then: []Event{ProfileChanged{AthleteID: ana, Profile: older, BirthYearChanged: true}}},
		{Name: "to the same", Given: given, When: ChangeProfile{herself, profile()}},
		{Name: "to nobody", Given: given, When: ChangeProfile{herself, profile(func(p *Profile) { p.FirstName = "" })}, Refused: sentinel("first_name_missing")},
	})
}

func TestChangeAvatar(t *testing.T) {
	given := []Event{Registered{ana, profile()}}
	shown := append(given[:1:1], AvatarChanged{ana, "cafe"})
	run(t, []testCase{
		{Name: "choose", Given: given, When: ChangeAvatar{herself, "cafe"}, Then: shown[1:]},
		{Name: "the same again", Given: shown, When: ChangeAvatar{herself, "cafe"}},
		{Name: "another", Given: shown, When: ChangeAvatar{herself, "beef"}, Then: []Event{AvatarChanged{ana, "beef"}}},
		{Name: "take away", Given: shown, When: ChangeAvatar{herself, ""}, Then: []Event{AvatarChanged{ana, ""}}},
		{Name: "take away what isn't there", Given: given, When: ChangeAvatar{herself, ""}},
		{Name: "after the end", Given: append(shown[:2:2], Deleted{ana}), When: ChangeAvatar{herself, "beef"}, Refused: ErrDeleted},
	})
	if s := aggregatetest.Fold[State, Command](append(shown[:2:2], Deleted{ana}, Erased{ana})...); s.Avatar != "" {
		t.Errorf("%q is left of who was erased", s.Avatar)
	}
}

func TestAppointAdmin(t *testing.T) {
	given := []Event{Registered{ana, profile()}}
	admin := append(given[:1:1], AdminAppointed{ana, true})
	run(t, []testCase{
		{Name: "appoint", Given: given, When: AppointAdmin{anAdmin, true}, Then: []Event{AdminAppointed{ana, true}}},
		{Name: "appoint twice is once", Given: admin, When: AppointAdmin{anAdmin, true}},
		{Name: "dismiss", Given: admin, When: AppointAdmin{anAdmin, false}, Then: []Event{AdminAppointed{ana, false}}},
		{Name: "not herself", Given: given, When: AppointAdmin{herself, true}, Refused: ErrNotAdmin},
		{Name: "an administrator doesn't dismiss herself", Given: admin, When: AppointAdmin{Head{ana, actor.Actor{AthleteID: ana, Admin: true}, noon}, false}, Refused: ErrOwnAppointment},
	})
}

func TestChooseNotifications(t *testing.T) {
	given := []Event{Registered{ana, profile()}}
	two := append(given[:1:1], NotificationsChosen{ana, []Notification{LostPlace, HostChallenge}})
	run(t, []testCase{
		{Name: "off", Given: given, When: ChooseNotifications{Head: herself, Off: []Notification{HostChallenge, LostPlace}}, Then: two[1:]},
		{Name: "all are on at first", Given: given, When: ChooseNotifications{Head: herself, On: Notifications}},
		{Name: "off twice is once", Given: two, When: ChooseNotifications{Head: herself, Off: []Notification{LostPlace}}},
		{Name: "the others stay", Given: two, When: ChooseNotifications{Head: herself, On: []Notification{LostPlace}, Off: []Notification{StageStarted}},
			Then: []Event{NotificationsChosen{ana, []Notification{StageStarted, HostChallenge}}}},
		{Name: "all on again", Given: two, When: ChooseNotifications{Head: herself, On: Notifications}, Then: []Event{NotificationsChosen{ana, []Notification{}}}},
		{Name: "on and off is off", Given: given, When: ChooseNotifications{Head: herself, On: Notifications, Off: []Notification{LostPlace}},
			Then: []Event{NotificationsChosen{ana, []Notification{LostPlace}}}},
		{Name: "unknown", Given: given, When: ChooseNotifications{Head: herself, Off: []Notification{"newsletter"}}, Refused: ErrNotification},
	})
	if s := aggregatetest.Fold[State, Command](two...); s.Wants(LostPlace) || !s.Wants(StageStarted) {
		t.Errorf("lost place %v, stage started %v", s.Wants(LostPlace), s.Wants(StageStarted))
	}
}

func TestStars(t *testing.T) {
	given := []Event{Registered{ana, profile()}}
	starred := append(given[:1:1], SegmentStarred{ana, segment})
	run(t, []testCase{
		{Name: "star", Given: given, When: StarSegment{herself, segment}, Then: []Event{SegmentStarred{ana, segment}}},
		{Name: "star twice is once", Given: starred, When: StarSegment{herself, segment}},
		{Name: "star nothing", Given: given, When: StarSegment{herself, uuid.Nil}, Refused: ErrSegmentMissing},
		{Name: "unstar", Given: starred, When: UnstarSegment{herself, segment}, Then: []Event{SegmentUnstarred{ana, segment}}},
		{Name: "unstar twice is once", Given: append(starred[:2:2], SegmentUnstarred{ana, segment}), When: UnstarSegment{herself, segment}},
	})
}

func TestDelete(t *testing.T) {
	given := []Event{Registered{ana, profile()}, AdminAppointed{ana, true}}
	deleted := append(given[:2:2], Deleted{ana})
	erased := append(deleted[:3:3], Erased{ana})
	run(t, []testCase{
		{Name: "delete", Given: given, When: Delete{herself}, Then: []Event{Deleted{ana}}},
		{Name: "delete twice is once", Given: deleted, When: Delete{herself}},
		{Name: "note", Given: deleted, When: NoteErasure{program}, Then: []Event{Erased{ana}}},
		{Name: "note twice is once", Given: erased, When: NoteErasure{program}},
		{Name: "note too early", Given: given, When: NoteErasure{program}, Refused: ErrNotDeleted},
		{Name: "register again", Given: deleted, When: Register{program, profile()}, Refused: ErrDeleted},
		{Name: "change afterwards", Given: erased, When: ChangeProfile{program, profile()}, Refused: ErrDeleted},
		{Name: "appoint afterwards", Given: erased, When: AppointAdmin{anAdmin, true}, Refused: ErrDeleted},
		{Name: "star afterwards", Given: erased, When: StarSegment{herself, segment}, Refused: ErrDeleted},
	})
	if s := aggregatetest.Fold[State, Command](deleted...); s.Admin {
		t.Error("who is gone administers the site")
	}
}

func TestWhoMay(t *testing.T) {
	commands := map[string]func(Head) Command{
		"ChangeProfile":       func(h Head) Command { return ChangeProfile{h, profile()} },
		"ChangeAvatar":        func(h Head) Command { return ChangeAvatar{h, "cafe"} },
		"AppointAdmin":        func(h Head) Command { return AppointAdmin{h, true} },
		"ChooseNotifications": func(h Head) Command { return ChooseNotifications{Head: h, Off: []Notification{LostPlace}} },
		"Delete":              func(h Head) Command { return Delete{h} },
		"NoteErasure":         func(h Head) Command { return NoteErasure{h} },
		"StarSegment":         func(h Head) Command { return StarSegment{h, segment} },
		"UnstarSegment":       func(h Head) Command { return UnstarSegment{h, segment} },
	}
	for name, when := range commands {
		for who, a := range map[string]actor.Actor{"visitor": {}, "another": actor.Athlete(ben), "club administrator": {AthleteID: ben, ClubAdmin: true},
			"herself": actor.Athlete(ana), "administrator": {AthleteID: ben, Admin: true}, "program": actor.System} {
			var want error
			switch {
			case who == "visitor":
				want = ErrSignIn
			case name == "AppointAdmin" && who != "administrator" && who != "program":
				want = ErrNotAdmin
			case who == "another" || who == "club administrator":
				want = ErrNotYourself
			case name == "NoteErasure" && who != "program":
				want = ErrProgramOnly
			}
			given := []Event{Registered{ana, profile()}}
			if name == "NoteErasure" {
				given = append(given, Deleted{ana})
			}
			if _, err := aggregatetest.Fold[State, Command](given...).Decide(when(Head{ana, a, noon})); err != want {
				t.Errorf("%s by %s: %v, want %v", name, who, err, want)
			}
		}
		run(t, []testCase{{Name: name + " of nobody", When: when(program), Refused: ErrNotFound}})
	}
}

func TestStoredShapes(t *testing.T) {
	aggregatetest.Golden(t, Events, []Event{
		Registered{ana, profile()}, ProfileChanged{ana, profile(), true, true}, AvatarChanged{ana, "cafe"}, AdminAppointed{ana, true},
		NotificationsChosen{ana, []Notification{LostPlace}}, SegmentStarred{ana, segment}, SegmentUnstarred{ana, segment},
		Deleted{ana}, Erased{ana},
	})
}
