package athletes

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if err := s.admit(c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case Register:
		return s.register(c)
	case ChangeProfile:
		return s.changeProfile(c)
	case ChangeAvatar:
		return s.changeAvatar(c.Avatar)
	case AppointAdmin:
		return s.appointAdmin(c)
	case ChooseNotifications:
		return s.choose(c)
	case StarSegment:
		return s.star(c.SegmentID)
	case UnstarSegment:
		return s.unstar(c.SegmentID)
	case Delete:
		return s.delete()
	case NoteErasure:
		return s.noteErasure()
	}
	return nil, nil
}

// admit says who may ask: the athlete and the site's administrators; appointing is for administrators alone.
func (s State) admit(c Command) error {
	by := c.Actor()
	_, registering := c.(Register)
	_, appointing := c.(AppointAdmin)
	_, deleting := c.(Delete)
	_, noting := c.(NoteErasure)
	runs := by.System || by.Admin
	switch {
	case !by.SignedIn():
		return ErrSignIn
	case appointing && !runs:
		return ErrNotAdmin
	case !runs && !by.Is(c.Target()):
		return ErrNotYourself
	case noting && !by.System:
		return ErrProgramOnly
	case !registering && !s.Exists:
		return ErrNotFound
	case s.Deleted && !deleting && !noting:
		return ErrDeleted
	}
	return nil
}

func (s State) register(c Register) ([]Event, error) {
	if s.Exists {
		return nil, nil
	}
	profile, err := c.Profile.cleaned(c.Now)
	if err != nil {
		return nil, err
	}
	return []Event{Registered{c.ID, profile}}, nil
}

func (s State) changeProfile(c ChangeProfile) ([]Event, error) {
	profile, err := c.Profile.cleaned(c.Now)
	if err != nil || profile == s.Profile {
		return nil, err
	}
	return []Event{ProfileChanged{AthleteID: s.ID, Profile: profile, GenderChanged: profile.Gender != s.Profile.Gender,
		BirthYearChanged: profile.BirthYear != s.Profile.BirthYear}}, nil
}

func (s State) changeAvatar(hash string) ([]Event, error) {
	if hash == s.Avatar {
		return nil, nil
	}
	return []Event{AvatarChanged{s.ID, hash}}, nil
}

// oldest is the greatest age of an athlete in years, youngest the least.
const (
	oldest   = 120
	youngest = 5
)

// cleaned returns the profile as it is kept, or everything that is wrong with it. What is left open gets its default.
func (p Profile) cleaned(now time.Time) (Profile, error) {
	var bad []error
	check := func(ok bool, err error) {
		if !ok {
			bad = append(bad, err)
		}
	}
	for _, name := range []struct {
		field string
		value *string
		must  bool
	}{{"firstName", &p.FirstName, true}, {"lastName", &p.LastName, true}, {"town", &p.Town, false}, {"country", &p.Country, false}} {
		clean, err := sport.CleanName(name.field, *name.value)
		if clean == "" && !name.must && isBlank(*name.value) {
			err = nil
		}
		check(err == nil, err)
		*name.value = clean
	}
	p.Units, p.Visibility = cmp.Or(p.Units, sport.Metric), cmp.Or(p.Visibility, Everyone)
	p.TimeZone = cmp.Or(p.TimeZone, "UTC")
	age := now.Year() - p.BirthYear
	check(p.Gender.Valid(), ErrGender)
	check(p.BirthYear == 0 || age >= youngest && age <= oldest, ErrBirthYear)
	check(p.Units == sport.Metric || p.Units == sport.Imperial, ErrUnits)
	check(zoneExists(p.TimeZone), ErrZoneUnknown)
	check(slices.Contains([]Visibility{Everyone, Members, Nobody}, p.Visibility), ErrVisibility)
	return p, errors.Join(bad...)
}

// appointAdmin makes an administrator. Nobody dismisses themselves, so that one is left.
func (s State) appointAdmin(c AppointAdmin) ([]Event, error) {
	switch {
	case s.Admin == c.Admin:
		return nil, nil
	case !c.Admin && c.By.Is(s.ID):
		return nil, ErrOwnAppointment
	}
	return []Event{AdminAppointed{s.ID, c.Admin}}, nil
}

func (s State) choose(c ChooseNotifications) ([]Event, error) {
	for _, n := range slices.Concat(c.On, c.Off) {
		if !slices.Contains(Notifications, n) {
			return nil, ErrNotification
		}
	}
	off := []Notification{}
	for _, n := range Notifications {
		if slices.Contains(c.Off, n) || !s.Wants(n) && !slices.Contains(c.On, n) {
			off = append(off, n)
		}
	}
	if slices.Equal(off, s.off) {
		return nil, nil
	}
	return []Event{NotificationsChosen{s.ID, off}}, nil
}

func (s State) star(segment uuid.UUID) ([]Event, error) {
	switch {
	case segment == uuid.Nil:
		return nil, ErrSegmentMissing
	case s.Starred(segment):
		return nil, nil
	}
	return []Event{SegmentStarred{s.ID, segment}}, nil
}

func (s State) unstar(segment uuid.UUID) ([]Event, error) {
	if !s.Starred(segment) {
		return nil, nil
	}
	return []Event{SegmentUnstarred{s.ID, segment}}, nil
}

func (s State) delete() ([]Event, error) {
	if s.Deleted {
		return nil, nil
	}
	return []Event{Deleted{s.ID}}, nil
}

func (s State) noteErasure() ([]Event, error) {
	switch {
	case !s.Deleted:
		return nil, ErrNotDeleted
	case s.Erased:
		return nil, nil
	}
	return []Event{Erased{s.ID}}, nil
}

// zoneExists doesn't take "Local", by which LoadLocation means the machine's own.
func zoneExists(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }
