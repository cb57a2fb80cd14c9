package readmodel

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/avatars"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

var (
	ErrNoAthlete = refusal.Of(refusal.NotFound, "athlete_not_found", "There is no such athlete.")
	ErrNoClub    = refusal.Of(refusal.NotFound, "club_not_found", "There is no such club.")
)

// Person is how an athlete is shown beside what they did: on boards, in lists.
type Person struct {
	Name    string      `json:"name"`
	Avatar  avatars.Ref `json:"avatarUrl,omitempty"` // of a profile that everyone may see
	Deleted bool        `json:"deleted,omitempty"`   // the account is closed: there is no profile, and the name is a stand-in
}

// personColumns are those of a Person, where athletes are joined as a.
const personColumns = `coalesce(a.name, '') as name, coalesce(a.shown_avatar, '') as avatar, coalesce(a.deleted, false) as deleted`

// Athlete is a person's profile. E-mail addresses are internal/auth's.
type Athlete struct {
	ID           uuid.UUID           `json:"id"`
	FirstName    string              `json:"firstName"`
	LastName     string              `json:"lastName"`
	Name         string              `json:"name"` // both
	Gender       sport.Gender        `json:"gender,omitempty"`
	BirthYear    int                 `json:"birthYear,omitempty"`
	Town         string              `json:"town,omitempty"`
	Country      string              `json:"country,omitempty"`
	Units        sport.Units         `json:"units"`
	TimeZone     string              `json:"timeZone"`
	Visibility   athletes.Visibility `json:"visibility"`
	Admin        bool                `json:"admin,omitempty"`
	Deleted      bool                `json:"deleted,omitempty"` // the account is closed; the name is a stand-in
	RegisteredAt time.Time           `json:"registeredAt"`
	Avatar       avatars.Ref         `json:"avatarUrl,omitempty"`
}

// VisibleTo says whether the viewer may see the profile page. Names on boards and in feeds are shown in any case: results
// are public in public challenges.
func (a Athlete) VisibleTo(viewer actor.Actor) bool {
	switch {
	case viewer.Is(a.ID), viewer.Admin, viewer.System:
		return true
	case a.Visibility == athletes.Members:
		return viewer.SignedIn()
	}
	return a.Visibility != athletes.Nobody
}

const athleteColumns = `select a.id, a.first_name, a.last_name, a.name, a.gender, a.birth_year, a.town, a.country, a.units,
	a.time_zone, a.visibility, a.admin, a.deleted, a.registered_at, a.avatar from athletes a`

// AthleteByID finds one athlete; ErrNoAthlete.
func AthleteByID(ctx context.Context, db DB, id uuid.UUID) (Athlete, error) {
	return one[Athlete](ctx, db, ErrNoAthlete, athleteColumns+` where a.id = $1`, id)
}

// AthleteFilter narrows a list of athletes.
type AthleteFilter struct {
	Query  string // words of the name, each perhaps only begun
	Limit  int    // default 50
	Cursor string
}

// Athletes lists athletes by last name, with the cursor of the next page.
func Athletes(ctx context.Context, db DB, f AthleteFilter) ([]Athlete, string, error) {
	limit := clampLimit(f.Limit)
	args := pgx.NamedArgs{"limit": limit + 1, "words": words(f.Query)}
	w := where{`not a.deleted`}
	w.add(words(f.Query) != "", `to_tsvector('simple', a.first_name || ' ' || a.last_name) @@ to_tsquery('simple', @words)`)
	if f.Cursor != "" {
		parts, err := splitCursor(f.Cursor, 3)
		if err != nil {
			return nil, "", err
		}
		id, err := uuid.Parse(parts[2])
		if err != nil {
			return nil, "", ErrCursor
		}
		args["last"], args["first"], args["id"] = parts[0], parts[1], id
		w.add(true, `(a.last_name, a.first_name, a.id) > (@last, @first, @id)`)
	}
	rows, err := list[Athlete](ctx, db, athleteColumns+w.String()+` order by a.last_name, a.first_name, a.id limit @limit`, args)
	rows, next := cut(rows, limit, func(a Athlete) []string { return []string{a.LastName, a.FirstName, a.ID.String()} })
	return rows, next, err
}

// People maps ids to people; ids that are unknown are missing.
func People(ctx context.Context, db DB, ids []uuid.UUID) (map[uuid.UUID]Person, error) {
	type known struct {
		ID uuid.UUID
		Person
	}
	rows, err := list[known](ctx, db, `select a.id, `+personColumns+` from athletes a where a.id = any($1)`, ids)
	people := make(map[uuid.UUID]Person, len(rows))
	for _, r := range rows {
		people[r.ID] = r.Person
	}
	return people, err
}

// Club is a club, with what the viewer is in it.
type Club struct {
	ID             uuid.UUID   `json:"id"`
	Slug           string      `json:"slug"`
	Name           string      `json:"name"`
	Description    string      `json:"description"` // Markdown
	Website        string      `json:"website,omitempty"`
	Private        bool        `json:"private"` // joining needs an administrator's yes
	FounderID      uuid.UUID   `json:"founderId"`
	MemberCount    int         `json:"memberCount"`
	ChallengeCount int         `json:"challengeCount"` // public ones that were hosted
	CreatedAt      time.Time   `json:"createdAt"`
	Avatar         avatars.Ref `json:"avatarUrl,omitempty"`
	Membership     string      `json:"membership,omitempty"` // of the viewer: "", requested, member, administrator
}

// Member says whether the viewer belongs to the club.
func (c Club) Member() bool { return c.Membership == "member" || c.Membership == "administrator" }

const clubColumns = `select cl.id, cl.slug, cl.name, cl.description, cl.website, cl.private, cl.founder_id, cl.member_count,
	(select count(*) from challenges c where c.club_id = cl.id and not c.private and c.hosted_at is not null) as challenge_count,
	cl.created_at, cl.avatar,
	coalesce(case when me.status = 'requested' then 'requested' else me.role end, '') as membership
	from clubs cl left join club_members me on me.club_id = cl.id and me.athlete_id = @viewer`

// ClubFilter narrows a list of clubs.
type ClubFilter struct {
	Viewer       actor.Actor
	Query        string    // words of the name, each perhaps only begun
	Member       uuid.UUID // of which this athlete is a member
	Administered uuid.UUID // which this athlete administers
	Limit        int       // default 50
	Cursor       string
}

// Clubs lists clubs by name, with the cursor of the next page.
func Clubs(ctx context.Context, db DB, f ClubFilter) ([]Club, string, error) {
	limit := clampLimit(f.Limit)
	args := viewerArgs(f.Viewer)
	args["limit"], args["words"], args["member"], args["admin"] = limit+1, words(f.Query), f.Member, f.Administered
	var w where
	w.add(words(f.Query) != "", `to_tsvector('simple', cl.name) @@ to_tsquery('simple', @words)`)
	w.add(f.Member != uuid.Nil, `cl.id in (select club_id from club_members where athlete_id = @member and status = 'member')`)
	w.add(f.Administered != uuid.Nil, `cl.id in (select club_id from club_members where athlete_id = @admin and role = 'administrator')`)
	if f.Cursor != "" {
		name, id, err := nameAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["name"], args["id"] = name, id
		w.add(true, `(cl.name, cl.id) > (@name, @id)`)
	}
	rows, err := list[Club](ctx, db, clubColumns+w.String()+` order by cl.name, cl.id limit @limit`, args)
	rows, next := cut(rows, limit, func(c Club) []string { return []string{c.Name, c.ID.String()} })
	return rows, next, err
}

// ClubBySlug finds one club; ErrNoClub.
func ClubBySlug(ctx context.Context, db DB, viewer actor.Actor, slug string) (Club, error) {
	args := viewerArgs(viewer)
	args["slug"] = slug
	return one[Club](ctx, db, ErrNoClub, clubColumns+` where cl.slug = @slug`, args)
}

// ClubByID finds one club; ErrNoClub.
func ClubByID(ctx context.Context, db DB, viewer actor.Actor, id uuid.UUID) (Club, error) {
	args := viewerArgs(viewer)
	args["id"] = id
	return one[Club](ctx, db, ErrNoClub, clubColumns+` where cl.id = @id`, args)
}

// ClubMember is one athlete in a club, or one who asked to be.
type ClubMember struct {
	ClubID    uuid.UUID `json:"clubId"`
	AthleteID uuid.UUID `json:"athleteId"`
	Person
	Gender sport.Gender `json:"gender,omitempty"`
	Status string       `json:"status"` // member, requested
	Role   string       `json:"role"`   // member, administrator
	Since  time.Time    `json:"since"`
}

// ClubMemberFilter narrows a list of members.
type ClubMemberFilter struct {
	Status string // member, requested; empty: both
	Query  string // words of the name, each perhaps only begun
	Limit  int    // default 50
	Cursor string
}

// ClubMembers lists the members of a club and those who ask to be, longest first, with the cursor of the next page.
func ClubMembers(ctx context.Context, db DB, clubID uuid.UUID, f ClubMemberFilter) ([]ClubMember, string, error) {
	limit := clampLimit(f.Limit)
	args := pgx.NamedArgs{"club": clubID, "status": f.Status, "limit": limit + 1, "words": words(f.Query)}
	w := where{`m.club_id = @club`}
	w.add(f.Status != "", `m.status = @status`)
	w.add(words(f.Query) != "", `to_tsvector('simple', a.first_name || ' ' || a.last_name) @@ to_tsquery('simple', @words)`)
	if f.Cursor != "" {
		since, id, err := timeAndID(f.Cursor)
		if err != nil {
			return nil, "", err
		}
		args["since"], args["id"] = since, id
		w.add(true, `(m.since, m.athlete_id) > (@since, @id)`)
	}
	rows, err := list[ClubMember](ctx, db, `select m.club_id, m.athlete_id, `+personColumns+`,
		coalesce(a.gender, '') as gender, m.status, m.role, m.since
		from club_members m left join athletes a on a.id = m.athlete_id`+w.String()+`
		order by m.since, m.athlete_id limit @limit`, args)
	rows, next := cut(rows, limit, func(m ClubMember) []string { return timeKey(m.Since, m.AthleteID) })
	return rows, next, err
}
