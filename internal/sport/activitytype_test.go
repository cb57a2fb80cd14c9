package sport_test

import (
	"testing"

	"segmentchallenge/internal/sport"
)

func TestEveryActivityTypeIsReadBack(t *testing.T) {
	seen := map[sport.ActivityType]bool{}
	for _, want := range sport.ActivityTypes() {
		if seen[want] {
			t.Errorf("%s is listed twice", want)
		}
		seen[want] = true
		for _, s := range []string{string(want), want.Label(), " " + want.Label() + " "} {
			if got, ok := sport.ParseActivityType(s); !ok || got != want {
				t.Errorf("ParseActivityType(%q) = %q, %v", s, got, ok)
			}
		}
		if !want.Valid() || want.Label() == "" || want.Family() == "" {
			t.Errorf("%s: valid %v, label %q, family %q", want, want.Valid(), want.Label(), want.Family())
		}
	}
	if _, ok := sport.ParseActivityType("Napping"); ok || sport.ActivityType("").Valid() {
		t.Error("an unknown type was taken")
	}
}

func TestFamilies(t *testing.T) {
	for typ, onFoot := range map[sport.ActivityType]bool{
		sport.Run: true, sport.TrailRun: true, sport.Hike: true, sport.Walk: true,
		sport.Ride: false, sport.GravelRide: false, sport.Swim: false, "Napping": false,
	} {
		if typ.OnFoot() != onFoot {
			t.Errorf("%s: on foot %v", typ, typ.OnFoot())
		}
	}
	if !sport.VirtualRide.Virtual() || sport.Ride.Virtual() {
		t.Error("only virtual rides are virtual")
	}
}

func TestNoListOfTypesTakesAll(t *testing.T) {
	some := []sport.ActivityType{sport.Ride, sport.GravelRide}
	if !sport.AnyType(nil, sport.Swim) || sport.AnyType(some, sport.Swim) || !sport.AnyType(some, sport.GravelRide) {
		t.Error("included types are taken wrongly")
	}
}
