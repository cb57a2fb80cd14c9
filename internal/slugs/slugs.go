// Package slugs hands out the names in addresses: /challenges/alpine-cup.
//
// A name is reserved in the database before the command that carries it is given, so no two things share one even when
// they are created at the same moment. A reservation that is then not used does no harm: it is the owner's to take again.
package slugs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/gosimple/slug"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// maxLength of a slug in bytes, the number at its end included. It keeps addresses short enough to print on a poster.
const maxLength = 60

// maxRunes of a name that are looked at: enough for maxLength, and no more work for an absurdly long one.
const maxRunes = 200

// reserved words are (or may become) parts of routes where a slug stands: /challenges/new, /challenges/{slug}/edit.
var reserved = wordSet(`about account activities activity admin all api approve assets athletes auth boards cancel
	categories challenge challenges club clubs competitors create dashboard delete demo dev edit efforts embed end events
	exclude export favicon feed finished healthz help home host import invite join leaderboard leaderboards leave live
	login logout map me members metrics mine new notifications past privacy profile publish qr readyz register replay
	results reveal robots rules running search segment segments settings share sign-in sign-out sitemap stage stages
	start static strava trophies tv upcoming upload uploads users webhooks why`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		set[w] = true
	}
	return set
}

// DB is what reserving needs: a pool, or the transaction that a reservation belongs to.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Base turns a name into a slug: ASCII lower case, words joined by dashes, at most 50 bytes, never a word that a route
// needs ("New" becomes new-challenge). A name without letters or digits becomes unnamed-challenge.
func Base(kind, name string) string {
	word, _, _ := strings.Cut(kind, "/")
	runes := []rune(name)
	base := slug.Make(string(runes[:min(len(runes), maxRunes)]))
	base = shorten(base, maxLength-10) // room for "-" and a number
	switch {
	case base == "":
		return "unnamed-" + word
	case reserved[base]:
		return base + "-" + word
	}
	return base
}

// shorten cuts at a dash where there is one in the second half, so that words stay whole.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	s = s[:limit]
	if dash := strings.LastIndexByte(s, '-'); dash > limit/2 {
		s = s[:dash]
	}
	return strings.Trim(s, "-_")
}

// ReserveSlug gives owner a slug for name, unique within kind: Base, or Base with -2, -3 … where others have it.
// Asking again for the same owner and name gives the same slug. kind is the word that is named, such as "challenge",
// with the scope of uniqueness behind a slash where there is one: "stage/" + challenge id.
func ReserveSlug(ctx context.Context, db DB, kind, name string, owner uuid.UUID) (string, error) {
	if kind == "" || owner == uuid.Nil {
		return "", errors.New("a slug needs a kind and an owner")
	}
	base := Base(kind, name)
	for range 100 { // each further round means that somebody took the candidate between the two statements
		candidate, mine, err := choose(ctx, db, kind, base, owner)
		if err != nil || mine {
			return candidate, err
		}
		tag, err := db.Exec(ctx, `insert into slugs (kind, slug, owner) values ($1, $2, $3) on conflict do nothing`,
			kind, candidate, owner)
		if err != nil {
			return "", fmt.Errorf("reserve slug: %w", err)
		}
		if tag.RowsAffected() == 1 {
			return candidate, nil
		}
	}
	return "", fmt.Errorf("reserve slug: %q is taken faster than it can be reserved", base)
}

// choose finds the first of base, base-2, base-3 … that is free, or any of them that the owner has already.
func choose(ctx context.Context, db DB, kind, base string, owner uuid.UUID) (candidate string, mine bool, err error) {
	type row struct {
		Slug  string
		Owner uuid.UUID
	}
	rows, err := db.Query(ctx, `
		select slug, owner from slugs
		where kind = $1 and (slug = $2 or starts_with(slug, $2 || '-'))`, kind, base)
	if err != nil {
		return "", false, fmt.Errorf("reserve slug: %w", err)
	}
	taken, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return "", false, fmt.Errorf("reserve slug: %w", err)
	}
	owners := make(map[string]uuid.UUID, len(taken))
	for _, t := range taken {
		owners[t.Slug] = t.Owner
	}
	free := ""
	for n := 1; n <= len(taken)+1; n++ {
		s := numbered(base, n)
		switch holder, ok := owners[s]; {
		case ok && holder == owner:
			return s, true, nil
		case !ok && free == "":
			free = s
		}
	}
	return free, false, nil
}

func numbered(base string, n int) string {
	if n == 1 {
		return base
	}
	return base + "-" + strconv.Itoa(n)
}

// Release gives back all that was reserved for an owner that has not come to be.
func Release(ctx context.Context, db DB, owner uuid.UUID) error {
	if _, err := db.Exec(ctx, `delete from slugs where owner = $1`, owner); err != nil {
		return fmt.Errorf("release slug: %w", err)
	}
	return nil
}

// OwnerOf says who holds a slug, also one that its owner has since changed for another; uuid.Nil when nobody does.
func OwnerOf(ctx context.Context, db DB, kind, slug string) (uuid.UUID, error) {
	rows, err := db.Query(ctx, `select owner from slugs where kind = $1 and slug = $2`, kind, slug)
	if err != nil {
		return uuid.Nil, fmt.Errorf("owner of slug: %w", err)
	}
	owner, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[uuid.UUID])
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, nil
	}
	return owner, err
}
