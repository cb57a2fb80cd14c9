package history

import (
	"context"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/leaderboards/stageboard"
)

// BoardStream is the category of the boards' streams.
const BoardStream = "stageboard"

// Past is a board as it stood at a moment.
type Past struct {
	stageboard.State
	Position int64 // of the last event that counts; 0: nothing had happened
}

// Board folds a stage's board up to a moment, including what happened in that very instant. A board that nobody had
// opened by then is empty. A moment is compared with when things happened, as the log has it.
func Board(ctx context.Context, store *eventstore.Store, board uuid.UUID, at time.Time) (Past, error) {
	var past Past
	err := fold(ctx, store, board, func(rec eventstore.Recorded, _ stageboard.Event, after stageboard.State) bool {
		if rec.Time.After(at) {
			return false
		}
		past = Past{after, rec.Position}
		return true
	})
	return past, err
}

// fold walks through a board's life, until each says that it has seen enough. after is the state with the event.
func fold(ctx context.Context, store *eventstore.Store, board uuid.UUID,
	each func(rec eventstore.Recorded, e stageboard.Event, after stageboard.State) bool) error {
	var state stageboard.State
	for h, err := range life[stageboard.Event](ctx, store, BoardStream, board) {
		if err != nil {
			return err
		}
		state = state.Evolve(h.event)
		if !each(h.Recorded, h.event, state) {
			return nil
		}
	}
	return nil
}

// Moment is when the lead changed hands, or the board became final.
type Moment struct {
	At       time.Time
	Position int64
	Leader   uuid.UUID
	Value    int64 // of the leader, in milliseconds or millimetres
	Tied     bool  // with others
	Final    bool
}

// Span is the time in which a board moved, and what stood out in it.
type Span struct {
	First, Last time.Time // of the changes; zero when there were none
	Changes     int       // efforts and withdrawals that moved it
	Moments     []Moment  // oldest first
}

// maxMoments is how many changes of the lead are kept: the newest.
const maxMoments = 50

// Moments walks through a board's life for what to look at.
func Moments(ctx context.Context, store *eventstore.Store, board uuid.UUID) (Span, error) {
	var span Span
	var leader stageboard.Row
	err := fold(ctx, store, board, func(rec eventstore.Recorded, e stageboard.Event, after stageboard.State) bool {
		switch e.(type) {
		case stageboard.Opened, stageboard.Reopened:
			return true
		case stageboard.Placed, stageboard.Withdrawn, stageboard.Finalised:
			span.Changes++
		}
		if span.First.IsZero() {
			span.First = rec.Time
		}
		if rec.Time.After(span.Last) {
			span.Last = rec.Time
		}
		top := after.Rows(0, 2)
		if len(top) > 0 && (top[0].AthleteID != leader.AthleteID || after.Final) {
			leader = top[0]
			span.Moments = append(span.Moments, Moment{At: rec.Time, Position: rec.Position, Leader: leader.AthleteID, Value: leader.Value,
				Tied: len(top) > 1 && top[1].Rank == 1, Final: after.Final})
			if len(span.Moments) > maxMoments {
				span.Moments = span.Moments[1:]
			}
		}
		return true
	})
	return span, err
}
