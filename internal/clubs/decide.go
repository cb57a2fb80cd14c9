package clubs

import (
	"errors"
	"net/url"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// maxWebsite is the length of an address in bytes.
const maxWebsite = 300

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if err := s.admit(c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case Create:
		return s.create(c)
	case Edit:
		return s.edit(c)
	case ChangeAvatar:
		return s.changeAvatar(c.Avatar)
	case Join:
		return s.join(c.By.AthleteID)
	case AddMember:
		return s.addMember(c.AthleteID)
	case DeclineMember:
		return s.declineMember(c.AthleteID)
	case RemoveMember:
		return s.removeMember(c.AthleteID)
	case AppointAdministrator:
		return s.appointAdministrator(c)
	}
	return nil, nil
}

// admit says who may ask: everybody creates, joins and leaves for themselves; the rest is for administrators.
func (s State) admit(c Command) error {
	by := c.Actor()
	may := s.runs(by)
	switch c := c.(type) {
	case Create, Join:
		if by.AthleteID == uuid.Nil {
			return ErrSignIn
		}
		may = true
	case RemoveMember:
		may = may || by.Is(c.AthleteID)
	case Edit, ChangeAvatar, AddMember, DeclineMember, AppointAdministrator:
	}
	_, creating := c.(Create)
	switch {
	case !by.SignedIn():
		return ErrSignIn
	case !creating && !s.Exists:
		return ErrNotFound
	case !may:
		return ErrNotAdministrator
	}
	return nil
}

func (s State) runs(by actor.Actor) bool {
	return by.System || by.Admin || s.IsAdministrator(by.AthleteID)
}

// create founds a club; asked by the founder again (a form sent twice), nothing happens.
func (s State) create(c Create) ([]Event, error) {
	if s.Exists {
		if s.IsAdministrator(c.By.AthleteID) {
			return nil, nil
		}
		return nil, ErrExists
	}
	definition, err := c.Definition.cleaned()
	if err == nil && c.Slug == "" {
		err = ErrSlugMissing
	}
	if err != nil {
		return nil, err
	}
	return []Event{Created{ClubID: c.ID, FounderID: c.By.AthleteID, Slug: c.Slug, Definition: definition}}, nil
}

// cleaned returns the definition as it is kept, or everything that is wrong with it.
func (d Definition) cleaned() (Definition, error) {
	var badName, badText error
	d.Name, badName = sport.CleanName("name", d.Name)
	d.Description, badText = sport.CleanText("description", d.Description)
	return d, errors.Join(badName, badText, checkWebsite(d.Website))
}

func checkWebsite(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || len(s) > maxWebsite || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return ErrWebsite
	}
	return nil
}

func (s State) edit(c Edit) ([]Event, error) {
	definition, err := c.Definition.cleaned()
	if err != nil || definition == s.Definition {
		return nil, err
	}
	return []Event{Edited{s.ID, definition}}, nil
}

func (s State) changeAvatar(hash string) ([]Event, error) {
	if hash == s.Avatar {
		return nil, nil
	}
	return []Event{AvatarChanged{s.ID, hash}}, nil
}

func (s State) join(athlete uuid.UUID) ([]Event, error) {
	switch {
	case s.IsMember(athlete) || s.HasRequest(athlete):
		return nil, nil
	case s.Private:
		return []Event{MembershipRequested{s.ID, athlete}}, nil
	}
	return []Event{MemberAdded{s.ID, athlete}}, nil
}

func (s State) addMember(athlete uuid.UUID) ([]Event, error) {
	switch {
	case athlete == uuid.Nil:
		return nil, ErrAthleteMissing
	case s.IsMember(athlete):
		return nil, nil
	}
	return []Event{MemberAdded{s.ID, athlete}}, nil
}

func (s State) declineMember(athlete uuid.UUID) ([]Event, error) {
	if !s.HasRequest(athlete) {
		return nil, ErrNoRequest
	}
	return []Event{MembershipDeclined{s.ID, athlete}}, nil
}

// removeMember also takes back a request that the athlete has made.
func (s State) removeMember(athlete uuid.UUID) ([]Event, error) {
	switch {
	case s.HasRequest(athlete):
		return []Event{MembershipDeclined{s.ID, athlete}}, nil
	case !s.IsMember(athlete):
		return nil, ErrNotMember
	case s.isLast(athlete):
		return nil, ErrLastAdministrator
	}
	return []Event{MemberRemoved{s.ID, athlete}}, nil
}

func (s State) appointAdministrator(c AppointAdministrator) ([]Event, error) {
	switch {
	case !s.IsMember(c.AthleteID):
		return nil, ErrNotMember
	case s.IsAdministrator(c.AthleteID) == c.Administrator:
		return nil, nil
	case s.isLast(c.AthleteID):
		return nil, ErrLastAdministrator
	}
	return []Event{AdministratorAppointed{s.ID, c.AthleteID, c.Administrator}}, nil
}

func (s State) isLast(athlete uuid.UUID) bool {
	return s.IsAdministrator(athlete) && s.administrators.Len() == 1
}
