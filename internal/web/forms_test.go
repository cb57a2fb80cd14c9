package web_test

import (
	"testing"

	"segmentchallenge/internal/readmodel"
	"segmentchallenge/internal/web/webtest"
)

// rideOf is the id of an athlete's newest ride.
func rideOf(t *testing.T, s *webtest.Site, a webtest.Athlete) string {
	t.Helper()
	rides, _, err := readmodel.Activities(t.Context(), s.Pool, readmodel.ActivityFilter{Viewer: a.Actor, AthleteID: a.ID, Limit: 1})
	if err != nil || len(rides) == 0 {
		t.Fatalf("%s has no ride: %v", a.Name, err)
	}
	return rides[0].ID.String()
}
