package readmodel

import (
	"github.com/google/uuid"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/clubs"
	"segmentchallenge/internal/eventstore"
)

var people = Projector{
	Name:   PeopleModel,
	Tables: []string{"athletes", "clubs", "club_members"},
	Types: typesOf(athletes.Registered{}, athletes.ProfileChanged{}, athletes.AvatarChanged{}, athletes.AdminAppointed{},
		athletes.Deleted{}, athletes.Erased{},
		clubs.Created{}, clubs.Edited{}, clubs.AvatarChanged{}, clubs.MembershipRequested{}, clubs.MembershipDeclined{}, clubs.MemberAdded{},
		clubs.MemberRemoved{}, clubs.AdministratorAppointed{}),
	apply: applyPeople,
}

func applyPeople(w *writer, rec eventstore.Recorded, e eventstore.Event) error {
	switch e := e.(type) {
	case athletes.Registered:
		w.profile(rec, e.AthleteID, e.Profile)
	case athletes.ProfileChanged:
		w.profile(rec, e.AthleteID, e.Profile)
	case athletes.AvatarChanged:
		w.exec(`update athletes set avatar = $2 where id = $1`, e.AthleteID, e.Avatar)
	case athletes.AdminAppointed:
		w.exec(`update athletes set admin = $2 where id = $1`, e.AthleteID, e.Admin)
	case athletes.Deleted: // at once, so that nothing is shown while the rest is being erased
		w.forgetPerson(e.AthleteID)
	case athletes.Erased:
		w.forgetPerson(e.AthleteID)
	case clubs.Created:
		w.exec(`insert into clubs (id, slug, name, description, website, private, founder_id, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8)`,
			e.ClubID, e.Slug, e.Name, e.Description, e.Website, e.Private, e.FounderID, rec.Time)
		w.member(rec, e.ClubID, e.FounderID, "administrator")
	case clubs.Edited:
		w.exec(`update clubs set name = $2, description = $3, website = $4, private = $5 where id = $1`,
			e.ClubID, e.Name, e.Description, e.Website, e.Private)
	case clubs.AvatarChanged:
		w.exec(`update clubs set avatar = $2 where id = $1`, e.ClubID, e.Avatar)
	case clubs.MembershipRequested:
		w.exec(`insert into club_members (club_id, athlete_id, status, role, since) values ($1, $2, 'requested', 'member', $3)
			on conflict do nothing`, e.ClubID, e.AthleteID, rec.Time)
	case clubs.MembershipDeclined:
		w.exec(`delete from club_members where club_id = $1 and athlete_id = $2 and status = 'requested'`, e.ClubID, e.AthleteID)
	case clubs.MemberAdded:
		w.member(rec, e.ClubID, e.AthleteID, "member")
	case clubs.MemberRemoved:
		w.counted(sumMembers, e.ClubID, `delete from club_members where club_id = $1 and athlete_id = $2
			returning status = 'member', false`, e.ClubID, e.AthleteID)
	case clubs.AdministratorAppointed:
		w.exec(`update club_members set role = case when $3 then 'administrator' else 'member' end
			where club_id = $1 and athlete_id = $2`, e.ClubID, e.AthleteID, e.Administrator)
	default:
		return unhandled(e)
	}
	return nil
}

func (w *writer) profile(rec eventstore.Recorded, id uuid.UUID, p athletes.Profile) {
	w.exec(`insert into athletes (id, first_name, last_name, gender, birth_year, town, country, units, time_zone, visibility, registered_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (id) do update set first_name = excluded.first_name, last_name = excluded.last_name, gender = excluded.gender,
			birth_year = excluded.birth_year, town = excluded.town, country = excluded.country, units = excluded.units,
			time_zone = excluded.time_zone, visibility = excluded.visibility`,
		id, p.FirstName, p.LastName, p.Gender, p.BirthYear, p.Town, p.Country, p.Units, p.TimeZone, p.Visibility, rec.Time)
}

const sumMembers = `update clubs set member_count = member_count + $2 where id = $1`

// member makes somebody a member who may be one already: the founder's membership may come with an event of its own.
func (w *writer) member(rec eventstore.Recorded, club, athlete uuid.UUID, role string) {
	w.counted(sumMembers, club, `with old as (select status from club_members where club_id = $1 and athlete_id = $2)
		insert into club_members (club_id, athlete_id, status, role, since) values ($1, $2, 'member', $3, $4)
		on conflict (club_id, athlete_id) do update set status = 'member',
			since = case when club_members.status = 'member' then club_members.since else excluded.since end
		returning coalesce((select status = 'member' from old), false), true`, club, athlete, role, rec.Time)
}
