package format

import "time"

// Date writes the day in zone: "Sat 3 May 2026".
func Date(t time.Time, zone *time.Location) string { return t.In(zone).Format("Mon 2 Jan 2006") }

// DayMonth writes a day without weekday and year, for tables: "3 May".
func DayMonth(t time.Time, zone *time.Location) string { return t.In(zone).Format("2 Jan") }

// DateTime writes a moment in zone: "Sun 4 May 2026, 18:00".
func DateTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2 Jan 2006, 15:04")
}

// DayTime writes a moment that is near, without its year: "Sun 4 May, 18:00".
func DayTime(t time.Time, zone *time.Location) string { return t.In(zone).Format("Mon 2 Jan, 15:04") }

// Dates writes the days from start to end in zone and says nothing twice: "3–17 May 2026", "28 May – 3 Jun 2026",
// "30 Dec 2026 – 2 Jan 2027", "3 May 2026".
func Dates(start, end time.Time, zone *time.Location) string {
	s, e := start.In(zone), end.In(zone)
	switch {
	case s.Year() != e.Year():
		return s.Format("2 Jan 2006") + " – " + e.Format("2 Jan 2006")
	case s.Month() != e.Month():
		return s.Format("2 Jan") + " – " + e.Format("2 Jan 2006")
	case s.Day() != e.Day():
		return s.Format("2") + "–" + e.Format("2 Jan 2006")
	}
	return e.Format("2 Jan 2006")
}

// Machine writes a moment for the datetime attribute of <time>.
func Machine(t time.Time) string { return t.UTC().Format(time.RFC3339) }
