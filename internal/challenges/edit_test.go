package challenges

import (
	"errors"
	"testing"
	"time"

	"segmentchallenge/internal/sport"
)

// to is the new value of something that is edited.
func to[T any](v T) *T { return &v }

// Several things change at once, or nothing does, and everything that is wrong is said.
func TestEdit(t *testing.T) {
	longer := sport.Window{End: local("2026-06-07T23:59:59")}
	whole := window("2026-05-01T00:00:00", "2026-06-07T23:59:59")
	rides := []sport.ActivityType{sport.Ride}
	followed := StageRescheduled{challengeID, second.StageID, window("2026-05-16T00:00:00", "2026-06-07T23:59:59")}
	after1 := []StageRef{refs[0], {second.StageID, 2, followed.Window}}
	run(t, []testCase{
		{Name: "everything", Given: pending, When: Edit{head(before), to("New  name"), to("Up!"), "new-name", to(longer), to(rides)}, Then: []Event{
			Renamed{challengeID, "New name", "new-name"}, Described{challengeID, "Up!"}, WindowAdjusted{challengeID, whole}, followed,
			ActivityTypesAdjusted{challengeID, rides, after1}}},
		{Name: "a hosted one keeps its address", Given: upcoming, When: Edit{Head: head(before), Name: to("New name"), Slug: "new-name"}, Then: []Event{Renamed{challengeID, "New name", "alpine-cup"}}},
		{Name: "nothing", Given: pending, When: Edit{Head: head(before)}},
		{Name: "all or nothing", Given: pending, When: Edit{head(before), to(" "), to(long(sport.MaxText + 1)), "", to(window("2026-05-10", "2026-05-09")), to([]sport.ActivityType{"Napping"})},
			Refused: errors.Join(sentinel("name_missing"), sentinel("description_too_long"), ErrEndsFirst, ErrActivityType)},
		{Name: "nothing of it when one thing is wrong", Given: active, When: Edit{Head: head(during), Name: to("New name"), Window: to(sport.Window{Start: local("2026-05-02")})}, Refused: ErrStartFixed},
		{Name: "not past", Given: past, When: Edit{Head: head(after), Name: to("New name")}, Refused: ErrOver},
		{Name: "not cancelled", Given: cancelled, When: Edit{Head: head(after), Name: to("New name")}, Refused: ErrCancelled},
	})
}

func TestReopen(t *testing.T) {
	taken := Reopened{challengeID, "A wrong time.", organiser.String(), at("2026-06-10T12:00:00"), sport.DefaultCategories}
	again := append(approved[:7:7], taken)
	reopen := func(reason string) Reopen { return Reopen{head(taken.At), reason} }
	final := ResultsApproved{ChallengeID: challengeID, Categories: sport.DefaultCategories}
	run(t, []testCase{
		{Name: "approved", Given: approved, When: reopen(" A wrong\ttime. "), Then: []Event{taken}},
		{Name: "not without a reason", Given: approved, When: reopen(""), Refused: sentinel("reason_missing")},
		{Name: "not twice", Given: again, When: reopen("Again."), Refused: ErrNotApproved},
		{Name: "not what was never approved", Given: past, When: reopen("x"), Refused: ErrNotApproved},
		{Name: "not what was cancelled", Given: cancelled, When: reopen("x"), Refused: ErrCancelled},
		{Name: "approved anew", Given: again, When: Approve{Head: head(taken.At.Add(time.Hour))}, Then: []Event{final}},
		{Name: "not by itself before its time", Given: again, When: Approve{Head: system(taken.At.Add(ReviewTime - time.Second))}, Refused: ErrNotDue},
		{Name: "by itself three days later", Given: again, When: Approve{Head: system(taken.At.Add(ReviewTime))}, Then: []Event{final}},
	})
}
