package stageboard

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/ordered"
	"segmentchallenge/internal/sport"
)

// A snapshot is what a board consists of without its events: a head in JSON, and a row of fixed length for each athlete it
// has heard of, those on the board first, in their order. 100,000 athletes are 7 MB; rows in JSON would be 20 MB and take
// ten times as long to read.

// SnapshotSchema implements aggregate.Snapshotter. Raise the number whenever State, entry or Evolve changes.
func (s State) SnapshotSchema() (name string, version int) { return "stageboard", 2 }

type snapshotHead struct {
	Ref
	Measure   sport.Measure `json:"measure"`
	Precision int64         `json:"precision"`
	Final     bool          `json:"final,omitempty"`
	On        uint32        `json:"on"`    // rows of athletes on the board
	Known     uint32        `json:"known"` // all rows
}

// snapshotRow is an entry. Its size is fixed.
type snapshotRow struct {
	AthleteID, EffortID uuid.UUID
	Value               int64
	AchievedSec         int64 // Unix
	FirstSec            int64 // and this with its nanoseconds is zero for the zero time
	AchievedNano        int32
	FirstNano           int32
	Attempts            int32
	Seq                 int64
}

// MarshalSnapshot implements aggregate.Snapshotter.
func (s State) MarshalSnapshot() ([]byte, error) {
	if !s.Exists {
		return nil, errors.New("a board that doesn't exist has no snapshot")
	}
	rows := make([]snapshotRow, 0, s.known.Len())
	for k := range s.table.From(0) {
		e, _ := s.known.Get(k.AthleteID)
		rows = append(rows, e.row(k.AthleteID))
	}
	on := len(rows)
	for athlete, e := range s.known.All() {
		if !e.on {
			rows = append(rows, e.row(athlete))
		}
	}
	head, err := json.Marshal(snapshotHead{s.Ref, s.Scale.Measure, s.Scale.Precision, s.Final, uint32(on), uint32(len(rows))})
	if err != nil {
		return nil, err
	}
	data := append(append(make([]byte, 0, len(head)+1+len(rows)*binary.Size(snapshotRow{})), head...), '\n')
	for _, r := range rows {
		data = r.append(data)
	}
	return data, nil
}

func (e entry) row(athlete uuid.UUID) snapshotRow {
	r := snapshotRow{athlete, e.EffortID, e.Value, e.AchievedAt.Unix(), 0, int32(e.AchievedAt.Nanosecond()), 0, int32(e.Attempts), e.seq}
	if !e.FirstAt.IsZero() {
		r.FirstSec, r.FirstNano = e.FirstAt.Unix(), int32(e.FirstAt.Nanosecond())
	}
	return r
}

func (r snapshotRow) append(data []byte) []byte {
	data = append(append(data, r.AthleteID[:]...), r.EffortID[:]...)
	data = binary.LittleEndian.AppendUint64(data, uint64(r.Value))
	data = binary.LittleEndian.AppendUint64(data, uint64(r.AchievedSec))
	data = binary.LittleEndian.AppendUint64(data, uint64(r.FirstSec))
	data = binary.LittleEndian.AppendUint32(data, uint32(r.AchievedNano))
	data = binary.LittleEndian.AppendUint32(data, uint32(r.FirstNano))
	data = binary.LittleEndian.AppendUint32(data, uint32(r.Attempts))
	return binary.LittleEndian.AppendUint64(data, uint64(r.Seq))
}

// cut reads a row that lies in data, and gives what follows it.
func cut(data []byte) (r snapshotRow, rest []byte) {
	copy(r.AthleteID[:], data)
	copy(r.EffortID[:], data[16:])
	r.Value = int64(binary.LittleEndian.Uint64(data[32:]))
	r.AchievedSec = int64(binary.LittleEndian.Uint64(data[40:]))
	r.FirstSec = int64(binary.LittleEndian.Uint64(data[48:]))
	r.AchievedNano = int32(binary.LittleEndian.Uint32(data[56:]))
	r.FirstNano = int32(binary.LittleEndian.Uint32(data[60:]))
	r.Attempts = int32(binary.LittleEndian.Uint32(data[64:]))
	r.Seq = int64(binary.LittleEndian.Uint64(data[68:]))
	return r, data[76:]
}

var errNoSnapshot = errors.New("these bytes are no snapshot of a board")

// UnmarshalSnapshot implements aggregate.Snapshotter, in O(n log n).
func (State) UnmarshalSnapshot(data []byte) (State, error) {
	line, data, _ := bytes.Cut(data, []byte{'\n'})
	var head snapshotHead
	if err := json.Unmarshal(line, &head); err != nil {
		return State{}, err
	}
	if head.On > head.Known || len(data) != int(head.Known)*binary.Size(snapshotRow{}) {
		return State{}, errNoSnapshot
	}
	s := State{Exists: true, Ref: head.Ref, Scale: leaderboards.Scale{Measure: head.Measure, Precision: head.Precision}, Final: head.Final}
	keys, known := make([]leaderboards.Key, 0, head.On), make([]ordered.Entry[uuid.UUID, entry], head.Known)
	for i := range known {
		var r snapshotRow
		r, data = cut(data)
		e := entry{seq: r.Seq, on: i < int(head.On), Standing: Standing{Value: r.Value, EffortID: r.EffortID,
			AchievedAt: time.Unix(r.AchievedSec, int64(r.AchievedNano)).UTC(), Attempts: int(r.Attempts)}}
		if r.FirstSec != 0 || r.FirstNano != 0 {
			e.FirstAt = time.Unix(r.FirstSec, int64(r.FirstNano)).UTC()
		}
		if e.on {
			keys = append(keys, s.key(r.AthleteID, e.Standing))
		}
		known[i] = ordered.Entry[uuid.UUID, entry]{Key: r.AthleteID, Value: e}
	}
	slices.SortFunc(known, func(a, b ordered.Entry[uuid.UUID, entry]) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	var inOrder, each bool
	s.table, inOrder = leaderboards.TableOf(keys)
	s.known, each = ordered.FromSorted[uuid.UUID, entry, ordered.IDs](known)
	if !inOrder || !each {
		return State{}, errNoSnapshot
	}
	return s, nil
}
