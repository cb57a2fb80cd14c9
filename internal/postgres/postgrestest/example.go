package postgrestest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Example is New for an example, which has no testing.TB: a pool on a fresh, migrated database, and what drops that. It
// panics where a test would fail.
func Example() (pool *pgxpool.Pool, drop func()) {
	tb := &exampleTB{}
	return New(tb), func() {
		for _, cleanup := range slices.Backward(tb.cleanups) {
			cleanup()
		}
	}
}

// exampleTB is as much of a testing.TB as this package needs.
type exampleTB struct {
	testing.TB
	cleanups []func()
}

func (*exampleTB) Helper()                           {}
func (*exampleTB) Name() string                      { return "Example" }
func (*exampleTB) Context() context.Context          { return context.Background() }
func (tb *exampleTB) Cleanup(fn func())              { tb.cleanups = append(tb.cleanups, fn) }
func (*exampleTB) Error(args ...any)                 { panic(fmt.Sprint(args...)) }
func (*exampleTB) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleTB) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (*exampleTB) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
