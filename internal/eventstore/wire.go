package eventstore

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// insertEvents takes the next $1 positions and stores as many events there; it gives the position before the first. The
// columns come as arrays, one statement whatever their number. They are unpacked in step in the select list: in the from
// clause PostgreSQL would first put each array's elements aside, which costs a batch of 16 a third of its time. With $1 = 0
// it does nothing, and neither does it where the log is of another generation than $13.
const insertEvents = `
with head as (update events_head set position = position + $1 where only_row and generation = $13 and $1 > 0 returning position - $1 as before),
stored as (
	insert into events (position, event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at)
	select before + generate_series(1, $1), unnest($2), unnest($3), unnest($4), unnest($5), unnest($6), unnest($7), unnest($8),
		unnest($9), unnest($10), unnest($11), unnest($12)
	from head)
select before from head`

// insertEvent is the same for one event, for the lone caller: unpacking arrays takes a twentieth of its time.
const insertEvent = `
with head as (update events_head set position = position + $1 where only_row and generation = $13 and $1 > 0 returning position - $1 as before)
insert into events (position, event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at)
select before + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 from head
returning position - 1`

var (
	insertOIDs = []uint32{pgtype.Int8OID, pgtype.UUIDArrayOID, pgtype.TextArrayOID, pgtype.Int8ArrayOID,
		pgtype.TextArrayOID, pgtype.Int4ArrayOID, pgtype.JSONArrayOID, pgtype.JSONArrayOID, pgtype.UUIDArrayOID,
		pgtype.UUIDArrayOID, pgtype.TextArrayOID, pgtype.TimestamptzArrayOID, pgtype.Int8OID}
	insertOneOIDs = []uint32{pgtype.Int8OID, pgtype.UUIDOID, pgtype.TextOID, pgtype.Int8OID, pgtype.TextOID,
		pgtype.Int4OID, pgtype.JSONOID, pgtype.JSONOID, pgtype.UUIDOID, pgtype.UUIDOID, pgtype.TextOID, pgtype.TimestamptzOID,
		pgtype.Int8OID}
)

// binaryFormats says that all parameters, or results, are binary.
var binaryFormats = []int16{1}

// wire holds the parameters of insertEvents in PostgreSQL's binary format. They are written by hand instead of through
// pgx's reflection, since the writer is the one goroutine that everybody waits for.
type wire struct {
	params [][]byte
	buf    []byte
	single bool // elements stand alone instead of in arrays
}

// encode makes the parameters, of insertEvent for one event and of insertEvents for more. They are valid until the next
// call.
func (w *wire) encode(events []Recorded, generation int64) [][]byte {
	if cap(w.buf) > 1<<20 { // a rare huge batch must not keep its memory
		w.buf = nil
	}
	w.params, w.buf, w.single = w.params[:0], w.buf[:0], len(events) == 1
	w.params = append(w.params, binary.BigEndian.AppendUint64(nil, uint64(len(events))))
	w.column(pgtype.UUIDOID, events, func(e *Recorded) { w.bytes(e.ID[:]) })
	w.column(pgtype.TextOID, events, func(e *Recorded) { w.text(e.Stream) })
	w.column(pgtype.Int8OID, events, func(e *Recorded) { w.int8(e.Version) })
	w.column(pgtype.TextOID, events, func(e *Recorded) { w.text(e.Type) })
	w.column(pgtype.Int4OID, events, func(e *Recorded) { w.int4(e.SchemaVersion) })
	w.column(pgtype.JSONOID, events, func(e *Recorded) { w.bytes(e.Data) })
	w.column(pgtype.JSONOID, events, func(e *Recorded) { w.bytes(e.Metadata) })
	w.column(pgtype.UUIDOID, events, func(e *Recorded) { w.id(e.CorrelationID) })
	w.column(pgtype.UUIDOID, events, func(e *Recorded) { w.id(e.CausationID) })
	w.column(pgtype.TextOID, events, func(e *Recorded) { w.text(e.Actor) })
	w.column(pgtype.TimestamptzOID, events, func(e *Recorded) { w.time(e.Time) })
	w.params = append(w.params, binary.BigEndian.AppendUint64(nil, uint64(generation)))
	return w.params
}

// column writes one value, or an array: the header (array_send in PostgreSQL's arrayfuncs.c: dimensions, whether there are
// nulls, element type, length, lower bound), then the elements, each behind its length, which is -1 for null. Earlier
// parameters stay good when buf moves.
func (w *wire) column(oid uint32, events []Recorded, element func(*Recorded)) {
	start := len(w.buf)
	if w.single {
		element(&events[0])
		value := w.buf[start+4:]
		if binary.BigEndian.Uint32(w.buf[start:]) == null {
			value = nil
		}
		w.params = append(w.params, value)
		return
	}
	for _, v := range [...]uint32{1, 1, oid, uint32(len(events)), 1} {
		w.buf = binary.BigEndian.AppendUint32(w.buf, v)
	}
	for i := range events {
		element(&events[i])
	}
	w.params = append(w.params, w.buf[start:])
}

const null = ^uint32(0)

// bytes writes an element; nil is null.
func (w *wire) bytes(b []byte) {
	if b == nil {
		w.buf = binary.BigEndian.AppendUint32(w.buf, null)
		return
	}
	w.buf = append(binary.BigEndian.AppendUint32(w.buf, uint32(len(b))), b...)
}

func (w *wire) text(s string) {
	w.buf = append(binary.BigEndian.AppendUint32(w.buf, uint32(len(s))), s...)
}

func (w *wire) int4(v int) {
	w.buf = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(w.buf, 4), uint32(v))
}

func (w *wire) int8(v int64) {
	w.buf = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(w.buf, 8), uint64(v))
}

// id writes a uuid; the zero one is null.
func (w *wire) id(id uuid.UUID) {
	if id == uuid.Nil {
		w.bytes(nil)
		return
	}
	w.bytes(id[:])
}

// postgresEpoch is where PostgreSQL's timestamps count from, in microseconds since 1970.
var postgresEpoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

func (w *wire) time(t time.Time) { w.int8(t.UnixMicro() - postgresEpoch) }
