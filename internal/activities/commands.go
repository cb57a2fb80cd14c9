package activities

import (
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/sport"
)

// Command is what an activity can be asked.
//
//sumtype:decl
type Command interface {
	activityCommand()
	Target() uuid.UUID
	Actor() actor.Actor
	At() time.Time
}

// Head is on every command.
type Head struct {
	ID  uuid.UUID
	By  actor.Actor
	Now time.Time
}

// Facts is what the log keeps of an activity; what is tagged personal goes when its athlete deletes the account. The track and the original bytes lie beside the log (tables activity_tracks
// and activity_files), where they can be erased.
type Facts struct {
	AthleteID   uuid.UUID          `json:"athleteId"`
	Name        string             `json:"name" personal:""`
	Type        sport.ActivityType `json:"activityType"`
	TypeGuessed bool               `json:"typeGuessed,omitempty"` // the file didn't say; judged by speed
	StartUTC    time.Time          `json:"startUtc"`
	StartLocal  sport.Local        `json:"startLocal"`
	ElapsedMs   int64              `json:"elapsedMs"`
	MovingMs    int64              `json:"movingMs"`
	DistanceM   float64            `json:"distance"`      // metres
	GainM       float64            `json:"elevationGain"` // metres
	HeartRate   float64            `json:"averageHeartRate,omitempty" personal:""`
	Power       float64            `json:"averagePower,omitempty" personal:""`
	HasTrack    bool               `json:"hasTrack"`                 // positions with times
	Box         [4]float64         `json:"box,omitzero" personal:""` // south, west, north, east of the track
	Points      int                `json:"points"`
	Source      string             `json:"source"`                       // fit, gpx, tcx, manual
	File        string             `json:"file,omitempty" personal:""`   // the uploaded file's name
	SHA256      string             `json:"sha256,omitempty" personal:""` // of the file's bytes, hex
	Device      string             `json:"device,omitempty" personal:""`
	Private     bool               `json:"private,omitempty"`
	Commute     bool               `json:"commute,omitempty"`
	Trainer     bool               `json:"trainer,omitempty"`
}

// Finding is what the segment engine saw of one stage in the activity's track.
type Finding struct {
	ChallengeID uuid.UUID `json:"challengeId"`
	StageID     uuid.UUID `json:"stageId"`
	SegmentID   uuid.UUID `json:"segmentId,omitzero"`
	Traversals  int       `json:"traversals"`
	Misses      []Miss    `json:"misses,omitempty"`
}

// Miss is a candidate that the engine did not take, and why, in words.
type Miss struct {
	Code   string  `json:"code"` // finish_missed, hole, detour, …
	Detail string  `json:"detail"`
	Lat    float64 `json:"lat,omitempty"`
	Lng    float64 `json:"lng,omitempty"`
	Metres float64 `json:"metres,omitempty"` // along the segment
}

type (
	// Record brings an activity. Recording the same id again changes nothing.
	Record struct {
		Head
		Facts
	}
	// Edit changes what the athlete may change; matching runs again where it matters.
	Edit struct {
		Head
		Name    string
		Type    sport.ActivityType
		Private bool
		Commute bool
	}
	// Delete takes the activity and its efforts out.
	Delete struct{ Head }
	// Erase takes the activity out because its athlete is being forgotten: what it counted for stays, as a result without
	// a name and without a track behind it.
	Erase struct{ Head }
	// NoteMatching keeps what matching found.
	NoteMatching struct {
		Head
		Method   int
		Findings []Finding
	}
)

func (Record) activityCommand()       {}
func (Edit) activityCommand()         {}
func (Delete) activityCommand()       {}
func (Erase) activityCommand()        {}
func (NoteMatching) activityCommand() {}

// Target is the aggregate a command is for; Actor is who asks, and At when.
func (h Head) Target() uuid.UUID  { return h.ID }
func (h Head) Actor() actor.Actor { return h.By }
func (h Head) At() time.Time      { return h.Now }
