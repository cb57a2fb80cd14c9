package activities

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if err := s.admit(c); err != nil {
		return nil, err
	}
	switch c := c.(type) {
	case Record:
		return s.record(c)
	case Edit:
		return s.edit(c)
	case Delete:
		return s.delete()
	case Erase:
		return s.erase()
	case NoteMatching:
		return s.noteMatching(c)
	}
	return nil, nil
}

// admit says who may ask: the athlete whose activity it is, the site's administrator, the program.
func (s State) admit(c Command) error {
	by, owner := c.Actor(), s.AthleteID
	record, isRecord := c.(Record)
	_, isNote := c.(NoteMatching)
	_, isErasure := c.(Erase)
	if isRecord {
		owner = record.Facts.AthleteID
	}
	switch {
	case !by.SignedIn():
		return ErrSignIn
	case isNote && !by.System:
		return ErrProgramOnly
	case isErasure && !by.System:
		return ErrErasing
	case !isRecord && !s.Exists:
		return ErrNotFound
	case !by.System && !by.Admin && !by.Is(owner):
		return ErrNotYours
	}
	return nil
}

func (s State) ref() Ref { return Ref{s.ID, s.AthleteID} }

// record brings an activity: once, or again after it was deleted.
func (s State) record(c Record) ([]Event, error) {
	if s.Exists && s.AthleteID != c.Facts.AthleteID {
		return nil, ErrExists
	}
	if s.Exists && !s.Deleted {
		return nil, nil
	}
	if err := c.Facts.check(); err != nil {
		return nil, err
	}
	return []Event{Recorded{c.ID, c.Facts.tidy()}}, nil
}

func (f Facts) check() error {
	figures := []float64{f.DistanceM, f.GainM, f.HeartRate, f.Power}
	impossible := func(v float64) bool { return !(v >= 0) || math.IsInf(v, 0) } // not a number is not at least zero either
	switch {
	case f.AthleteID == uuid.Nil:
		return ErrNotYours
	case !f.Type.Valid():
		return ErrTypeUnknown
	case f.StartUTC.IsZero() || f.StartLocal.IsZero():
		return ErrStartMissing
	case f.ElapsedMs < 0 || f.MovingMs < 0 || slices.ContainsFunc(figures, impossible):
		return ErrFigures
	}
	return nil
}

// tidy makes what files say of themselves fit to show and store: a ride isn't refused for its name.
func (f Facts) tidy() Facts {
	f.Name, f.File, f.Device, f.Source = shown(f.Name), shown(f.File), shown(f.Device), shown(f.Source)
	if f.Name == "" {
		f.Name = f.Type.Label()
	}
	f.StartUTC = f.StartUTC.UTC()
	return f
}

// shown drops what can't be shown, and cuts to the length of a name.
func shown(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	runes := []rune(strings.Join(strings.Fields(s), " "))
	return strings.TrimSpace(string(runes[:min(len(runes), sport.MaxName)]))
}

// edit changes what the athlete may change. Type and privacy decide where it counts, so then it is matched again.
func (s State) edit(c Edit) ([]Event, error) {
	if s.Deleted {
		return nil, ErrNotFound
	}
	name, err := sport.CleanName("name", c.Name)
	switch {
	case err != nil:
		return nil, err
	case !c.Type.Valid():
		return nil, ErrTypeUnknown
	case name == s.Name && c.Type == s.Type && c.Private == s.Private && c.Commute == s.Commute:
		return nil, nil
	}
	return []Event{Edited{Ref: s.ref(), Name: name, Type: c.Type, Private: c.Private, Commute: c.Commute,
		Rematch: c.Type != s.Type || c.Private != s.Private}}, nil
}

func (s State) delete() ([]Event, error) {
	if s.Deleted {
		return nil, nil
	}
	return []Event{Removed{s.ref()}}, nil
}

func (s State) erase() ([]Event, error) {
	if s.Deleted {
		return nil, nil
	}
	return []Event{Erased{s.ref()}}, nil
}

// noteMatching keeps what was found; finding the same again is no news.
func (s State) noteMatching(c NoteMatching) ([]Event, error) {
	if s.Deleted || c.Method == s.Method && slices.EqualFunc(c.Findings, s.Findings, Finding.same) {
		return nil, nil
	}
	return []Event{Matched{Ref: s.ref(), Method: c.Method, Findings: slices.Clip(c.Findings)}}, nil
}

func (f Finding) same(o Finding) bool {
	return f.ChallengeID == o.ChallengeID && f.StageID == o.StageID && f.SegmentID == o.SegmentID &&
		f.Traversals == o.Traversals && slices.Equal(f.Misses, o.Misses)
}
