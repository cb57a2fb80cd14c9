package readmodel

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"segmentchallenge/internal/actor"
	"segmentchallenge/internal/refusal"
)

// DB is where queries run: a pool, a connection or a transaction.
type DB interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// ErrCursor is a cursor that this program did not make.
var ErrCursor = refusal.Field("cursor", "cursor_invalid", "This page mark can't be read. Start again from the first page.")

const (
	defaultLimit = 50
	maxLimit     = 1000
)

func clampLimit(n int) int {
	switch {
	case n <= 0:
		return defaultLimit
	case n > maxLimit:
		return maxLimit
	}
	return n
}

// where collects conditions. They use named arguments, so that each names only what it needs, and leaving one out
// leaves a plan that can use an index.
type where []string

func (w *where) add(when bool, condition string) {
	if when {
		*w = append(*w, condition)
	}
}

func (w where) String() string {
	if len(w) == 0 {
		return " where true"
	}
	return " where (" + strings.Join(w, ") and (") + ")"
}

// viewerArgs are the named arguments that say who asks.
func viewerArgs(a actor.Actor) pgx.NamedArgs {
	return pgx.NamedArgs{"viewer": a.AthleteID, "all": a.Admin || a.System}
}

func list[T any](ctx context.Context, db DB, sql string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// one is the first row, or the refusal when there is none.
func one[T any](ctx context.Context, db DB, none *refusal.Error, sql string, args ...any) (T, error) {
	var zero T
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return zero, err
	}
	v, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[T])
	var pgErr *pgconn.PgError
	if errors.Is(err, pgx.ErrNoRows) || errors.As(err, &pgErr) && pgErr.Code == pgerrcode.CharacterNotInRepertoire {
		return zero, none // the latter: a name in an address that is no text at all
	}
	return v, err
}

// cut takes the one row too many that a query for limit+1 rows brought away, and makes the cursor that follows it.
func cut[T any](rows []T, limit int, key func(T) []string) ([]T, string) {
	if len(rows) <= limit {
		return rows, ""
	}
	rows = rows[:limit]
	return rows, cursor(key(rows[limit-1])...)
}

// A cursor is the sort key of the last row seen, so a page starts right behind it whatever has come or gone.
func cursor(parts ...string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join(parts, "\x00")))
}

func splitCursor(s string, n int) ([]string, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	parts := strings.Split(string(b), "\x00")
	if err != nil || len(parts) != n || !utf8.Valid(b) {
		return nil, ErrCursor
	}
	return parts, nil
}

// timeAndID reads the cursor of lists that are ordered by a moment and an id.
func timeAndID(s string) (time.Time, uuid.UUID, error) {
	parts, err := splitCursor(s, 2)
	if err != nil {
		return time.Time{}, uuid.Nil, err
	}
	t, err := time.Parse(time.RFC3339Nano, parts[0])
	id, err2 := uuid.Parse(parts[1])
	if err != nil || err2 != nil {
		return time.Time{}, uuid.Nil, ErrCursor
	}
	return t, id, nil
}

func timeKey(t time.Time, id uuid.UUID) []string {
	return []string{t.UTC().Format(time.RFC3339Nano), id.String()}
}

// nameAndID reads the cursor of lists that are ordered by a name and an id.
func nameAndID(s string) (string, uuid.UUID, error) {
	parts, err := splitCursor(s, 2)
	if err != nil {
		return "", uuid.Nil, err
	}
	id, err := uuid.Parse(parts[1])
	if err != nil {
		return "", uuid.Nil, ErrCursor
	}
	return parts[0], id, nil
}

// words turns what a person typed into a search for rows that hold all the words, each perhaps only begun. It is empty
// when there is no word in it.
func words(q string) string {
	fields := strings.FieldsFunc(strings.ToLower(q), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, f := range fields {
		fields[i] = f + ":*"
	}
	return strings.Join(fields, " & ")
}

// Milli counts thousandths of a second or of a metre. In JSON it is the seconds or metres: 252.3.
type Milli int64

// Float is the seconds or metres.
func (m Milli) Float() float64 { return float64(m) / 1000 }

// Duration is m as a time.
func (m Milli) Duration() time.Duration { return time.Duration(m) * time.Millisecond }

// MarshalJSON writes decimals without trailing zeros.
func (m Milli) MarshalJSON() ([]byte, error) {
	sign, n := "", int64(m)
	if n < 0 {
		sign, n = "-", -n
	}
	s := fmt.Sprintf("%s%d.%03d", sign, n/1000, n%1000)
	return []byte(strings.TrimRight(strings.TrimRight(s, "0"), ".")), nil
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (m *Milli) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return fmt.Errorf("%q is not a number of seconds or metres", b)
	}
	*m = Milli(math.Round(f * 1000))
	return nil
}
