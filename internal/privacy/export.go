package privacy

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
)

// Exporter gives people what is kept about them.
type Exporter struct {
	Store    *eventstore.Store
	Pool     *pgxpool.Pool
	Accounts *auth.Service
}

const readMe = `What this site keeps about you, as of %s.

profile.json      you, as others see you, and your e-mail address
sessions.json     where you are signed in
tokens.json       your API tokens, without their secrets
clubs.json        the clubs that you are in or have asked to join
challenges.json   the challenges that you have joined, with how you stand in them
picture.jpg       your picture, as it is shown; what it was made of isn't kept
activities.json   your activities; the files that you brought are in the folder files, as they came
efforts.json      what your activities brought in challenges, and what didn't count, with the reason
segments.json     the segments that you keep at hand
zones.json        your privacy zones, where your rides are hidden from others
events.jsonl      everything that happened to you here in its order, one JSON object a line: all of the above follows from it

Times are UTC unless their name ends in Local; distances are metres, durations seconds.
`

// Export writes a zip of everything that is kept about an athlete. It is written as it is read, so an error may come when a
// part of it has been written: what was written is no whole zip then, and no program takes it for one.
func (x *Exporter) Export(ctx context.Context, w io.Writer, athlete uuid.UUID) error {
	out := parcel{ctx: ctx, zip: zip.NewWriter(w), Exporter: x, athlete: athlete, now: time.Now().UTC()}
	if err := out.write(); err != nil {
		return err // without the directory at its end, which would make it look whole
	}
	return out.zip.Close()
}

// parcel is an export under way.
type parcel struct {
	*Exporter
	ctx     context.Context
	zip     *zip.Writer
	athlete uuid.UUID
	now     time.Time
}

func (p parcel) write() error {
	profile, err := p.profile() // first, so that nobody's export is an error and not an empty zip
	if err != nil {
		return err
	}
	if err := p.text("README.txt", fmt.Sprintf(readMe, p.now.Format("2 January 2006, 15:04 MST"))); err != nil {
		return err
	}
	if err := p.json("profile.json", profile); err != nil {
		return err
	}
	for _, table := range [][2]string{
		{"sessions.json", `select user_agent, signed_in_at, seen_at from sessions where athlete_id = $1 order by signed_in_at`},
		{"tokens.json", `select name, created_at, last_used_at, revoked_at from api_tokens where athlete_id = $1 order by created_at`},
		{"clubs.json", `select c.id, c.name, c.slug, m.status, m.role, m.since from club_members m join clubs c on c.id = m.club_id
			where m.athlete_id = $1 order by m.since`},
		{"challenges.json", `select c.id, c.name, c.slug, c.status as challenge_status, k.status, k.categories, k.gender, k.limited, k.reason, k.joined_at
			from competitors k join challenges c on c.id = k.challenge_id where k.athlete_id = $1 order by k.joined_at`},
		{"segments.json", `select s.id, s.name, t.starred_at from starred_segments t join segments s on s.id = t.segment_id
			where t.athlete_id = $1 order by t.starred_at`},
		{"zones.json", `select name, lat, lon, radius, created_at from privacy_zones where athlete_id = $1 order by created_at`},
	} {
		if err := p.rows(table[0], table[1]); err != nil {
			return err
		}
	}
	if err := p.picture(); err != nil {
		return err
	}
	if err := p.efforts(); err != nil {
		return err
	}
	if err := p.activities(); err != nil {
		return err
	}
	if err := p.files(); err != nil {
		return err
	}
	return p.events()
}

func (p parcel) create(name string) (io.Writer, error) {
	return p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.now})
}

func (p parcel) text(name, text string) error {
	w, err := p.create(name)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	return err
}

func (p parcel) json(name string, v any) error {
	w, err := p.create(name)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// rows writes what a query gives, by the names of its columns.
func (p parcel) rows(name, sql string) error {
	rows, err := p.Pool.Query(p.ctx, sql, p.athlete)
	if err != nil {
		return err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		return err
	}
	for _, row := range all {
		for column, value := range row {
			delete(row, column)
			if id, ok := value.([16]byte); ok {
				value = uuid.UUID(id)
			}
			row[camel(column)] = value
		}
	}
	if all == nil {
		all = []map[string]any{}
	}
	return p.json(name, all)
}

// camel writes a column's name as the API does.
func camel(column string) string {
	parts := strings.Split(column, "_")
	for i := range parts[1:] {
		parts[i+1] = strings.ToUpper(parts[i+1][:1]) + parts[i+1][1:]
	}
	return strings.Join(parts, "")
}

// profile is what an athlete sees of themselves.
type profile struct {
	readmodel.Athlete
	Email string `json:"email"`
}

func (p parcel) profile() (out profile, err error) {
	if out.Athlete, err = readmodel.AthleteByID(p.ctx, p.Pool, p.athlete); err != nil {
		return out, err
	}
	out.Email, err = p.Accounts.EmailOf(p.ctx, p.athlete)
	return out, err
}

// picture is the athlete's, where they have one.
func (p parcel) picture() error {
	var file []byte
	err := p.Pool.QueryRow(p.ctx, `select v.jpeg from avatars v join athletes a on a.id = v.owner_id and a.avatar = v.hash
		where v.owner_id = $1 order by v.edge desc limit 1`, p.athlete).Scan(&file)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return p.text("picture.jpg", string(file))
}

func (p parcel) activities() error {
	var all []readmodel.Activity
	filter := readmodel.ActivityFilter{Viewer: actor.Athlete(p.athlete), AthleteID: p.athlete, Limit: 200}
	for {
		page, next, err := readmodel.Activities(p.ctx, p.Pool, filter)
		if err != nil {
			return err
		}
		all = append(all, page...)
		if next == "" {
			return p.json("activities.json", all)
		}
		filter.Cursor = next
	}
}

func (p parcel) efforts() error {
	all, err := readmodel.EffortsOfAthlete(p.ctx, p.Pool, p.athlete)
	if err != nil {
		return err
	}
	return p.json("efforts.json", all)
}

// files are those that the athlete brought, one after the other: together they may be larger than the memory.
func (p parcel) files() error {
	rows, err := p.Pool.Query(p.ctx, `select sha256, name from activity_files where athlete_id = $1 order by received_at, sha256`, p.athlete)
	if err != nil {
		return err
	}
	type file struct{ SHA256, Name string }
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f file, err error) {
		return f, row.Scan(&f.SHA256, &f.Name)
	})
	if err != nil {
		return err
	}
	for _, f := range all {
		var packed []byte
		err := p.Pool.QueryRow(p.ctx, `select gzipped from activity_files where athlete_id = $1 and sha256 = $2`, p.athlete, f.SHA256).Scan(&packed)
		if errors.Is(err, pgx.ErrNoRows) {
			continue // deleted a moment ago
		}
		if err != nil {
			return err
		}
		unpacked, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return fmt.Errorf("file %s: %w", f.SHA256, err)
		}
		w, err := p.create("files/" + fileName(f.SHA256, f.Name))
		if err != nil {
			return err
		}
		if _, err := io.Copy(w, unpacked); err != nil {
			return fmt.Errorf("file %s: %w", f.SHA256, err)
		}
	}
	return nil
}

// fileName keeps the name that the athlete knows, made unique and harmless: an unpacked zip writes nowhere else.
func fileName(sha256, name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
	if name == "." || name == ".." || name == "" || name == "/" {
		name = "activity"
	}
	return sha256[:min(8, len(sha256))] + "-" + name
}

// events are those of the athlete's streams, stream by stream.
func (p parcel) events() error {
	streams, err := readmodel.PersonStreams(p.ctx, p.Pool, p.athlete)
	if err != nil {
		return err
	}
	w, err := p.create("events.jsonl")
	if err != nil {
		return err
	}
	_, err = eventstore.WriteLines(w, p.read(streams))
	return err
}

func (p parcel) read(streams []string) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, stream := range streams {
			for rec, err := range p.Store.ReadStream(p.ctx, stream, eventstore.ReadOptions{}) {
				if errors.Is(err, eventstore.ErrStreamNotFound) || errors.Is(err, eventstore.ErrStreamDeleted) {
					break
				}
				if err == nil {
					rec, err = p.Store.Registry().Reveal(rec)
				}
				if !yield(rec, err) || err != nil {
					return
				}
			}
		}
	}
}
