package process

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"segmentchallenge/internal/eventstore"
	"segmentchallenge/internal/panics"
	"segmentchallenge/internal/refusal"
)

// outgoing is a command on its way: a row of process_outbox.
type outgoing struct {
	ID            int64
	Instance      string
	Life          uuid.UUID
	Position      *int64
	CommandID     uuid.UUID
	CorrelationID *uuid.UUID
	CausationID   *uuid.UUID
	Traceparent   string
	Command       string
	Data          json.RawMessage
	Attempts      int
}

// A round of sending takes so many commands at most, and may take so long to write down what it has done.
const (
	roundSize   = 500
	writingTime = 10 * time.Second
)

// sendAlways sends what is in the outbox until ctx is done.
func (m *Manager) sendAlways(ctx context.Context) {
	for {
		var n int
		err := panics.Caught(func() (err error) { n, err = m.sendRound(ctx); return err })
		if err != nil && ctx.Err() == nil {
			m.opts.Log.Warn("commands of a process wait", "process", m.def.name, "error", err)
		}
		if ctx.Err() != nil || (n == 0 || err != nil) && !m.pause(ctx, m.outbox) {
			return
		}
	}
}

// sendRound sends the commands of some instances: of each as many as go well. The lock on an instance's first command keeps
// other rounds and other nodes from it until what was sent is deleted. It is let go when this node dies; then the others
// send the same commands again, with the same ids.
func (m *Manager) sendRound(ctx context.Context) (sent int, err error) {
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx)) // what has been sent is written down also when ctx ends
	defer cancel()
	err = pgx.BeginFunc(writing, m.pool, func(tx pgx.Tx) error {
		rows, err := m.claim(ctx, tx)
		if err != nil || len(rows) == 0 {
			return err
		}
		more := len(rows) == roundSize || len(byInstance(rows)) == m.opts.AtOnce
		if more { // for somebody else, meanwhile
			m.decided.Store(true)
			m.wakeSenders()
		}
		answers := m.sendAll(ctx, rows)
		m.crash("sent")
		defer time.AfterFunc(writingTime, cancel).Stop()
		sent = len(answers)
		return m.conclude(writing, tx, answers)
	})
	m.wakeSenders() // refusals may have led to commands
	return sent, err
}

// claim locks the first command of some instances, and reads it with those behind it: in one statement, whose snapshot is
// right for them too, since whoever changes one of them holds the lock on the first.
func (m *Manager) claim(ctx context.Context, tx pgx.Tx) ([]outgoing, error) {
	rows, err := tx.Query(ctx, `
		with first as materialized (
			select o.instance from process_outbox o
			where o.process = $1 and not o.parked and o.next_try <= clock_timestamp() and not exists (
				select from process_outbox e where e.process = o.process and e.instance = o.instance and e.id < o.id)
			order by o.id limit $2 for update skip locked)
		select o.id, o.instance, o.life, o.position, o.command_id, o.correlation_id, o.causation_id, o.traceparent,
			o.command, o.data, o.attempts
		from process_outbox o join first on first.instance = o.instance where o.process = $1 order by o.id limit $3`,
		m.def.name, m.opts.AtOnce, roundSize)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[outgoing])
}

func byInstance(rows []outgoing) map[string][]outgoing {
	of := map[string][]outgoing{}
	for _, row := range rows {
		of[row.Instance] = append(of[row.Instance], row)
	}
	return of
}

// answer is what became of a command.
type answer struct {
	outgoing
	command any
	err     error
	refused bool
}

// sendAll sends the commands of all instances at the same time, and those of one in turn, until one fails or is refused.
func (m *Manager) sendAll(ctx context.Context, rows []outgoing) []answer {
	of := byInstance(rows)
	answers := make(chan answer, len(rows))
	var sending errgroup.Group
	for _, commands := range of {
		sending.Go(func() error {
			for _, row := range commands {
				a := m.sendOne(ctx, row)
				if ctx.Err() != nil && a.err != nil {
					return nil // as if it had not been tried
				}
				if answers <- a; a.err != nil && !(a.refused && m.def.refusals == ToIgnore) {
					return nil
				}
			}
			return nil
		})
	}
	_ = sending.Wait() // never fails
	close(answers)
	var all []answer
	for a := range answers {
		all = append(all, a)
	}
	return all
}

func (m *Manager) sendOne(ctx context.Context, row outgoing) answer {
	a := answer{outgoing: row}
	if a.command, a.err = m.def.commands.decode(row.Command, row.Data); a.err != nil {
		return a
	}
	meta := eventstore.Meta{CommandID: row.CommandID, Actor: m.opts.Actor}
	if row.CorrelationID != nil {
		meta.CorrelationID = *row.CorrelationID
	}
	if row.CausationID != nil {
		meta.CausationID = *row.CausationID
	}
	done := func(error) {}
	if m.opts.Observe != nil {
		ctx, done = m.opts.Observe(ctx, Sending{Process: m.def.name, Instance: row.Instance, Command: row.Command, Attempt: row.Attempts + 1,
			Traceparent: row.Traceparent, Timed: row.Position == nil})
	}
	a.err = panics.Caught(func() error { return m.send(ctx, a.command, meta) })
	a.refused = refusal.All(a.err) != nil
	if a.refused && m.def.refusals != ToPark { // which is an answer
		done(nil)
	} else {
		done(a.err)
	}
	return a
}

// conclude writes down what became of a round's commands.
func (m *Manager) conclude(ctx context.Context, tx pgx.Tx, answers []answer) error {
	var refused []answer
	var failed []answer
	var done []int64
	for _, a := range answers {
		switch {
		case a.err == nil || a.refused && m.def.refusals == ToIgnore:
			done = append(done, a.ID)
		case a.refused && m.def.refusals == ToReact:
			refused = append(refused, a)
		default:
			failed = append(failed, a)
		}
	}
	if len(refused) > 0 {
		reacted, err := m.refuse(ctx, tx, refused)
		if err != nil {
			return err
		}
		done = append(done, reacted...)
	}
	var b pgx.Batch
	b.Queue(`delete from process_outbox where id = any($1)`, done)
	for _, a := range failed {
		m.fail(&b, a)
	}
	return tx.SendBatch(ctx, &b).Close()
}

// refuse gives instances the refusals of their commands, and says which were taken in. One that has stopped since needs no
// answer, nor does it when it was started again. With one that is stuck the command waits, and is sent again when it isn't.
func (m *Manager) refuse(ctx context.Context, tx pgx.Tx, refused []answer) (done []int64, err error) {
	var names []string
	for _, a := range refused {
		names = append(names, a.Instance)
	}
	t, err := m.begin(ctx, tx, names, waitForLock)
	if err != nil {
		return nil, err
	}
	var held pgx.Batch
	for _, a := range refused {
		in := t.instances[a.Instance]
		lives := in != nil && in.life != nil && *in.life == a.Life
		if lives && in.stuck == "" {
			why := cause{a.CommandID, a.Position, a.CorrelationID, a.CausationID, a.Traceparent}
			if err := t.react(in, Refused{a.command, a.err}, why); err != nil {
				t.stick(in, "refusal", err)
			}
		}
		if lives && in.stuck != "" {
			held.Queue(`update process_outbox set parked = true, trouble = $2 where id = $1`, a.ID, a.err.Error())
			continue
		}
		done = append(done, a.ID)
	}
	if err := t.save(ctx); err != nil {
		return nil, err
	}
	return done, tx.SendBatch(ctx, &held).Close()
}

// fail decides what becomes of a command that could not be carried out.
func (m *Manager) fail(b *pgx.Batch, a answer) {
	retry, attempts := m.opts.Retry, a.Attempts+1
	parked := a.refused || errors.Is(a.err, errUnknownCommand) || attempts >= retry.Attempts
	pause := retry.First << min(attempts-1, 30)
	if pause > retry.Longest || pause <= 0 {
		pause = retry.Longest
	}
	b.Queue(`update process_outbox set attempts = $2, next_try = clock_timestamp() + $3::interval, parked = $4, trouble = $5
		where id = $1`, a.ID, attempts, pause, parked, a.err.Error())
	m.opts.Log.Error("a command of a process fails", "process", m.def.name, "instance", a.Instance, "command", a.Command,
		"attempt", attempts, "parked", parked, "error", a.err)
}
