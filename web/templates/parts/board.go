package parts

import (
	"strconv"
	"strings"

	"segmentchallenge/web/templates/ui"
)

// BoardView is a leaderboard: of a stage (values are times) or a challenge (points). All values are words already.
type BoardView struct {
	ID      string // of the element; one board keeps its id for ever: BoardID
	Version int64  // position in the log that the board has reached; never goes down
	Caption string // "Stage 2 · Kattenberg, Women"
	Note    string // beside the caption: "48 athletes"
	State   string // "provisional" or "final", always shown
	Say     string // what has just changed, for the status line: "Ana takes the lead in 4:09."

	ValueLabel string        // "Time", "Points", "Distance"
	PaceLabel  string        // "Speed", "Pace"; "" leaves the column out
	Points     bool          // leaves out gap to the one above, attempts and date
	Columns    []BoardColumn // of stages, shown where there is room

	Rows  []BoardRow
	Own   *BoardRow // the reader's row where it isn't among Rows: pinned below them
	Empty ui.EmptyView
}

// BoardRow is one athlete on a board.
type BoardRow struct {
	AthleteID  string
	Name, URL  string
	Avatar     string // address of a picture; "" shows initials
	Club       string
	Rank, Move int // Move is by how many places the rank changed lately; positive is up
	Value      string
	ValueNote  string // small, under the value: "12 provisional"
	Gap        string // to the leader: +0:12; "" for the leader
	GapAbove   string // to the one above
	Pace       string
	Attempts   int
	Date       string
	Chips      []string // states of ui.StateChip: "pr", "new", "limited"
	Own        bool     // the reader's own; leave it false in what is pushed to everybody
	MoreURL    string   // the page with this row opened; "" where there is nothing more
	More       []EffortLine
	WhyURL     string      // where the rank is explained; shown with More, and on a board of points by itself
	Cells      []BoardCell // one a column
}

// BoardColumn is a stage of a challenge's board.
type BoardColumn struct{ Label, Title, URL string }

// BoardCell is what a stage gave.
type BoardCell struct {
	Text string // "" for nothing
	Kind string // "", provisional, dropped (better stages count), missed
}

// words says what is shown by the look of a cell alone.
func (c BoardCell) words() string {
	return map[string]string{"provisional": ", provisional", "dropped": ", doesn't count", "missed": ", missed"}[c.Kind]
}

// EffortLine is one of an athlete's efforts, shown when the row is opened.
type EffortLine struct {
	Value, Date, Pace string
	URL               string // of the activity; "" where the reader may not see it
	Heart, Power      string
	Best              bool
	Excluded          string // why it doesn't count; "" where it does
}

// BoardID is the element id of the board of one thing (stage, challenge) in one category or classification.
// What selectors and fragments of addresses give a meaning of its own is written otherwise: "Women 50+" is Women-50plus.
func BoardID(of, category string) string {
	return "board-" + of + "-" + strings.NewReplacer(" ", "-", "+", "plus").Replace(category)
}

func (b BoardView) version() string { return strconv.FormatInt(b.Version, 10) }

// columns counts what the opened row has to span.
func (b BoardView) columns() string {
	n := 5 // rank, athlete, value, gap, toggle
	if b.PaceLabel != "" {
		n++
	}
	if !b.Points {
		n += 3
	}
	return strconv.Itoa(n + len(b.Columns))
}

func gapOr(gap string) string {
	if gap == "" {
		return "–"
	}
	return gap
}
