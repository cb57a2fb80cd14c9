package leaderboards

import (
	"fmt"
	"strings"
)

// ParsePoints reads a points table as organisers write it: "15 12 10 8", "15, 12.5, 10" or "20-1" for all the whole numbers
// between. A place that is left out, as in "15,,10", is a hole.
func ParsePoints(text string) (Points, error) {
	text = strings.TrimRight(strings.NewReplacer(";", ",", "\n", " ", "\r", " ", "\t", " ").Replace(text), " ,")
	var out Points
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 && text != "" {
			return nil, ErrPointsHole.Because(fmt.Sprintf("The points table has a hole: place %d has no points.", len(out)+1))
		}
		for _, word := range words {
			points, err := parseWord(word)
			if err != nil {
				return nil, err
			}
			if out = append(out, points...); len(out) > MaxTable {
				return nil, ErrPointsTooMany
			}
		}
	}
	return out, nil
}

// parseWord reads one number, or a run of them: 20-1.
func parseWord(word string) (Points, error) {
	unreadable := ErrPointsUnreadable.Because(fmt.Sprintf("“%.20s” can't be read as points. Write a table like 15 12 10 8, or 20-1.", word))
	if from, to, run := strings.Cut(strings.TrimPrefix(word, "-"), "-"); run && !strings.HasPrefix(word, "-") {
		first, err := ParseAmount(from)
		last, err2 := ParseAmount(to)
		switch {
		case err != nil || err2 != nil || first%Whole != 0 || last%Whole != 0:
			return nil, unreadable
		case last > first:
			return nil, ErrPointsRise
		case first-last >= MaxTable*Whole:
			return nil, ErrPointsTooMany
		}
		out := Points{}
		for p := first; p >= last; p -= Whole {
			out = append(out, p)
		}
		return out, nil
	}
	points, err := ParseAmount(word)
	if err != nil {
		return nil, unreadable
	}
	return Points{points}, nil
}

// String is the table as ParsePoints reads it.
func (p Points) String() string {
	words := make([]string, len(p))
	for i, points := range p {
		words[i] = points.String()
	}
	return strings.Join(words, " ")
}
