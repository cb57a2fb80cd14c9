package readmodel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/refusal"
)

// rebuildBatch is how many events a rebuild applies in one transaction, if it isn't told.
const rebuildBatch = 2000

// Rebuild makes the tables of the named projectors anew from the log, beside the live ones, and swaps them. Readers see
// the old tables until the swap and the new ones after it, never a part of them; the projection that keeps the live
// tables goes on during the replay and waits only for the last events and the swap itself.
//
// The new tables grow in a schema of their own, a batch a transaction, so PostgreSQL can clean up meanwhile. One more short
// transaction swaps. A rebuild that fails takes its schema away; what one that was killed has left, the next one does, of
// whatever read model. It begins anew then, since another program may have written what is there.
func Rebuild(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, names ...string) error {
	return RebuildWith(ctx, pool, store, RebuildOptions{}, names...)
}

// RebuildOptions of RebuildWith.
type RebuildOptions struct {
	Batch int // events in one transaction; 0: 2,000
	// Progress, if given, is told after each batch which read model is at work, how far it is, and where the log ended.
	Progress func(name string, position, head int64)
	// Swapped, if given, is told whom the swap has held up.
	Swapped func(name string, s Swap)
}

// Swap says for how long putting the new tables in place has held others up. Who appends isn't.
type Swap struct {
	Projection time.Duration // the live projection stood still
	Readers    time.Duration // readers of the tables had to wait, at most
}

// ErrRebuilding: somebody else is at it.
var ErrRebuilding = refusal.Of(refusal.Conflict, "rebuild_under_way", "This read model is being rebuilt already.")

// RebuildWith is Rebuild with options.
func RebuildWith(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, opts RebuildOptions, names ...string) error {
	opts.Batch = cmp.Or(max(opts.Batch, 0), rebuildBatch)
	projectors, err := named(store.Registry(), names)
	if err != nil {
		return err
	}
	if err := allKnown(ctx, pool, store.Registry()); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	for _, p := range Projectors(store.Registry()) {
		if err := sweep(ctx, pool, p); err != nil {
			return fmt.Errorf("rebuild: what an earlier one has left of %s: %w", p.Name, err)
		}
	}
	for _, p := range projectors {
		if err := rebuild(ctx, pool, store, p, opts); err != nil {
			return fmt.Errorf("rebuild %s: %w", p.Name, err)
		}
	}
	return nil
}

// sweep takes away what a rebuild that was killed has left; one that is under way keeps it.
func sweep(ctx context.Context, pool *pgxpool.Pool, p Projector) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		live, err := claim(ctx, tx, p)
		if errors.Is(err, ErrRebuilding) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `drop schema if exists `+quote(scratchName(live, p))+` cascade`)
		return err
	})
}

// claim takes the right to rebuild a read model until the transaction ends, and tells the schema of its live tables. While
// the transaction is idle it keeps nobody from anything: by the simple protocol, since the extended one leaves a portal
// open, and with it the snapshot that would hold cleaning up back.
func claim(ctx context.Context, tx pgx.Tx, p Projector) (live string, err error) {
	var free bool
	err = tx.QueryRow(ctx, `select current_schema(), pg_try_advisory_xact_lock(hashtextextended('rebuild ' || current_schema() || ' ' || $1, 0))`,
		pgx.QueryExecModeSimpleProtocol, p.Name).Scan(&live, &free)
	if err == nil && !free {
		err = ErrRebuilding
	}
	return live, err
}

func scratchName(live string, p Projector) string { return "rebuild_" + live + "_" + p.Name }

func rebuild(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, p Projector, opts RebuildOptions) error {
	claimed, err := pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer claimed.Rollback(context.WithoutCancel(ctx)) // an error would say that the claim is gone, and it may go now
	live, err := claim(ctx, claimed, p)
	if err != nil {
		return err
	}
	b := building{ctx: ctx, pool: pool, store: store, projector: p, opts: opts, live: live, scratch: scratchName(live, p), builder: uuid.New()}
	if err = b.begin(); err != nil {
		return err
	}
	if err = b.fill(); err == nil {
		err = b.swap()
	}
	if err != nil {
		err = errors.Join(err, b.abandon())
	}
	return err
}

// allKnown finds events of types that this program has never heard of. A newer one has written them: projectors here don't ask
// for them, so what they make of the log would lack something, and nobody would notice.
func allKnown(ctx context.Context, pool *pgxpool.Pool, reg *eventstore.Registry) error {
	rec := eventstore.Recorded{}
	err := pool.QueryRow(ctx, `select position, stream, type from events where type <> all($1) order by position limit 1`, reg.Types()).
		Scan(&rec.Position, &rec.Stream, &rec.Type)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = reg.Decode(rec)
	}
	return err
}

func named(reg *eventstore.Registry, names []string) ([]Projector, error) {
	all := Projectors(reg)
	var found []Projector
	for _, name := range names {
		i := slices.IndexFunc(all, func(p Projector) bool { return p.Name == name })
		if i < 0 {
			known := make([]string, len(all))
			for i, p := range all {
				known[i] = p.Name
			}
			return nil, fmt.Errorf("there is no read model %q; there are %s", name, strings.Join(known, ", "))
		}
		found = append(found, all[i])
	}
	return found, nil
}
