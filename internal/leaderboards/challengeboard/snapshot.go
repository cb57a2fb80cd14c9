package challengeboard

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
)

// A snapshot is what a board consists of without its events: a head in JSON, and behind it the lines of all parts in their
// order, packed, as there may be hundreds of thousands. Words that come again and again are named by their place in a list.

// SnapshotSchema implements aggregate.Snapshotter. Raise the number whenever State, leaderboards.Line or Evolve changes.
func (s State) SnapshotSchema() (name string, version int) { return "challengeboard", 1 }

// EventWeight implements aggregate.Weighty: an event brings so many lines.
func (State) EventWeight() int { return partSize }

type snapshotHead struct {
	Ref
	Scheme      leaderboards.Scheme       `json:"scheme"`
	Final       bool                      `json:"final,omitempty"`
	Adjustments []leaderboards.Adjustment `json:"adjustments,omitempty"`
	Limited     []uuid.UUID               `json:"limited,omitempty"`
	Stages      []snapshotStage           `json:"stages,omitempty"`
	Words       []string                  `json:"words,omitempty"` // of classifications and bonuses
	Lines       int                       `json:"lines,omitempty"` // as State.lines counts them
}

type snapshotStage struct {
	leaderboards.Stage
	Worst   []leaderboards.Worst `json:"worst,omitempty"`
	Limited []uuid.UUID          `json:"limited,omitempty"`
	Parts   []snapshotPart       `json:"parts,omitempty"`
}

type snapshotPart struct {
	Given int         `json:"given,omitempty"` // lines
	Taken []uuid.UUID `json:"taken,omitempty"`
}

// MarshalSnapshot implements aggregate.Snapshotter.
func (s State) MarshalSnapshot() ([]byte, error) {
	if !s.Exists {
		return nil, errors.New("a board that doesn't exist has no snapshot")
	}
	head := snapshotHead{Ref: s.Ref, Scheme: s.Scheme, Final: s.Final, Adjustments: s.Adjustments, Lines: s.lines}
	for athlete := range s.limited.All() {
		head.Limited = append(head.Limited, athlete)
	}
	p := packer{words: map[string]uint64{}}
	for _, x := range s.stages {
		stage := snapshotStage{Stage: x.Stage, Worst: x.worst, Limited: x.limited}
		for _, part := range x.parts {
			stage.Parts = append(stage.Parts, snapshotPart{len(part.given), part.taken})
			for _, line := range part.given {
				p.line(line)
			}
		}
		head.Stages = append(head.Stages, stage)
	}
	head.Words = p.list
	data, err := json.Marshal(head)
	if err != nil {
		return nil, err
	}
	return append(append(data, '\n'), p.data...), nil
}

// UnmarshalSnapshot implements aggregate.Snapshotter.
func (State) UnmarshalSnapshot(data []byte) (State, error) {
	line, data, _ := bytes.Cut(data, []byte{'\n'})
	var head snapshotHead
	if err := json.Unmarshal(line, &head); err != nil {
		return State{}, err
	}
	s := State{Exists: true, Ref: head.Ref, Scheme: head.Scheme, Final: head.Final, Adjustments: head.Adjustments, lines: head.Lines}
	for _, athlete := range head.Limited {
		s.limited = s.limited.Set(athlete, struct{}{})
	}
	u := unpacker{data: data, words: head.Words}
	for _, x := range head.Stages {
		stage := scored{Stage: x.Stage, worst: x.Worst, limited: x.Limited}
		for _, p := range x.Parts {
			stage.parts = append(stage.parts, part{u.lines(p.Given), p.Taken})
		}
		s.stages = append(s.stages, stage)
	}
	if u.broken || len(u.data) > 0 {
		return State{}, errNoSnapshot
	}
	return s, nil
}

var errNoSnapshot = errors.New("these bytes are no snapshot of a challenge's board")

// packer writes lines as numbers of variable length.
type packer struct {
	data  []byte
	words map[string]uint64
	list  []string
}

func (p *packer) int(n int64) { p.data = binary.AppendVarint(p.data, n) }

func (p *packer) word(w string) {
	i, known := p.words[w]
	if !known {
		i = uint64(len(p.list))
		p.words[w], p.list = i, append(p.list, w)
	}
	p.data = binary.AppendUvarint(p.data, i)
}

func (p *packer) line(l leaderboards.Line) {
	p.data = append(p.data, l.AthleteID[:]...)
	goal := int64(0)
	if l.Goal {
		goal = 1
	}
	for _, n := range []int64{l.Value, l.AchievedAt.Unix(), int64(l.AchievedAt.Nanosecond()), goal, int64(len(l.Scores))} {
		p.int(n)
	}
	for _, score := range l.Scores {
		p.word(score.Classification)
		for _, n := range []int64{int64(score.Place), int64(score.Base), int64(score.Factor), int64(score.Amount), int64(len(score.Bonuses))} {
			p.int(n)
		}
		for _, b := range score.Bonuses {
			p.word(string(b.For))
			p.int(int64(b.Points))
		}
	}
}

// unpacker reads what packer wrote. Once broken, it gives zeros.
type unpacker struct {
	data   []byte
	words  []string
	broken bool
}

func (u *unpacker) fail() {
	u.broken, u.data = true, nil
}

func (u *unpacker) int() int64 {
	n, size := binary.Varint(u.data)
	if size <= 0 {
		u.fail()
		return 0
	}
	u.data = u.data[size:]
	return n
}

// count is a number of things that follow, each of a byte at least.
func (u *unpacker) count() int {
	n := u.int()
	if n < 0 || n > int64(len(u.data)) {
		u.fail()
		return 0
	}
	return int(n)
}

func (u *unpacker) word() string {
	i, size := binary.Uvarint(u.data)
	if size <= 0 || i >= uint64(len(u.words)) {
		u.fail()
		return ""
	}
	u.data = u.data[size:]
	return u.words[i]
}

func (u *unpacker) lines(n int) []leaderboards.Line {
	if n < 0 || n > len(u.data) {
		u.fail()
		return nil
	}
	if n == 0 {
		return nil
	}
	lines := make([]leaderboards.Line, n)
	for i := range lines {
		if u.broken {
			return nil
		}
		lines[i] = u.line()
	}
	return lines
}

func (u *unpacker) line() (l leaderboards.Line) {
	u.data = u.data[copy(l.AthleteID[:], u.data):]
	l.Value = u.int()
	l.AchievedAt = time.Unix(u.int(), u.int()).UTC()
	l.Goal = u.int() != 0
	if n := u.count(); n > 0 {
		l.Scores = make([]leaderboards.Score, n)
	}
	for i := range l.Scores {
		s := leaderboards.Score{Classification: u.word(), Place: int(u.int()), Base: leaderboards.Amount(u.int()), Factor: int(u.int()),
			Amount: leaderboards.Amount(u.int())}
		for range u.count() {
			s.Bonuses = append(s.Bonuses, leaderboards.Bonus{For: leaderboards.BonusFor(u.word()), Points: leaderboards.Amount(u.int())})
		}
		l.Scores[i] = s
	}
	return l
}
