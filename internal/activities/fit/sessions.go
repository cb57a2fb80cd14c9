package fit

import (
	"slices"
	"strings"
	"time"

	"github.com/muktihari/fit/profile/basetype"
	"github.com/muktihari/fit/profile/mesgdef"
	"github.com/muktihari/fit/profile/typedef"

	"segmentchallenge/internal/activities"
)

const maxSessions = 100 // in one file; a triathlon has five

// recordings splits the track by the starts of the sessions. Transitions between legs are left out. A file that was cut
// off before its sessions is one recording. A session without records (a pool swim, an ergometer) gets two points from its
// totals, so that it has a time and a distance.
func (c *collector) recordings() []activities.Recording {
	base := activities.Recording{
		Source: "fit", Device: c.device, Barometric: c.barometric, Offset: c.offset, HasOffset: c.hasOffset,
	}
	if len(c.sessions) == 0 {
		if len(c.track) == 0 {
			return nil
		}
		base.Track = c.track
		return []activities.Recording{base}
	}
	slices.SortStableFunc(c.sessions, func(a, b *mesgdef.Session) int { return startOf(a).Compare(startOf(b)) })
	var out []activities.Recording
	rest := c.track
	for i, s := range c.sessions {
		mine := rest
		if i+1 < len(c.sessions) {
			mine = rest[:countBefore(rest, startOf(c.sessions[i+1]))]
		}
		rest = rest[len(mine):]
		r := base
		r.Track = slices.Clone(mine)
		describe(&r, s)
		if len(r.Track) == 0 {
			r.Track = fromTotals(s)
		}
		if len(r.Track) > 0 && s.Sport != typedef.SportTransition {
			out = append(out, r)
		}
	}
	return out
}

// startOf is when the session began; devices that leave that out write when it ended and how long it took.
func startOf(s *mesgdef.Session) time.Time {
	if s.StartTime.IsZero() && s.TotalElapsedTime != basetype.Uint32Invalid {
		return s.Timestamp.Add(-time.Duration(s.TotalElapsedTime) * time.Millisecond)
	}
	return s.StartTime
}

func countBefore(t activities.Track, end time.Time) int {
	for i := range t {
		if t[i].Is(activities.HasTime) && !t[i].Time().Before(end) {
			return i
		}
	}
	return len(t)
}

func describe(r *activities.Recording, s *mesgdef.Session) {
	r.Type, r.Trainer = typeOf(s.Sport, s.SubSport), indoors(s.SubSport)
	if s.TotalDistance != basetype.Uint32Invalid {
		r.Totals.Distance = float64(s.TotalDistance) / 100
	}
	if s.TotalAscent != basetype.Uint16Invalid {
		r.Totals.Gain, r.Totals.HasGain = float64(s.TotalAscent), true
	}
	if s.TotalTimerTime != basetype.Uint32Invalid {
		r.Totals.Timer = time.Duration(s.TotalTimerTime) * time.Millisecond
	}
}

func fromTotals(s *mesgdef.Session) activities.Track {
	start := startOf(s)
	if start.IsZero() || s.TotalElapsedTime == basetype.Uint32Invalid || s.TotalElapsedTime < 1000 {
		return nil
	}
	from := activities.Point{TimeMS: start.UnixMilli(), Has: activities.HasTime}
	to := from
	to.TimeMS += int64(s.TotalElapsedTime)
	if s.TotalDistance != basetype.Uint32Invalid {
		from.Has |= activities.HasOdometer
		to.Has |= activities.HasOdometer
		to.Odometer = float64(s.TotalDistance) / 100
	}
	return activities.Track{from, to}
}

// deviceName is maker and model as far as they are known: "Garmin fenix6", "Coros", "Zwift".
func deviceName(m typedef.Manufacturer, product uint16, name string) string {
	if m == typedef.ManufacturerInvalid || strings.Contains(m.String(), "Invalid") {
		return name
	}
	words := []string{strings.ReplaceAll(m.String(), "_", " ")}
	words[0] = strings.ToUpper(words[0][:1]) + words[0][1:]
	if garmin := typedef.GarminProduct(product).String(); name == "" && m == typedef.ManufacturerGarmin && !strings.Contains(garmin, "Invalid") {
		name = strings.ReplaceAll(garmin, "_", " ")
	}
	if !strings.HasPrefix(strings.ToLower(name), strings.ToLower(words[0])) {
		words = append(words, name)
		return strings.TrimSpace(strings.Join(words, " "))
	}
	return name
}
