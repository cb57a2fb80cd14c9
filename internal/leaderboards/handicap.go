package leaderboards

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	percentWord = regexp.MustCompile(`^(-?[0-9]+(?:[.,][0-9]{1,3})?) ?%$`)
	secondsWord = regexp.MustCompile(`^(-?[0-9]+(?:[.,][0-9]{1,3})?) ?(?:s|sec|seconds)?$`)
	clockWord   = regexp.MustCompile(`^(-?)(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9](?:[.,][0-9]{1,3})?)$`)
)

// ParseHandicap reads what is taken off an athlete's times as organisers write it: "20 s", "1:30", "5 %", or both: "5 % and
// 10 s". A minus puts it on. Nothing typed is none. ErrHandicapUnreadable otherwise; how much is possible, Cleaned says.
func ParseHandicap(text string) (Handicap, error) {
	var h Handicap
	unreadable := ErrHandicapUnreadable
	typed := strings.NewReplacer("−", "-", "\u00a0", " ").Replace(strings.ToLower(strings.TrimSpace(text)))
	if typed == "" {
		return h, nil
	}
	parts := strings.FieldsFunc(strings.ReplaceAll(typed, " and ", "+"), func(r rune) bool { return r == '+' })
	if len(parts) == 0 || len(parts) > 2 {
		return h, unreadable
	}
	for i, part := range parts {
		part = strings.TrimSpace(part)
		if m := percentWord.FindStringSubmatch(part); m != nil && i == 0 {
			percent, err := ParseAmount(m[1])
			if err != nil {
				return Handicap{}, unreadable
			}
			h.Percent = percent
			continue
		}
		seconds, err := parseSeconds(part)
		if err != nil || i != len(parts)-1 {
			return Handicap{}, unreadable
		}
		h.Seconds = seconds
	}
	return h, nil
}

// parseSeconds reads 20, 20 s or 1:30.
func parseSeconds(word string) (Amount, error) {
	if m := secondsWord.FindStringSubmatch(word); m != nil {
		return ParseAmount(m[1])
	}
	m := clockWord.FindStringSubmatch(word)
	if m == nil {
		return 0, ErrHandicapUnreadable
	}
	hours, _ := strconv.Atoi("0" + m[2])
	minutes, _ := strconv.Atoi(m[3])
	seconds, err := ParseAmount(m[4])
	seconds += Amount(3600*hours+60*minutes) * Whole
	if m[1] == "-" {
		seconds = -seconds
	}
	return seconds, err
}

// String is the handicap as ParseHandicap reads it; "" for none.
func (h Handicap) String() string {
	var parts []string
	if h.Percent != 0 {
		parts = append(parts, h.Percent.String()+" %")
	}
	if h.Seconds != 0 {
		parts = append(parts, h.Seconds.String()+" s")
	}
	return strings.Join(parts, " and ")
}

// IsZero says that nothing is taken off.
func (h Handicap) IsZero() bool { return h.Seconds == 0 && h.Percent == 0 }
