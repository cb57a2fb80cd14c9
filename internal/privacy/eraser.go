package privacy

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/auth"
	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/vault"
)

// Name of the subscription.
const Name = "eraser"

// Eraser forgets people who have deleted their account.
type Eraser struct {
	Store    *eventstore.Store
	Dispatch *dispatch.Dispatcher
	Pool     *pgxpool.Pool
	Accounts *auth.Service
	Vault    *vault.Vault
	After    []string // subscriptions whose work on an athlete must be done before: what they would still write is erased too
	Log      *slog.Logger
}

// patience with those that go before.
const patience = 30 * time.Second

// Run erases, drops keys that any node has destroyed from this one's memory, and seals what was stored before there were
// keys, until ctx is done.
func (e *Eraser) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return e.Store.RunHandler(ctx, eventstore.HandlerSubscription{Name: Name, Handle: e.handle,
			Filter: eventstore.Filter{Types: []string{athletes.Deleted{}.EventType()}}, Retry: eventstore.Backoff{Attempts: 8}})
	})
	group.Go(func() error {
		return e.Store.Follow(ctx, eventstore.Now, eventstore.Filter{Types: []string{athletes.Erased{}.EventType()}}, e.drop)
	})
	group.Go(func() error {
		sealed, err := e.Store.SealStored(ctx)
		if err != nil && ctx.Err() == nil {
			e.log().Error("events from before there were keys couldn't be sealed; the next start tries again", "error", err)
		} else if sealed > 0 {
			e.log().Info("events from before there were keys are sealed", "events", sealed)
		}
		return nil
	})
	return group.Wait()
}

func (e *Eraser) log() *slog.Logger {
	if e.Log == nil {
		return slog.Default()
	}
	return e.Log
}

func (e *Eraser) drop(_ context.Context, events []eventstore.Recorded) error {
	for _, rec := range events {
		event, err := e.Store.Registry().Decode(rec)
		if err != nil {
			return err
		}
		if erased, ok := event.(athletes.Erased); ok {
			e.Vault.Drop(erased.AthleteID)
		}
	}
	return nil
}

func (e *Eraser) handle(ctx context.Context, rec eventstore.Recorded) error {
	event, err := e.Store.Registry().Decode(rec)
	if err != nil {
		return err
	}
	deleted, ok := event.(athletes.Deleted)
	if !ok {
		return fmt.Errorf("%s asks for no erasure", rec.Type)
	}
	w := erasure{e, rec, deleted.AthleteID}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"the account", w.account}, {"what is still under way", w.wait}, {"activities", w.activities}, {"challenges", w.challenges},
		{"clubs", w.clubs}, {"files", w.files}, {"copies", w.copies}, {"the key", w.key}, {"the note", w.note},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("erasing athlete %s: %s: %w", w.athlete, step.what, err)
		}
	}
	return nil
}

// erasure is the work on one athlete.
type erasure struct {
	*Eraser
	rec     eventstore.Recorded // AthleteDeleted
	athlete uuid.UUID
}

// send carries out a command whose id derives from what it is, so that doing it again does it once.
func (w erasure) send(ctx context.Context, cmd dispatch.Command, what string) error {
	_, err := w.Dispatch.Send(ctx, cmd, eventstore.Meta{CommandID: uuid.NewSHA1(w.rec.ID, []byte(Name+"/"+what)),
		CorrelationID: w.rec.CorrelationID, CausationID: w.rec.ID, Actor: actor.System.String()})
	return err
}

func (w erasure) wait(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.Store.WaitFor(soon, w.rec.Position, w.After...)
}
