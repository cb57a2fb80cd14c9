package processes

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"segmentchallenge/internal/dispatch"
	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/process"
)

// CalendarName is that of the process, and of its subscription.
const CalendarName = "calendar"

// Clock runs the Calendar. Challenges and stages start, end and are approved within Options.Poll of their time; what became
// due while nobody ran it, as soon as somebody does. Any number of nodes may run it; each thing is asked for once.
type Clock struct {
	*process.Manager
	store *eventstore.Store
}

// NewClock makes the calendar's runner.
func NewClock(store *eventstore.Store, pool *pgxpool.Pool, d *dispatch.Dispatcher, opts process.Options) (*Clock, error) {
	send := func(ctx context.Context, command any, meta eventstore.Meta) error {
		_, err := d.Send(ctx, command.(dispatch.Command), meta)
		return err
	}
	m, err := process.New(store, pool, Calendar, send, opts)
	return &Clock{m, store}, err
}

// Pass does what the clock asks for by now, and what that makes due, and waits until it has happened: for those whose
// clock isn't the world's. Run must be running.
func (c *Clock) Pass(ctx context.Context, now time.Time) error {
	for {
		if err := c.caughtUp(ctx); err != nil {
			return err
		}
		fired, err := c.FireDue(ctx, now)
		if err != nil || fired == 0 {
			return err
		}
	}
}

// caughtUp waits until the calendar and the reactions have done all that follows from the log, and from what that makes.
func (c *Clock) caughtUp(ctx context.Context) error {
	for last := int64(-1); ; {
		head, err := c.store.Head(ctx)
		if err != nil || head == last {
			return err
		}
		last = head
		if err := c.store.WaitFor(ctx, head, Name, CalendarName); err != nil {
			return err
		}
		if err := c.Sent(ctx); err != nil {
			return err
		}
	}
}
