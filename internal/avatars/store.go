package avatars

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/semaphore"

	"segmentchallenge/internal/refusal"
)

// ErrNone is an address at which there is no picture, or none any more.
var ErrNone = refusal.Of(refusal.NotFound, "picture_not_found", "There is no such picture.")

// Store keeps pictures, by whose they are. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	busy *semaphore.Weighted
}

// New is a store in the table avatars.
func New(pool *pgxpool.Pool) *Store {
	return &Store{pool: pool, busy: semaphore.NewWeighted(1)}
}

// Replace makes a picture of a file and gives it to its owner, an athlete or a club: tell must say the hash in the log. Their
// earlier picture is gone afterwards. Where tell refuses, all is as it was before. Refusals are those of Read.
func (s *Store) Replace(ctx context.Context, owner uuid.UUID, file []byte, tell func(hash string) error) error {
	picture, err := s.read(ctx, file)
	if err != nil {
		return err
	}
	fresh, err := s.put(ctx, owner, picture)
	if err != nil {
		return err
	}
	if err := tell(picture.Hash); err != nil {
		if fresh && refusal.All(err) != nil {
			_, failed := s.pool.Exec(ctx, `delete from avatars where owner_id = $1 and hash = $2`, owner, picture.Hash)
			err = errors.Join(err, failed)
		}
		return err // of another kind: it may be in the log
	}
	return s.keepOnly(ctx, owner, picture.Hash)
}

// Remove takes the owner's picture away, once tell has said so in the log.
func (s *Store) Remove(ctx context.Context, owner uuid.UUID, tell func(hash string) error) error {
	if err := tell(""); err != nil {
		return err
	}
	return s.keepOnly(ctx, owner, "")
}

// read decodes one picture at a time: a large one takes some 300 MB for a moment.
func (s *Store) read(ctx context.Context, file []byte) (Picture, error) {
	if err := s.busy.Acquire(ctx, 1); err != nil {
		return Picture{}, err
	}
	defer s.busy.Release(1)
	return Read(file)
}

// put says whether the picture is new to its owner.
func (s *Store) put(ctx context.Context, owner uuid.UUID, p Picture) (bool, error) {
	done, err := s.pool.Exec(ctx, `insert into avatars (owner_id, hash, edge, jpeg) values ($1, $2, $3, $4), ($1, $2, $5, $6)
		on conflict do nothing`, owner, p.Hash, Large, p.Squares[Large], Small, p.Squares[Small])
	if err != nil {
		return false, fmt.Errorf("keeping the picture of %s: %w", owner, err)
	}
	return done.RowsAffected() > 0, nil
}

func (s *Store) keepOnly(ctx context.Context, owner uuid.UUID, hash string) error {
	if _, err := s.pool.Exec(ctx, `delete from avatars where owner_id = $1 and hash <> $2`, owner, hash); err != nil {
		return fmt.Errorf("erasing earlier pictures of %s: %w", owner, err)
	}
	return nil
}

// Find is the JPEG file at an address; ErrNone. Two owners of the same picture share the address.
func (s *Store) Find(ctx context.Context, hash string, edge int) ([]byte, error) {
	var file []byte
	err := s.pool.QueryRow(ctx, `select jpeg from avatars where hash = $1 and edge = $2 limit 1`, hash, edge).Scan(&file)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrNone
	}
	return file, err
}
