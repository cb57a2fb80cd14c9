package importer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/segments"
	"segmentchallenge/internal/zones"
)

// Importer brings rides in. It is safe for concurrent use.
type Importer struct {
	Options
	lines    *lru.Cache[uuid.UUID, *segments.Prepared]
	decoding *semaphore.Weighted // bytes being decoded: a track takes several times its file
	athletes [64]sync.Mutex      // one athlete's rides are matched one at a time; some athletes share one
}

// Options of an Importer.
type Options struct {
	Store      *eventstore.Store
	Dispatch   *dispatch.Dispatcher
	Pool       *pgxpool.Pool
	ReadModels []string     // that matching reads
	Log        *slog.Logger // nil: slog.Default
}

// decodingBytes bounds the files that are decoded at once.
const decodingBytes = 128 << 20

// New makes an importer.
func New(o Options) *Importer {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	lines, _ := lru.New[uuid.UUID, *segments.Prepared](1000) // fails for sizes below one only
	return &Importer{Options: o, lines: lines, decoding: semaphore.NewWeighted(decodingBytes)}
}

// matching keeps others from matching rides of the athlete until the function that it answers is called. Events are handled
// side by side; without it, what was found before a segment or a ride changed could be told after what was found then.
func (im *Importer) matching(athlete uuid.UUID) (done func()) {
	m := &im.athletes[athlete[15]%64]
	m.Lock()
	return m.Unlock
}

// ShownTrack is the track of an activity as the viewer may see it, without what lies in its athlete's privacy zones; all of
// it to its athlete. Points keep their places in the list. Whether the activity is shown at all is the caller's to know.
func (im *Importer) ShownTrack(ctx context.Context, viewer actor.Actor, activity, athlete uuid.UUID) (activities.Track, error) {
	track, err := im.Track(ctx, activity)
	if err != nil || viewer.Is(athlete) || len(track) == 0 {
		return track, err
	}
	hidden, err := zones.Store{Pool: im.Pool}.Of(ctx, athlete)
	return zones.Hide(track, hidden, activity), err
}

// Track reads the whole track of an activity, for those who time it, not for those who look; empty when it has none.
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
