package sport

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"segmentchallenge/internal/refusal"
)

// ResultKind says how an athlete's efforts on a stage become their one result there. The zero value is the challenge's
// own: the total where its activities accumulate, else the best effort.
type ResultKind string

const (
	BestEffort  ResultKind = "best"  // the single best
	SumOfBest   ResultKind = "sum"   // the N best added up; who has fewer has no result yet
	EffortCount ResultKind = "count" // how many there are
	TotalOfAll  ResultKind = "total" // all added up: of what more is better only
)

// StageResult is a kind, and for SumOfBest how many.
type StageResult struct {
	Kind ResultKind `json:"kind,omitempty"`
	Of   int        `json:"of,omitempty"`
}

// Clock is a time of day in minutes since midnight, written 18:30.
type Clock int

// ParseClock reads 18:30.
func ParseClock(s string) (Clock, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day like 18:30", s)
	}
	return Clock(t.Hour()*60 + t.Minute()), nil
}

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

// MarshalText and UnmarshalText are the written form.
func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

func (c *Clock) UnmarshalText(b []byte) (err error) {
	*c, err = ParseClock(string(b))
	return err
}

// Hours are times of the week by the athlete's own clock: on Days (none: every day, named mon, tue … sun) from From up to
// but not including To. Equal ones are the whole day; a To before From is on the day after.
type Hours struct {
	Days []string `json:"days,omitempty"`
	From Clock    `json:"from"`
	To   Clock    `json:"to"`
}

// Weekdays are the names of days in Hours, in the order of the week.
var Weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

func dayOf(t time.Time) string { return Weekdays[(int(t.Weekday())+6)%7] }

func (h Hours) on(t time.Time) bool { return len(h.Days) == 0 || slices.Contains(h.Days, dayOf(t)) }

// Hold says whether a wall-clock time lies in these hours.
func (h Hours) Hold(l Local) bool {
	t := l.AsUTC()
	at := Clock(t.Hour()*60 + t.Minute())
	switch {
	case h.From == h.To:
		return h.on(t)
	case h.From < h.To:
		return h.on(t) && at >= h.From && at < h.To
	}
	return h.on(t) && at >= h.From || h.on(t.AddDate(0, 0, -1)) && at < h.To
}

// Admission narrows which efforts count, beyond the window of their stage. The zero value lets all of them in.
type Admission struct {
	Hours       []Hours `json:"hours,omitempty"`       // any of these, by the start of the effort; none: always
	MaxAttempts int     `json:"maxAttempts,omitempty"` // on a stage only the first so many count; 0: all
	UploadHours int     `json:"uploadHours,omitempty"` // what comes later than this after the stage's end doesn't count; 0: until it is approved
}

// Refusals of an admission that can't be.
var (
	ErrHours       = refusal.Field("scoring.admission.hours", "hours_invalid", "Give times of the week like “sat sun 08:00-12:00”.")
	ErrMaxAttempts = refusal.Field("scoring.admission.maxAttempts", "max_attempts_invalid", "The number of attempts that count is between 1 and 1,000, or 0 for all of them.")
	ErrUploadHours = refusal.Field("scoring.admission.uploadHours", "upload_hours_invalid", "Uploads may close up to 72 hours after the end of a stage: then its results are approved.")
)

// MaxUploadHours is when results are approved by themselves.
const MaxUploadHours = 72

// Check returns what is wrong with a.
func (a Admission) Check() (bad []error) {
	for _, h := range a.Hours {
		for _, day := range h.Days {
			if !slices.Contains(Weekdays, day) {
				bad = append(bad, ErrHours.Because(fmt.Sprintf("There is no day “%.20s”. Days are %s.", day, strings.Join(Weekdays, ", "))))
			}
		}
		if h.From < 0 || h.To < 0 || h.From >= 24*60 || h.To >= 24*60 {
			bad = append(bad, ErrHours)
		}
	}
	if len(a.Hours) > 20 {
		bad = append(bad, ErrHours.Because("At most 20 times of the week can be given."))
	}
	if a.MaxAttempts < 0 || a.MaxAttempts > 1000 {
		bad = append(bad, ErrMaxAttempts)
	}
	if a.UploadHours < 0 || a.UploadHours > MaxUploadHours {
		bad = append(bad, ErrUploadHours)
	}
	return bad
}

// Open says whether an effort that starts at l comes at one of the times that count.
func (a Admission) Open(l Local) bool {
	return len(a.Hours) == 0 || slices.ContainsFunc(a.Hours, func(h Hours) bool { return h.Hold(l) })
}

// ParseHours reads times of the week as organisers write them, a line each: "sat sun 08:00-12:00", "18:00-21:30" for every
// day, "wed" for the whole of one.
func ParseHours(text string) ([]Hours, error) {
	var out []Hours
	for line := range strings.Lines(text) {
		words := strings.Fields(strings.ToLower(strings.NewReplacer(",", " ", "–", "-").Replace(line)))
		if len(words) == 0 {
			continue
		}
		var h Hours
		for i, word := range words {
			from, to, span := strings.Cut(word, "-")
			switch {
			case slices.Contains(Weekdays, word):
				h.Days = append(h.Days, word)
				continue
			case !span || i != len(words)-1:
				return nil, ErrHours.Because(fmt.Sprintf("“%.20s” can't be read. Write times of the week like “sat sun 08:00-12:00”, a line each.", word))
			}
			var err, err2 error
			h.From, err = ParseClock(from)
			h.To, err2 = ParseClock(to)
			if err != nil || err2 != nil {
				return nil, ErrHours.Because(fmt.Sprintf("“%.20s” can't be read. Write times of day like 08:00-12:00.", word))
			}
		}
		out = append(out, h)
	}
	return out, nil
}

// String is how ParseHours reads it.
func (h Hours) String() string {
	words := slices.Clone(h.Days)
	if h.From != h.To || len(words) == 0 {
		words = append(words, h.From.String()+"-"+h.To.String())
	}
	return strings.Join(words, " ")
}
