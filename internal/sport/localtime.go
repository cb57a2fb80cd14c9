package sport

import (
	"encoding/json"
	"fmt"
	"time"
)

// LocalLayout is how wall-clock times are written: without a zone.
const LocalLayout = "2006-01-02T15:04:05"

// Local is a wall-clock time without a zone: nine o'clock wherever the athlete is. The zero value is "not given".
type Local struct{ t time.Time } // kept as if it were UTC

// LocalOf reads the wall clock of t in t's own zone, to the second.
func LocalOf(t time.Time) Local {
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	return Local{time.Date(y, mo, d, h, mi, s, 0, time.UTC)}
}

// ParseLocal reads 2026-05-02T09:30:00, 2026-05-02T09:30 (what browsers send) or 2026-05-02.
func ParseLocal(s string) (Local, error) {
	for _, layout := range []string{LocalLayout, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return Local{t}, nil
		}
	}
	return Local{}, fmt.Errorf("%q is not a local time like 2026-05-02T09:30:00", s)
}

// IsZero says whether no time is given.
func (l Local) IsZero() bool { return l.t.IsZero() }

// Before, After and Equal compare wall clocks.
func (l Local) Before(o Local) bool { return l.t.Before(o.t) }
func (l Local) After(o Local) bool  { return l.t.After(o.t) }
func (l Local) Equal(o Local) bool  { return l.t.Equal(o.t) }

// Add moves the wall clock on by d.
func (l Local) Add(d time.Duration) Local { return Local{l.t.Add(d)} }

// In is the moment at which clocks in loc show l.
func (l Local) In(loc *time.Location) time.Time {
	y, mo, d := l.t.Date()
	h, mi, s := l.t.Clock()
	return time.Date(y, mo, d, h, mi, s, 0, loc)
}

// AsUTC is l as if it were UTC: for columns of type timestamp, and for formatting.
func (l Local) AsUTC() time.Time { return l.t }

// LocalFromDB is the inverse of AsUTC.
func LocalFromDB(t time.Time) Local { return LocalOf(t.UTC()) }

func (l Local) String() string {
	if l.IsZero() {
		return ""
	}
	return l.t.Format(LocalLayout)
}

func (l Local) MarshalJSON() ([]byte, error) { return json.Marshal(l.String()) }

func (l *Local) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" {
		*l = Local{}
		return nil
	}
	v, err := ParseLocal(s)
	*l = v
	return err
}

// Window is a stretch of wall-clock time, both ends belonging to it.
type Window struct {
	Start Local `json:"startLocal"`
	End   Local `json:"endLocal"`
}

// Holds says whether l lies in the window.
func (w Window) Holds(l Local) bool { return !l.Before(w.Start) && !l.After(w.End) }

// Within says whether the whole of w lies in outer.
func (w Window) Within(outer Window) bool { return outer.Holds(w.Start) && outer.Holds(w.End) }

// Overlaps says whether the two share a moment.
func (w Window) Overlaps(o Window) bool { return !w.End.Before(o.Start) && !o.End.Before(w.Start) }
