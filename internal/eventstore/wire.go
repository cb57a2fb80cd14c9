package eventstore

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// insertEvents stores events if the head is still where the writer believes it to be ($1), and moves it by their number
// ($2). No row comes in when somebody else has written. The columns come as arrays, one statement whatever their number.
const insertEvents = `
with head as (update events_head set position = $1 + $2 where only_row and position = $1 returning true)
insert into events (position, event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at)
select $1 + e.n, e.event_id, e.stream, e.version, e.type, e.schema_version, e.data, e.metadata, e.correlation_id, e.causation_id, e.actor, e.recorded_at
from head, unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) with ordinality
	as e (event_id, stream, version, type, schema_version, data, metadata, correlation_id, causation_id, actor, recorded_at, n)`

var insertOIDs = []uint32{pgtype.Int8OID, pgtype.Int8OID, pgtype.UUIDArrayOID, pgtype.TextArrayOID, pgtype.Int8ArrayOID,
	pgtype.TextArrayOID, pgtype.Int4ArrayOID, pgtype.JSONArrayOID, pgtype.JSONArrayOID, pgtype.UUIDArrayOID,
	pgtype.UUIDArrayOID, pgtype.TextArrayOID, pgtype.TimestamptzArrayOID}

// binaryFormats says that all parameters are binary.
var binaryFormats = []int16{1}

// wire holds the parameters of insertEvents in PostgreSQL's binary format. Writing them by hand instead of through
// pgx's reflection takes a third off the writer's time, and it is the one goroutine that everybody waits for.
type wire struct {
	params [][]byte
	buf    []byte
}

// encode makes the parameters for events after head. They are valid until the next call.
func (w *wire) encode(head int64, events []Recorded) [][]byte {
	w.params, w.buf = w.params[:0], w.buf[:0]
	w.scalar(head)
	w.scalar(int64(len(events)))
	w.array(pgtype.UUIDOID, events, func(e *Recorded) { w.bytes(e.ID[:]) })
	w.array(pgtype.TextOID, events, func(e *Recorded) { w.text(e.Stream) })
	w.array(pgtype.Int8OID, events, func(e *Recorded) { w.int8(e.Version) })
	w.array(pgtype.TextOID, events, func(e *Recorded) { w.text(e.Type) })
	w.array(pgtype.Int4OID, events, func(e *Recorded) { w.int4(e.SchemaVersion) })
	w.array(pgtype.JSONOID, events, func(e *Recorded) { w.bytes(e.Data) })
	w.array(pgtype.JSONOID, events, func(e *Recorded) { w.bytes(e.Metadata) })
	w.array(pgtype.UUIDOID, events, func(e *Recorded) { w.id(e.CorrelationID) })
	w.array(pgtype.UUIDOID, events, func(e *Recorded) { w.id(e.CausationID) })
	w.array(pgtype.TextOID, events, func(e *Recorded) { w.text(e.Actor) })
	w.array(pgtype.TimestamptzOID, events, func(e *Recorded) { w.time(e.Time) })
	if cap(w.buf) > 1<<20 { // a rare huge batch must not keep its memory
		defer func() { w.buf = nil }()
	}
	return w.params
}

func (w *wire) scalar(v int64) {
	start := len(w.buf)
	w.buf = binary.BigEndian.AppendUint64(w.buf, uint64(v))
	w.params = append(w.params, w.buf[start:])
}

// array writes the header of a one-dimensional array (array_send in PostgreSQL's arrayfuncs.c): dimensions, whether there
// are nulls, element type, length, lower bound; then the elements. Earlier parameters stay good when buf moves.
func (w *wire) array(oid uint32, events []Recorded, element func(*Recorded)) {
	start := len(w.buf)
	for _, v := range [...]uint32{1, 1, oid, uint32(len(events)), 1} {
		w.buf = binary.BigEndian.AppendUint32(w.buf, v)
	}
	for i := range events {
		element(&events[i])
	}
	w.params = append(w.params, w.buf[start:len(w.buf):len(w.buf)])
}

// bytes writes an element; nil is null.
func (w *wire) bytes(b []byte) {
	if b == nil {
		w.buf = binary.BigEndian.AppendUint32(w.buf, ^uint32(0))
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
