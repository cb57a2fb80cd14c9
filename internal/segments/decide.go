package segments

import (
	"errors"
	"math"
	"slices"

	"segmentchallenge/internal/sport"
)

// Decide says what follows from c, or refuses it by an error of this package.
func (s State) Decide(c Command) ([]Event, error) {
	if !c.Actor().SignedIn() {
		return nil, ErrSignIn
	}
	switch c := c.(type) {
	case Add:
		return s.add(c)
	case Rename:
		return s.rename(c)
	}
	return nil, nil
}

// add puts a line into the library; added by the same athlete twice (a form sent twice) it is there once.
func (s State) add(c Add) ([]Event, error) {
	if s.Exists {
		if s.OwnerID == c.By.AthleteID {
			return nil, nil
		}
		return nil, ErrExists
	}
	name, badName := sport.CleanName("name", c.Name)
	if err := errors.Join(badName, checkType(c.ActivityType), c.Geometry.check()); err != nil {
		return nil, err
	}
	return []Event{Added{c.ID, c.By.AthleteID, name, c.ActivityType, c.Origin, c.Geometry}}, nil
}

func checkType(t sport.ActivityType) error {
	if !t.Valid() {
		return ErrTypeUnknown
	}
	return nil
}

// check sees to a line that can be read again, with figures that can be stored and fit it.
func (g Geometry) check() error {
	line, err := DecodePolyline(g.Polyline)
	switch {
	case err != nil:
		return err
	case len(line) < 2:
		return ErrNoLine
	case !(g.Distance > 0) || slices.ContainsFunc(g.figures(), notFinite):
		return ErrFigures
	case len(g.Elevations) != 0 && len(g.Elevations) != len(line):
		return ErrFigures.Because("The line has another number of points than of heights.")
	}
	return nil
}

func (g Geometry) figures() []float64 {
	out := []float64{g.Distance, g.AverageGrade, g.MaximumGrade, g.ElevationLow, g.ElevationHigh, g.ElevationGain}
	out = append(append(append(out, g.Start[:]...), g.End[:]...), g.Box[:]...)
	for _, e := range g.Elevations {
		out = append(out, float64(e))
	}
	return out
}

func notFinite(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }

func (s State) rename(c Rename) ([]Event, error) {
	switch {
	case !s.Exists:
		return nil, ErrNotFound
	case !c.By.MayRun(s.OwnerID):
		return nil, ErrNotOwner
	}
	name, badName := sport.CleanName("name", c.Name)
	if err := errors.Join(badName, checkType(c.ActivityType)); err != nil {
		return nil, err
	}
	if name == s.Name && c.ActivityType == s.ActivityType {
		return nil, nil
	}
	return []Event{Renamed{s.ID, name, c.ActivityType}}, nil
}
