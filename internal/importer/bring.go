package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/files"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Upload is one file as an athlete brings it.
type Upload struct {
	AthleteID uuid.UUID
	By        actor.Actor
	File      string // its name
	Data      []byte
	Type      sport.ActivityType // empty: what the file says, or its speed
	Name      string             // empty: what the file says
	Private   bool
	Commute   bool
}

// Status of a brought activity.
type Status string

const (
	Queued    Status = "queued"    // recorded; matching is on its way
	Processed Status = "processed" // matched
	Refused   Status = "refused"   // not taken: Code and Detail say why
	Duplicate Status = "duplicate" // the same ride is there already
)

// Item is what became of one activity of an upload (an archive or a multisport file holds several).
type Item struct {
	ID          uuid.UUID          `json:"id,omitzero"`
	File        string             `json:"file"`
	Status      Status             `json:"status"`
	DuplicateOf uuid.UUID          `json:"duplicateOf,omitzero"`
	Code        string             `json:"code,omitempty"`
	Detail      string             `json:"detail,omitempty"`
	Notes       []activities.Note  `json:"notes,omitempty"` // what its owner should know though it was taken
	Refusal     *refusal.Error     `json:"-"`
	Efforts     []readmodel.Effort `json:"efforts,omitempty"` // after waiting
	Refused     []readmodel.Effort `json:"refused,omitempty"`

	recorded dispatch.Result
}

// Bring takes a file in. The error is a failure of ours; a file that can't be taken is an item that says why.
func (im *Importer) Bring(ctx context.Context, up Upload) ([]Item, error) {
	weight := min(int64(len(up.Data))+1, decodingBytes)
	if err := im.decoding.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	defer im.decoding.Release(weight)
	var items []Item
	for found := range files.Open(up.File, up.Data, files.Limits{Now: time.Now()}) {
		if found.Err != nil {
			said := refusal.All(found.Err)
			if said == nil {
				return items, found.Err
			}
			items = append(items, refused(found.File, said[0]))
			continue
		}
		item, err := im.bringOne(ctx, up, found)
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

func refused(file string, why *refusal.Error) Item {
	return Item{File: file, Status: Refused, Code: why.Code, Detail: why.Detail, Refusal: why}
}

// bringOne records one activity of a file, unless the athlete has brought the same ride before.
func (im *Importer) bringOne(ctx context.Context, up Upload, f files.Item) (Item, error) {
	sum := sha256.Sum256(f.Data)
	hash := hex.EncodeToString(sum[:])
	facts, err := im.facts(ctx, up, f, hash)
	if err != nil {
		return Item{}, err
	}
	id := uuid.NewSHA1(up.AthleteID, fmt.Appendf(nil, "%s/%d/%d", hash, f.Index, facts.StartUTC.UnixMilli()))
	item := Item{ID: id, File: f.File, Status: Queued, Notes: f.Recording.Notes}
	twin, same, err := readmodel.SimilarActivity(ctx, im.Pool, readmodel.Likeness{AthleteID: up.AthleteID,
		StartUTC: facts.StartUTC, Elapsed: time.Duration(facts.ElapsedMs) * time.Millisecond})
	if err != nil {
		return item, err
	}
	if same {
		item.Status, item.DuplicateOf = Duplicate, twin.ID
		item.Code, item.Detail = "duplicate_activity", "You have brought this ride before."
		return item, nil
	}
	if err := im.keep(ctx, id, up.AthleteID, f, hash); err != nil {
		return item, err
	}
	head := activities.Head{ID: id, By: up.By, Now: time.Now()}
	item.recorded, err = im.Dispatch.Send(ctx, activities.Record{Head: head, Facts: facts}, eventstore.Meta{})
	if said := refusal.All(err); said != nil {
		item = refused(f.File, said[0])
		return item, im.forget(ctx, id)
	}
	if err == nil && item.recorded.Last == 0 { // recorded before, perhaps by a second click a moment ago
		item.Status, item.DuplicateOf = Duplicate, id
		item.Code, item.Detail = "duplicate_activity", "You have brought this ride before."
	}
	return item, err
}

// facts is what the log keeps of a recording.
func (im *Importer) facts(ctx context.Context, up Upload, f files.Item, hash string) (activities.Facts, error) {
	r, s := f.Recording, f.Summary
	if up.Type != "" && up.Type != r.Type {
		r.Type, r.TypeGuessed = up.Type, false // what counts as moving depends on it
		s = activities.Summarise(r)
	}
	home, err := im.zoneOf(ctx, up.AthleteID)
	if err != nil {
		return activities.Facts{}, err
	}
	name := up.Name
	if name == "" {
		name = s.Name
	}
	return activities.Facts{AthleteID: up.AthleteID, Name: name, Type: s.Type, TypeGuessed: s.TypeGuessed,
		StartUTC: s.Start, StartLocal: s.StartLocal(home), ElapsedMs: s.Elapsed.Milliseconds(),
		MovingMs: s.Moving.Milliseconds(), DistanceM: s.Distance, GainM: s.Gain, HeartRate: s.HeartRate, Power: s.Power,
		HasTrack: s.HasTrack, Box: s.Box, Points: s.Points, Source: r.Source, File: f.File, SHA256: hash, Device: s.Device,
		Private: up.Private, Commute: up.Commute, Trainer: r.Trainer}, nil
}

// zoneOf is where the athlete's clocks are, for files that don't say how local clocks stood.
func (im *Importer) zoneOf(ctx context.Context, athlete uuid.UUID) (*time.Location, error) {
	a, err := readmodel.AthleteByID(ctx, im.Pool, athlete)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(a.TimeZone)
	if err != nil {
		return time.UTC, nil // a zone that this machine doesn't know
	}
	return zone, nil
}

// keep stores the original bytes and the track beside the log, before the event that speaks of them.
func (im *Importer) keep(ctx context.Context, id, athlete uuid.UUID, f files.Item, hash string) error {
	packed, err := gzipped(f.Data)
	if err != nil {
		return err
	}
	return postgres.WithTx(ctx, im.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into activity_files (sha256, athlete_id, name, size, gzipped) values ($1, $2, $3, $4, $5)
			on conflict do nothing`, hash, athlete, f.File, len(f.Data), packed)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `insert into activity_tracks (activity_id, athlete_id, sha256, track) values ($1, $2, $3, $4)
			on conflict do nothing`, id, athlete, hash, f.Recording.Track.Encode())
		return err
	})
}
