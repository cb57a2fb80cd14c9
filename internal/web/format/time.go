package format

import (
	"fmt"
	"strings"
	"time"
)

// Time writes an elapsed time as m:ss, or h:mm:ss from an hour on. Fractions are cut, as a stopwatch does and as ranks
// compare: 4:09.9 is 4:09. A negative time is zero.
func Time(d time.Duration) string {
	s := max(0, int64(d/time.Second))
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// TimeTenths is Time with one decimal, for boards that rank to the tenth: 4:09.7.
func TimeTenths(d time.Duration) string {
	tenths := max(0, int64(d/(100*time.Millisecond))) % 10
	return fmt.Sprintf("%s.%d", Time(d), tenths)
}

// Gap writes how much later somebody was: +0:12. Nothing at all is "", and an earlier time has a minus: −0:12.
func Gap(d time.Duration) string { return signed(d, Time) }

// GapTenths is Gap with one decimal.
func GapTenths(d time.Duration) string { return signed(d, TimeTenths) }

func signed(d time.Duration, write func(time.Duration) string) string {
	switch {
	case write(d.Abs()) == write(0):
		return ""
	case d < 0:
		return minus + write(-d)
	}
	return "+" + write(d)
}

// Span writes a length of time roughly, with its two largest units: "3 d 4 h", "2 h 5 min", "4 min", "40 s".
func Span(d time.Duration) string {
	units := []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}}
	d = max(0, d)
	for i, u := range units {
		if d < u.size && i < len(units)-1 {
			continue
		}
		out := fmt.Sprintf("%d%s%s", d/u.size, nbsp, u.name)
		// Seconds beside minutes would only flicker: nobody plans by them.
		if i+1 < len(units)-1 && d%u.size >= units[i+1].size {
			out += fmt.Sprintf("%s%d%s%s", nbsp, d%u.size/units[i+1].size, nbsp, units[i+1].name)
		}
		return out
	}
	return ""
}

// Countdown says where now is in a window, in words: "starts in 2 d", "ends in 3 d 4 h", "ended 5 d ago". The script that
// keeps it running (js/time.js) writes the same words.
func Countdown(now, start, end time.Time) string {
	switch {
	case now.Before(start):
		return "starts in " + Span(start.Sub(now))
	case now.Before(end):
		return "ends in " + Span(end.Sub(now))
	}
	return "ended " + Ago(now, end)
}

// Ago says how long before now t was, with its largest unit: "just now", "5 min ago", "3 d ago".
func Ago(now, t time.Time) string {
	d := now.Sub(t)
	if d < 45*time.Second {
		return "just now"
	}
	d = max(d, time.Minute)
	parts := strings.Split(Span(d), nbsp)
	return parts[0] + nbsp + parts[1] + " ago"
}
