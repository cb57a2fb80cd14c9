package stages

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"segmentchallenge/internal/sport"
)

// to is the new value of something that is edited.
func to[T any](v T) *T { return &v }

// Several things change at once, or nothing does, and everything that is wrong is said.
func TestEdit(t *testing.T) {
	hidden := []Event{created(func(d *Definition) { d.Hidden = true })}
	run(t, []testCase{
		{Name: "everything", Given: upcoming, When: Edit{head(before), to(" Col  Nord "), to("Steep."), to(sport.Flat), to(sport.Queen), to(otherRoad), to(true)},
			Then: []Event{Described{ref, "Col Nord", "Steep.", sport.Flat}, PointsAdjusted{ref, sport.Queen}, SegmentChanged{ref, otherRoad, sport.Upcoming}, HiddenChanged{ref, true}}},
		{Name: "one thing", Given: upcoming, When: Edit{Head: head(before), Description: to("Steep.")}, Then: []Event{Described{ref, "Col", "Steep.", sport.Mountain}}},
		{Name: "nothing", Given: upcoming, When: Edit{Head: head(before)}},
		{Name: "to the same", Given: upcoming, When: Edit{head(before), to("Col"), to(""), to(sport.Mountain), to(sport.NoAdjustment), to(road), to(false)}},
		{Name: "all or nothing", Given: upcoming, When: Edit{head(before), to(strings.Repeat("x", 5000)), nil, to(sport.RaceStage), to(sport.PointsAdjustment("triple")), to(uuid.Nil), nil},
			Refused: errors.Join(sentinel("name_too_long"), ErrType, ErrPointsAdjustment, ErrSegmentMissing)},
		{Name: "no other road when past", Given: past, When: Edit{Head: head(after), Name: to("Other"), SegmentID: to(otherRoad)}, Refused: ErrOver},
		{Name: "not when approved", Given: approved, When: Edit{Head: head(after), Name: to("Other")}, Refused: ErrAlreadyApproved},
		{Name: "not when deleted", Given: deleted, When: Edit{Head: head(before), Name: to("Other")}, Refused: ErrNotFound},
		{Name: "a secret again", Given: append(hidden[:1:1], Revealed{ref}), When: Edit{Head: head(before), Hidden: to(true)}, Then: []Event{HiddenChanged{ref, true}}},
		{Name: "a secret no more", Given: hidden, When: Edit{Head: head(before), Hidden: to(false)}, Then: []Event{HiddenChanged{ref, false}}},
		{Name: "no secret when under way", Given: active, When: Edit{Head: head(during), Hidden: to(true)}, Refused: ErrAlreadyStarted},
		{Name: "no secret without a road", Given: []Event{created(func(d *Definition) { d.Type, d.SegmentID = sport.RaceStage, uuid.Nil })}, When: Edit{Head: head(before), Hidden: to(true)}, Refused: ErrNoSegment},
	})
	if s := (State{}).Evolve(created()).Evolve(HiddenChanged{ref, true}); !s.Secret() {
		t.Error("a hidden segment is no secret")
	}
}

// An approval is taken back with a reason, as long as the challenge's isn't given; the time for review begins anew.
func TestReopen(t *testing.T) {
	over := Terms{ChallengeStatus: sport.Past}
	taken := Reopened{ref, 1, "A wrong time.", organiser.String(), at("2026-05-20T12:00:00"), sport.DefaultCategories}
	reopen := func(now time.Time, reason string, terms Terms) Reopen { return Reopen{head(now), terms, reason} }
	again := append(approved[:4:4], taken)
	inOrder := Terms{PreviousApproved: true}
	final := Approved{Ref: ref, Number: 1, Categories: sport.DefaultCategories}
	run(t, []testCase{
		{Name: "approved", Given: approved, When: reopen(taken.At, " A wrong\ttime. ", over), Then: []Event{taken}},
		{Name: "not without a reason", Given: approved, When: reopen(taken.At, " ", over), Refused: sentinel("reason_missing")},
		{Name: "not with an essay", Given: approved, When: reopen(taken.At, strings.Repeat("x", 501), over), Refused: sentinel("reason_too_long")},
		{Name: "not twice", Given: again, When: reopen(taken.At, "Again.", over), Refused: ErrNotApproved},
		{Name: "not what was never approved", Given: past, When: reopen(taken.At, "x", over), Refused: ErrNotApproved},
		{Name: "not under a challenge that is final", Given: approved, When: reopen(taken.At, "x", Terms{ChallengeStatus: sport.Approved}), Refused: ErrChallengeFinal},
		{Name: "not under one that was cancelled", Given: approved, When: reopen(taken.At, "x", Terms{ChallengeStatus: sport.Cancelled}), Refused: ErrChallengeCancelled},
		{Name: "approved anew", Given: again, When: Approve{head(at("2026-05-20T13:00:00")), inOrder, ""}, Then: []Event{final}},
		{Name: "not by itself before its time", Given: again, When: Approve{system(at("2026-05-23T11:59:59")), inOrder, ""}, Refused: ErrNotDue},
		{Name: "by itself three days later", Given: again, When: Approve{system(at("2026-05-23T12:00:00")), inOrder, ""}, Then: []Event{final}},
		{Name: "efforts may be looked at, its window not", Given: again, When: Reschedule{system(at("2026-05-21")), window("2026-05-01", "2026-05-30")}},
	})
}
