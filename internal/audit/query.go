package audit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Query picks entries; what is empty doesn't restrict.
type Query struct {
	Actor       string    // an athlete's id, "system" or "visitor"
	People      bool      // leaves out what the program did by itself
	Target      uuid.UUID // the aggregate
	Challenge   uuid.UUID // every decision on it, its stages and its competitors
	Correlation uuid.UUID
	Command     uuid.UUID
	Types       []string
	Outcomes    []Outcome
	From, To    time.Time // at From or later, and before To; to the millisecond
	Before      uuid.UUID // keyset: only what is older than this entry, see Page.Next
	Limit       int       // 0: 50; at most 500
}

// Page is a part of the answer, newest first.
type Page struct {
	Items []Entry
	Next  uuid.UUID // Query.Before of the page after this one; zero when there is none
}

// queryer is a pool, a connection or a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// List gives the newest entries that a query picks, and where the next page begins.
func List(ctx context.Context, db queryer, q Query) (Page, error) {
	limit := min(q.Limit, 500)
	if limit <= 0 {
		limit = 50
	}
	var w where
	w.query(q)
	w.args = append(w.args, limit+1)
	rows, err := db.Query(ctx, `
		select id, recorded_at, command_id, type, target, challenge_id, actor, correlation_id, causation_id, outcome, code, detail,
			took_us, first_position, last_position, fields
		from command_audit`+w.String()+fmt.Sprintf(` order by id desc limit $%d`, len(w.args)), w.args...)
	if err != nil {
		return Page{}, err
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[row])
	if err != nil {
		return Page{}, err
	}
	var page Page
	for i, r := range stored {
		if i == limit {
			page.Next = page.Items[limit-1].ID
			break
		}
		page.Items = append(page.Items, r.entry())
	}
	return page, nil
}

// where collects conditions.
type where struct {
	parts []string
	args  []any
}

// add takes a condition with one %s where its argument goes.
func (w *where) add(condition string, arg any) {
	w.args = append(w.args, arg)
	w.parts = append(w.parts, fmt.Sprintf(condition, fmt.Sprintf("$%d", len(w.args))))
}

func (w *where) query(q Query) {
	for _, id := range []struct {
		column string
		id     uuid.UUID
	}{{"target", q.Target}, {"challenge_id", q.Challenge}, {"correlation_id", q.Correlation}, {"command_id", q.Command}} {
		if id.id != uuid.Nil {
			w.add(id.column+" = %s", id.id)
		}
	}
	if q.Actor != "" {
		w.add("actor = %s", q.Actor)
	}
	if q.People || q.Actor != "" && q.Actor != system {
		w.parts = append(w.parts, "actor <> '"+system+"'") // as the index has it
	}
	if len(q.Types) > 0 {
		w.add("type = any(%s)", q.Types)
	}
	if len(q.Outcomes) > 0 {
		w.outcomes(q.Outcomes)
	}
	if !q.From.IsZero() {
		w.add("id >= %s", firstID(q.From))
	}
	if !q.To.IsZero() {
		w.add("id < %s", firstID(q.To))
	}
	if q.Before != uuid.Nil {
		w.add("id < %s", q.Before)
	}
}

// outcomes says that done is none of those looked for, where it isn't: as the index has it.
func (w *where) outcomes(list []Outcome) {
	w.add("outcome = any(%s)", list)
	for _, o := range list {
		if o == Done {
			return
		}
	}
	w.parts = append(w.parts, "outcome <> '"+string(Done)+"'")
}

func (w *where) String() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " where " + strings.Join(w.parts, " and ")
}

// system is what the program itself is called as an actor.
const system = "system"

// firstID is the smallest UUIDv7 of a moment (RFC 9562, section 5.7: the first 48 bits are Unix milliseconds).
func firstID(at time.Time) (id uuid.UUID) {
	ms := max(at.UnixMilli(), 0)
	for i := range 6 {
		id[i] = byte(ms >> (8 * (5 - i)))
	}
	return id
}

// row is an entry in the table.
type row struct {
	ID            uuid.UUID
	RecordedAt    time.Time
	CommandID     uuid.NullUUID
	Type          string
	Target        uuid.NullUUID
	ChallengeID   uuid.NullUUID
	Actor         string
	CorrelationID uuid.NullUUID
	CausationID   uuid.NullUUID
	Outcome       Outcome
	Code          string
	Detail        string
	TookUs        int64
	FirstPosition *int64
	LastPosition  *int64
	Fields        []byte
}

func (r row) entry() Entry {
	e := Entry{ID: r.ID, At: r.RecordedAt.UTC(), CommandID: r.CommandID.UUID, Type: r.Type, Target: r.Target.UUID,
		Challenge: r.ChallengeID.UUID, Actor: r.Actor, CorrelationID: r.CorrelationID.UUID, CausationID: r.CausationID.UUID,
		Outcome: r.Outcome, Code: r.Code, Detail: r.Detail, Took: time.Duration(r.TookUs) * time.Microsecond, Fields: r.Fields}
	if r.FirstPosition != nil && r.LastPosition != nil {
		e.First, e.Last = *r.FirstPosition, *r.LastPosition
	}
	return e
}
