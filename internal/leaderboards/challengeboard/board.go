package challengeboard

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"segmentchallenge/internal/leaderboards"
	"segmentchallenge/internal/ordered"
)

// Events lists one zero value of each, for registering what the log can hold.
var Events = []Event{
	Opened{}, SchemeSet{}, StageScored{}, PointsGiven{}, PointsTaken{}, StageCorrected{}, StageReopened{}, PointsAdjusted{},
	AthleteLimited{}, AthleteAllowed{}, Finalised{}, Reopened{}, GoalsAchieved{},
}

// State is a board as its events have made it. It is a value; the zero value does not exist yet.
type State struct {
	Exists      bool
	Ref         Ref
	Scheme      leaderboards.Scheme
	Final       bool
	Adjustments []leaderboards.Adjustment
	stages      []scored // by number
	limited     ordered.ByID[struct{}]
	lines       int
}

// scored is what a stage gave. The parts are those of the events, each in place of what an earlier one says of an athlete.
type scored struct {
	leaderboards.Stage
	worst   []leaderboards.Worst
	limited []uuid.UUID // when it was scored
	parts   []part
}

type part struct {
	given []leaderboards.Line
	taken []uuid.UUID
}

// Len is how many lines the state holds, for bounding what is kept in memory.
func (s State) Len() int { return s.lines }

// Scored says what the stages have given, by number.
func (s State) Scored() []leaderboards.Scored {
	out := make([]leaderboards.Scored, len(s.stages))
	for i, stage := range s.stages {
		out[i] = leaderboards.Scored{Stage: stage.Stage, Phase: leaderboards.Confirmed, Worst: stage.worst, Lines: stage.lines()}
	}
	return out
}

// Standings are the confirmed tables of the board's classifications.
func (s State) Standings() []leaderboards.Standings {
	return tables(s.Ref, s.Scheme, s.Scored(), s.Adjustments, s.Final)
}

func tables(ref Ref, scheme leaderboards.Scheme, given []leaderboards.Scored, by []leaderboards.Adjustment, final bool) []leaderboards.Standings {
	var out []leaderboards.Standings
	for _, c := range scheme.For(ref.Category) {
		out = append(out, leaderboards.Tabulate(c, scheme.Groups, given, by, final))
	}
	return out
}

// Limited says whether an athlete is passed over on stages that are scored now.
func (s State) Limited(athlete uuid.UUID) bool { return s.limited.Has(athlete) }

// lines are what a stage gave in the end.
func (s scored) lines() []leaderboards.Line {
	if len(s.parts) == 1 && len(s.parts[0].taken) == 0 {
		return s.parts[0].given
	}
	at, out := map[uuid.UUID]int{}, []leaderboards.Line{}
	gone := map[uuid.UUID]bool{}
	for _, p := range s.parts {
		for _, line := range p.given {
			i, known := at[line.AthleteID]
			if !known {
				i, out = len(out), append(out, line)
				at[line.AthleteID] = i
			}
			out[i] = line
			delete(gone, line.AthleteID)
		}
		for _, athlete := range p.taken {
			gone[athlete] = true
		}
	}
	return slices.DeleteFunc(out, func(l leaderboards.Line) bool { return gone[l.AthleteID] })
}

func (s State) find(stage uuid.UUID) (scored, bool) {
	i := slices.IndexFunc(s.stages, func(x scored) bool { return x.ID == stage })
	if i < 0 {
		return scored{}, false
	}
	return s.stages[i], true
}

// Evolve returns the state after e. It shares nothing with s that either could change.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Opened:
		return State{Exists: true, Ref: e.Ref, Scheme: e.Scheme}
	case SchemeSet:
		s.Scheme = e.Scheme
	case StageScored:
		s.stages = append(slices.Clip(s.stages), scored{Stage: e.Stage, worst: e.Worst, limited: e.Limited})
		slices.SortStableFunc(s.stages, func(a, b scored) int { return cmp.Compare(a.Number, b.Number) })
	case StageCorrected:
		s = s.change(e.ID, func(x *scored) { x.Stage, x.worst, x.limited = e.Stage, e.Worst, e.Limited })
	case StageReopened:
		s.stages = slices.DeleteFunc(slices.Clone(s.stages), func(x scored) bool { return x.ID == e.StageID })
	case PointsGiven:
		s.lines += len(e.Lines)
		s = s.change(e.StageID, func(x *scored) { x.parts = append(slices.Clip(x.parts), part{given: e.Lines}) })
	case PointsTaken:
		s = s.change(e.StageID, func(x *scored) { x.parts = append(slices.Clip(x.parts), part{taken: e.Athletes}) })
	case PointsAdjusted:
		s.Adjustments = append(slices.Clip(s.Adjustments), leaderboards.Adjustment{Classification: e.Classification,
			AthleteID: e.AthleteID, Points: e.Points}) // why is personal, and decides nothing
	case AthleteLimited:
		s.limited = s.limited.Set(e.AthleteID, struct{}{})
	case AthleteAllowed:
		s.limited = s.limited.Delete(e.AthleteID)
	case Finalised:
		s.Final = true
	case Reopened:
		s.Final = false
	case GoalsAchieved:
	}
	return s
}

// change replaces one stage.
func (s State) change(stage uuid.UUID, by func(*scored)) State {
	s.stages = slices.Clone(s.stages)
	for i := range s.stages {
		if s.stages[i].ID == stage {
			by(&s.stages[i])
		}
	}
	return s
}
