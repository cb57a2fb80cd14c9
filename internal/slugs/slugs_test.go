package slugs_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"segmentchallenge/internal/postgres"
	"segmentchallenge/internal/postgres/postgrestest"
	"segmentchallenge/internal/slugs"
)

func TestBase(t *testing.T) {
	for _, c := range []struct{ kind, name, want string }{
		{"challenge", "Alpine Cup 2026", "alpine-cup-2026"},
		{"challenge", "  Tour de l'Été — Genève ", "tour-de-lete-geneve"},
		{"club", "Čyklo Plzeň", "cyklo-plzen"},
		{"challenge", "富士山", "fu-shi-shan"},
		{"challenge", "New", "new-challenge"},
		{"stage/0197", "edit", "edit-stage"},
		{"challenge", "🚵🏔️", "unnamed-challenge"},
		{"stage/0197", "…", "unnamed-stage"},
		{"challenge", "", "unnamed-challenge"},
		{"challenge", "../../etc/passwd?x=1#y", "etc-passwd-x-1-y"},
		{"challenge", strings.Repeat("very ", 30) + "long", "very-very-very-very-very-very-very-very-very-very"},
		{"challenge", strings.Repeat("x", 5000), strings.Repeat("x", 50)},
	} {
		if got := slugs.Base(c.kind, c.name); got != c.want {
			t.Errorf("Base(%q, %.40q) = %q, want %q", c.kind, c.name, got, c.want)
		}
	}
}

func TestBaseIsAlwaysAnAddress(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,49}$`)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		base := slugs.Base("challenge", name)
		if !valid.MatchString(base) {
			t.Fatalf("Base(%q) = %q", name, base)
		}
		if again := slugs.Base("challenge", base); again != base {
			t.Fatalf("Base(%q) = %q, and of that %q", name, base, again)
		}
	})
}

func TestReserveSlug(t *testing.T) {
	pool, ctx := postgrestest.New(t), t.Context()
	reserve := func(kind, name string, owner uuid.UUID) string {
		t.Helper()
		s, err := slugs.ReserveSlug(ctx, pool, kind, name, owner)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	for _, step := range []struct {
		kind, name string
		owner      uuid.UUID
		want       string
	}{
		{"challenge", "Alpine Cup", a, "alpine-cup"},
		{"challenge", "alpine cup!", b, "alpine-cup-2"},
		{"challenge", "Alpine Cup", a, "alpine-cup"},
		{"challenge", "Alpine Cup", b, "alpine-cup-2"},
		{"challenge", "Alpine Cup 3", a, "alpine-cup-3"},
		{"challenge", "Alpine Cup", c, "alpine-cup-4"},
		{"club", "Alpine Cup", c, "alpine-cup"},
		{"stage/" + a.String(), "Stage One", b, "stage-one"},
		{"stage/" + b.String(), "Stage One", c, "stage-one"},
	} {
		if got := reserve(step.kind, step.name, step.owner); got != step.want {
			t.Errorf("%s %q for %.4s: %q, want %q", step.kind, step.name, step.owner, got, step.want)
		}
	}
	for slug, want := range map[string]uuid.UUID{"alpine-cup": a, "alpine-cup-2": b, "nobody-has-it": uuid.Nil} {
		if got, err := slugs.OwnerOf(ctx, pool, "challenge", slug); err != nil || got != want {
			t.Errorf("OwnerOf(%q) = %v, %v, want %v", slug, got, err, want)
		}
	}
}

func TestReserveSlugNeedsKindAndOwner(t *testing.T) {
	pool := postgrestest.New(t)
	if _, err := slugs.ReserveSlug(t.Context(), pool, "", "x", uuid.New()); err == nil {
		t.Error("no kind was taken")
	}
	if _, err := slugs.ReserveSlug(t.Context(), pool, "club", "x", uuid.Nil); err == nil {
		t.Error("no owner was taken")
	}
}

// Thirty things of one name at the same moment, half of them in transactions: everybody gets a slug of their own.
func TestReserveSlugAtOnce(t *testing.T) {
	pool := postgrestest.New(t)
	got := make([]string, 30)
	g, ctx := errgroup.WithContext(t.Context())
	for i := range got {
		g.Go(func() error {
			owner := uuid.New()
			if i%2 == 0 {
				return reserveInto(ctx, pool, owner, &got[i])
			}
			return postgres.WithTx(ctx, pool, func(tx pgx.Tx) error { return reserveInto(ctx, tx, owner, &got[i]) })
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range got {
		seen[s] = true
	}
	for n := 1; n <= len(got); n++ {
		want := "same-name"
		if n > 1 {
			want = fmt.Sprintf("same-name-%d", n)
		}
		if !seen[want] {
			t.Errorf("nobody got %q: %v", want, got)
		}
	}
}

func reserveInto(ctx context.Context, db slugs.DB, owner uuid.UUID, out *string) (err error) {
	*out, err = slugs.ReserveSlug(ctx, db, "challenge", "Same name", owner)
	return err
}
