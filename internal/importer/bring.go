package importer

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/activities"
	"segmentchallenge/internal/activities/files"
	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// Upload is one file as an athlete brings it.
type Upload struct {
	AthleteID uuid.UUID
	By        actor.Actor
	File      string             // its name
	Data      []byte             // its bytes, unless
	Content   io.ReaderAt        // they lie elsewhere: archives needn't be in memory
	Size      int64              // bytes of Content
	Type      sport.ActivityType // empty: what the file says, or its speed
	Name      string             // empty: what the file says
	Private   bool
	Commute   bool
}

// bytes is where the file is and how long.
func (up Upload) bytes() (io.ReaderAt, int64) {
	if up.Content != nil {
		return up.Content, up.Size
	}
	return bytes.NewReader(up.Data), int64(len(up.Data))
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

// Bring takes a file in. The error is a failure of ours; a file that can't be taken is an item that says why. Activities
// that came before a failure are recorded: bringing the file again is then the thing to do.
func (im *Importer) Bring(ctx context.Context, up Upload) ([]Item, error) {
	content, size := up.bytes()
	weight := min(size+1, decodingBytes/2) // of an archive one member is in memory at a time
	if err := im.decoding.Acquire(ctx, weight); err != nil {
		return nil, err
	}
	defer im.decoding.Release(weight)
	home, err := im.zoneOf(ctx, up.AthleteID)
	if err != nil {
		return nil, err
	}
	var items []Item
	for found := range files.OpenAt(up.File, content, size, files.Limits{Now: time.Now()}) {
		item, err := im.bringOne(ctx, up, found, home)
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
func (im *Importer) bringOne(ctx context.Context, up Upload, f files.Item, home *time.Location) (Item, error) {
	if f.Err != nil {
		return refusedBy(f.File, f.Err)
	}
	facts := factsOf(up, f, home)
	id := idOf(up.AthleteID, facts, f.Index)
	parcel, err := packed(id, facts, f)
	if err != nil {
		return Item{}, err
	}
	twin, err := im.keep(ctx, parcel)
	if err != nil {
		return refusedBy(f.File, err)
	}
	item := Item{ID: id, File: f.File, Status: Queued, Notes: f.Recording.Notes}
	if twin != uuid.Nil {
		return item.duplicateOf(twin), nil
	}
	now := time.Now()
	item.recorded, err = im.Dispatch.Send(ctx, activities.Record{Head: activities.Head{ID: id, By: up.By, Now: now}, Facts: facts}, eventstore.Meta{})
	if refusal.All(err) != nil {
		forgotten := im.forget(ctx, id, now)
		item, err = refusedBy(f.File, err)
		return item, errors.Join(err, forgotten)
	}
	if err == nil && item.recorded.Last == 0 { // there already, perhaps by a second click a moment ago
		return item.duplicateOf(id), nil
	}
	return item, err
}

// idOf makes the same activity of a file the same id, whenever it is brought. index: which of the file's activities.
func idOf(athlete uuid.UUID, facts activities.Facts, index int) uuid.UUID {
	return uuid.NewSHA1(athlete, fmt.Appendf(nil, "%s/%d/%d", facts.SHA256, index, facts.StartUTC.UnixMilli()))
}

// refusedBy is the item of a file that was refused; other errors stay errors.
func refusedBy(file string, err error) (Item, error) {
	if said := refusal.All(err); said != nil {
		return refused(file, said[0]), nil
	}
	return Item{}, err
}

func (i Item) duplicateOf(twin uuid.UUID) Item {
	i.ID, i.DuplicateOf, i.Status = twin, twin, Duplicate
	i.Code, i.Detail = "duplicate_activity", "You have brought this ride before."
	return i
}

// factsOf is what the log keeps of a recording.
func factsOf(up Upload, f files.Item, home *time.Location) activities.Facts {
	r, s := f.Recording, f.Summary
	if up.Type != "" && up.Type != r.Type {
		r.Type, r.TypeGuessed = up.Type, false // what counts as moving depends on it
		s = activities.Summarise(r)
	}
	sum := sha256.Sum256(f.Data)
	return activities.Facts{AthleteID: up.AthleteID, Name: cmp.Or(up.Name, s.Name), Type: s.Type, TypeGuessed: s.TypeGuessed,
		StartUTC: s.Start, StartLocal: s.StartLocal(home), ElapsedMs: s.Elapsed.Milliseconds(),
		MovingMs: s.Moving.Milliseconds(), DistanceM: tenths(s.Distance), GainM: tenths(s.Gain),
		HeartRate: math.Round(s.HeartRate), Power: math.Round(s.Power),
		HasTrack: s.HasTrack, Box: s.Box, Points: s.Points, Source: r.Source, File: f.File, SHA256: hex.EncodeToString(sum[:]),
		Device: s.Device, Private: up.Private, Commute: up.Commute, Trainer: r.Trainer}
}

// tenths of a metre are more than any device knows.
func tenths(metres float64) float64 { return math.Round(metres*10) / 10 }

// zoneOf is where the athlete's clocks are, for files that don't say how local clocks stood.
func (im *Importer) zoneOf(ctx context.Context, athlete uuid.UUID) (*time.Location, error) {
	a, err := readmodel.AthleteByID(ctx, im.Pool, athlete)
	if err == nil && a.Deleted { // in a request that was under way
		err = readmodel.ErrNoAthlete
	}
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(a.TimeZone)
	if err != nil {
		return time.UTC, nil // a zone that this machine doesn't know
	}
	return zone, nil
}
