package notices

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"segmentchallenge/internal/athletes"
	"segmentchallenge/internal/sport"
)

// Facts are how things stand when a notice is due.
type Facts struct {
	Wanted    bool // the athlete hasn't switched this kind off
	Challenge sport.Status
	Stage     sport.Status // empty where the notice is about the challenge
	StageEnds time.Time
	Competes  bool                   // the athlete is in the challenge
	Ranks     map[sport.Category]int // of the athlete on the stage's boards; missing: on none
	Places    map[sport.Category]int // how many places of the stage score points
}

// Why is the reason why a notice isn't sent; empty: it is. They are stored.
type Why string

const (
	TooOld      Why = "too_old"
	Unwanted    Why = "unwanted"
	NotTrue     Why = "no_longer_true"
	NoPoints    Why = "scored_no_points"
	NotIn       Why = "not_in_the_challenge"
	NoAddress   Why = "no_address"  // the athlete has none, or no account any more
	Gone        Why = "gone"        // what it is about isn't there any more
	Undelivered Why = "undelivered" // the mail server refused it for good
)

// Move is a loss that is to be told: the rank before and the present one.
type Move struct {
	Category  sport.Category
	From, Now int
}

// Old says whether a notice is too old to be sent at now.
func (n Notice) Old(now time.Time) bool { return now.Sub(n.DueAt) > Oldest }

// Judge says whether a notice that is due is to be sent, and of a lost place what is still true of it.
func (n Notice) Judge(f Facts, now time.Time) (moves []Move, why Why) {
	switch {
	case n.Old(now):
		return nil, TooOld
	case !f.Wanted:
		return nil, Unwanted
	case !n.organising() && !f.Competes:
		return nil, NotIn
	}
	switch n.Kind {
	case athletes.LostPlace:
		return n.judgeLoss(f)
	case athletes.HostChallenge:
		return nil, unless(f.Challenge == sport.Pending)
	case athletes.ApproveStage:
		return nil, unless(f.Stage == sport.Past)
	case athletes.StageStarted: // one that is entered late starts and ends at once
		return nil, unless(f.Stage == sport.Active && now.Before(f.StageEnds))
	case athletes.ResultsPublished:
		return nil, unless(f.Challenge != sport.Cancelled && f.Stage != sport.Deleted)
	}
	return nil, NotTrue
}

// organising says whether a notice is for who runs the challenge, rather than for those who compete in it.
func (n Notice) organising() bool {
	return n.Kind == athletes.HostChallenge || n.Kind == athletes.ApproveStage
}

func unless(holds bool) Why {
	if holds {
		return ""
	}
	return NotTrue
}

// judgeLoss keeps the categories in which a place in the points is still lost. Who is on a board no more has lost no place
// to anybody.
func (n Notice) judgeLoss(f Facts) (moves []Move, why Why) {
	if f.Stage != sport.Active && f.Stage != sport.Past {
		return nil, NotTrue
	}
	why = NotTrue
	for _, category := range sortedKeys(n.Lost) {
		from, present := n.Lost[category], f.Ranks[category]
		switch {
		case present <= from: // 0 too: not on the board
		case from > f.Places[category]:
			why = NoPoints
		default:
			moves = append(moves, Move{category, from, present})
		}
	}
	if len(moves) > 0 {
		return moves, ""
	}
	return nil, why
}

// sortedKeys lists categories with Open last: who is told of a class of their own hears of that first.
func sortedKeys(lost map[sport.Category]int) []sport.Category {
	return slices.SortedFunc(maps.Keys(lost), func(a, b sport.Category) int {
		return cmp.Or(number(a == sport.Open)-number(b == sport.Open), cmp.Compare(a, b))
	})
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Again says how long to wait before the next attempt, after so many that failed.
func Again(attempts int) time.Duration {
	return min(time.Minute<<min(max(attempts-1, 0), 10), 15*time.Minute)
}
