package sport

import "strings"

// dayWords are the names of the days of Weekdays in full.
var dayWords = map[string]string{"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
	"sat": "Saturday", "sun": "Sunday"}

// HoursWords says when efforts count: "Tuesday and Thursday 18:00–20:30; every day 06:00–08:00". "" where they always do.
func (a Admission) HoursWords() string {
	words := make([]string, len(a.Hours))
	for i, h := range a.Hours {
		words[i] = h.words()
	}
	return strings.Join(words, "; ")
}

func (h Hours) words() string {
	days := "every day"
	if n := len(h.Days); n > 0 {
		names := make([]string, n)
		for i, d := range h.Days {
			names[i] = dayWords[d]
		}
		days = names[n-1]
		if n > 1 {
			days = strings.Join(names[:n-1], ", ") + " and " + days
		}
	}
	if h.From == h.To {
		return days
	}
	return days + " " + h.From.String() + "–" + h.To.String()
}
