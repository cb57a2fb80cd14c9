package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/files"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/refusal"
)

// ErrFileOfAnother is a file that somebody else has brought: nobody rides the same ride with the same device.
var ErrFileOfAnother = refusal.New("file_of_another_athlete", "Another athlete has brought this very file already, so it can't be your ride as well. Bring the file of your own device.")

// inFlight is how long a track may wait for the event that speaks of it, before it is taken for what a crash left behind.
const inFlight = time.Minute

// parcel is what is kept of an activity beside the log.
type parcel struct {
	id     uuid.UUID
	facts  activities.Facts
	file   string
	size   int
	packed []byte // the file, gzipped
	track  []byte
}

func packed(id uuid.UUID, facts activities.Facts, f files.Item) (parcel, error) {
	bytes, err := gzipped(f.Data)
	return parcel{id: id, facts: facts, file: facts.File, size: len(f.Data), packed: bytes, track: f.Recording.Track.Encode()}, err
}

// keep stores the original bytes and the track beside the log, before the event that speaks of them. It answers with the
// activity that is the same ride, if there is one; then nothing is stored. Refusal: ErrFileOfAnother.
func (im *Importer) keep(ctx context.Context, p parcel) (twin uuid.UUID, err error) {
	for range 10 { // another round for each twin that turns out to be dead
		var kept time.Time
		err = postgres.WithTx(ctx, im.Pool, func(tx pgx.Tx) error {
			twin, kept, err = p.place(ctx, tx)
			return err
		})
		if err != nil || twin == uuid.Nil {
			return twin, err
		}
		life, err := im.lifeOf(ctx, twin)
		if err != nil || life == alive || life == unborn && time.Since(kept) < inFlight {
			return twin, err
		}
		if err := im.forget(ctx, twin, kept); err != nil {
			return twin, err
		}
	}
	return twin, fmt.Errorf("activity %s: rides like it come and go faster than it can be stored", p.id)
}

// place stores the parcel unless a ride like it lies there. Its locks make two uploads of one ride, or of one file, follow
// each other, on whatever node they come in.
func (p parcel) place(ctx context.Context, tx pgx.Tx) (twin uuid.UUID, kept time.Time, err error) {
	f := p.facts
	for _, name := range []string{"rides of " + f.AthleteID.String(), "file " + f.SHA256} {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, name); err != nil {
			return twin, kept, err
		}
	}
	var others bool
	err = tx.QueryRow(ctx, `select exists (select from activity_tracks where sha256 = $1 and athlete_id <> $2)`, f.SHA256, f.AthleteID).Scan(&others)
	if err != nil {
		return twin, kept, err
	}
	if others {
		return twin, kept, ErrFileOfAnother
	}
	// The same ride: a start within a minute and a duration within 5 %. The same id is no twin: recording it twice is harmless.
	err = tx.QueryRow(ctx, `select activity_id, kept_at from activity_tracks
		where athlete_id = $1 and activity_id <> $2 and started_at between $3::timestamptz - interval '60 seconds' and $3::timestamptz + interval '60 seconds'
			and abs(elapsed_ms - $4) <= 0.05 * greatest(elapsed_ms, $4)
		order by abs(extract(epoch from started_at - $3::timestamptz)), activity_id limit 1`,
		f.AthleteID, p.id, f.StartUTC, f.ElapsedMs).Scan(&twin, &kept)
	if err == nil || !errors.Is(err, pgx.ErrNoRows) {
		return twin, kept, err
	}
	return uuid.Nil, kept, p.insert(ctx, tx)
}

func (p parcel) insert(ctx context.Context, tx pgx.Tx) error {
	f := p.facts
	_, err := tx.Exec(ctx, `insert into activity_files (sha256, athlete_id, name, size, gzipped) values ($1, $2, $3, $4, $5)
		on conflict do nothing`, f.SHA256, f.AthleteID, p.file, p.size, p.packed)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into activity_tracks (activity_id, athlete_id, sha256, started_at, elapsed_ms, kept_at, track)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (activity_id) do update set kept_at = excluded.kept_at`,
		p.id, f.AthleteID, f.SHA256, f.StartUTC, f.ElapsedMs, time.Now(), p.track)
	return err
}

// life is what the log says of an activity.
type life int

const (
	unborn  life = iota // not recorded (yet)
	alive               // recorded
	deleted             // by its athlete
)

// lifeOf asks the log itself: read models may be behind.
func (im *Importer) lifeOf(ctx context.Context, activity uuid.UUID) (life, error) {
	stream := eventstore.StreamName(dispatch.ActivityStream, activity)
	turns := eventstore.Filter{Types: []string{activities.Recorded{}.EventType(), activities.Removed{}.EventType()}}
	for rec, err := range im.Store.ReadStream(ctx, stream, eventstore.ReadOptions{Backward: true, Limit: 1, Filter: turns}) {
		switch {
		case errors.Is(err, eventstore.ErrStreamNotFound):
			return unborn, nil
		case err != nil:
			return unborn, err
		case rec.Type == turns.Types[0]:
			return alive, nil
		}
		return deleted, nil
	}
	return unborn, nil
}

// forget deletes what lies beside the log of an activity, unless it was brought again after that moment. The file goes with
// the last activity that came from it.
func (im *Importer) forget(ctx context.Context, activity uuid.UUID, keptUntil time.Time) error {
	_, err := im.Pool.Exec(ctx, `
		with gone as (delete from activity_tracks where activity_id = $1 and kept_at <= $2 returning athlete_id, sha256)
		delete from activity_files f using gone where f.athlete_id = gone.athlete_id and f.sha256 = gone.sha256
		and not exists (select from activity_tracks t where t.athlete_id = f.athlete_id and t.sha256 = f.sha256 and t.activity_id <> $1)`,
		activity, keptUntil)
	return err
}

// sweep forgets what was kept before that moment and never recorded, because the program ended in between.
func (im *Importer) sweep(ctx context.Context, before time.Time) error {
	rows, err := im.Pool.Query(ctx, `select activity_id from activity_tracks t where kept_at < $1
		and not exists (select from activities a where a.id = t.activity_id) order by kept_at limit 1000`, before)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	for _, id := range ids {
		life, err := im.lifeOf(ctx, id)
		if err != nil {
			return err
		}
		if life == alive { // a read model that is behind, or being mended: nothing is lost for that
			continue
		}
		if err := im.forget(ctx, id, before); err != nil {
			return err
		}
	}
	return nil
}
