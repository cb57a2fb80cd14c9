package zones

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/refusal"
	"segmentchallenge/internal/sport"
)

// MostZones is how many an athlete may have.
const MostZones = 10

// Radii are the sizes to choose from, in metres: from a house in a village to a house that stands alone.
var Radii = []int{200, 400, 600, 800, 1000, 1500, 2000}

// Why a zone can't be added.
var (
	ErrPlace  = refusal.Field("place", "place_unreadable", "Give the place as latitude and longitude in degrees, such as 50.8503, 4.3517.")
	ErrRadius = refusal.Field("radius", "radius_invalid", "A zone reaches 200 to 2,000 metres.")
	ErrMany   = refusal.New("too_many_zones", "You have ten zones. Delete one first.")
	ErrNone   = refusal.Of(refusal.NotFound, "zone_not_found", "There is no such zone.")
)

// Store keeps zones.
type Store struct{ Pool *pgxpool.Pool }

// Of lists an athlete's zones, oldest first.
func (s Store) Of(ctx context.Context, athlete uuid.UUID) ([]Zone, error) {
	rows, err := s.Pool.Query(ctx, `select id, name, lat, lon, radius from privacy_zones where athlete_id = $1 order by created_at, id`, athlete)
	if err != nil {
		return nil, fmt.Errorf("privacy zones: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Zone])
}

// Add keeps a zone. Its name may be left open.
func (s Store) Add(ctx context.Context, athlete uuid.UUID, z Zone, now time.Time) error {
	name := z.Name
	if name != "" {
		var err error
		if name, err = sport.CleanName("name", z.Name); err != nil {
			return err
		}
	}
	if !(z.Lat >= -90 && z.Lat <= 90 && z.Lon >= -180 && z.Lon <= 180) { // nor NaN
		return ErrPlace
	}
	if z.Radius < Radii[0] || z.Radius > Radii[len(Radii)-1] {
		return ErrRadius
	}
	tag, err := s.Pool.Exec(ctx, `insert into privacy_zones (id, athlete_id, name, lat, lon, radius, created_at)
		select $1, $2, $3, $4, $5, $6, $7 where (select count(*) from privacy_zones where athlete_id = $2) < $8`,
		uuid.Must(uuid.NewV7()), athlete, name, z.Lat, z.Lon, z.Radius, now, MostZones)
	if err != nil {
		return fmt.Errorf("privacy zones: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrMany
	}
	return nil
}

// Remove deletes one of an athlete's zones. Refusal: ErrNone.
func (s Store) Remove(ctx context.Context, athlete, id uuid.UUID) error {
	tag, err := s.Pool.Exec(ctx, `delete from privacy_zones where athlete_id = $1 and id = $2`, athlete, id)
	if err != nil {
		return fmt.Errorf("privacy zones: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return ErrNone
	}
	return nil
}
