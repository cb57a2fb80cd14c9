package importer

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/segments"
)

// Importer brings rides in. It is safe for concurrent use.
type Importer struct {
	Options
	lines    *lru.Cache[uuid.UUID, *segments.Prepared]
	decoding *semaphore.Weighted // bytes being decoded: a track takes several times its file
}

// Options of an Importer.
type Options struct {
	Store      *eventstore.Store
	Dispatch   *dispatch.Dispatcher
	Pool       *pgxpool.Pool
	ReadModels []string // that matching reads
}

// decodingBytes bounds the files that are decoded at once.
const decodingBytes = 128 << 20

// New makes an importer.
func New(o Options) *Importer {
	lines, _ := lru.New[uuid.UUID, *segments.Prepared](1000) // fails for sizes below one only
	return &Importer{Options: o, lines: lines, decoding: semaphore.NewWeighted(decodingBytes)}
}

// Track reads the track of an activity; empty when it has none.
func (im *Importer) Track(ctx context.Context, activity uuid.UUID) (activities.Track, error) {
	var data []byte
	err := im.Pool.QueryRow(ctx, `select track from activity_tracks where activity_id = $1`, activity).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	track, err := activities.DecodeTrack(data)
	if err != nil {
		return nil, fmt.Errorf("the track of activity %s: %w", activity, err)
	}
	return track, nil
}

// forget deletes what lies beside the log of an activity. The file goes with the last activity that came from it.
func (im *Importer) forget(ctx context.Context, activity uuid.UUID) error {
	_, err := im.Pool.Exec(ctx, `
		with gone as (delete from activity_tracks where activity_id = $1 returning athlete_id, sha256)
		delete from activity_files f using gone where f.athlete_id = gone.athlete_id and f.sha256 = gone.sha256
		and not exists (select from activity_tracks t where t.athlete_id = f.athlete_id and t.sha256 = f.sha256 and t.activity_id <> $1)`,
		activity)
	return err
}
